// SPDX-License-Identifier: Apache-2.0

extension TOMLEmission.Value {
    /// A value that was read, to be written again; tables in braces stay in braces, dotted keys become headers.
    public init(_ value: TOMLValue) {
        switch value.kind {
        case .string(let value): self = .string(value)
        case .integer(let value): self = .integer(value)
        case .float(let value): self = .float(value)
        case .boolean(let value): self = .boolean(value)
        case .offsetDateTime(let value): self = .offsetDateTime(value)
        case .localDateTime(let value): self = .localDateTime(value)
        case .localDate(let value): self = .localDate(value)
        case .localTime(let value): self = .localTime(value)
        case .table(let table) where table.origin == .inline: self = .inline(TOMLEmission.Table(table))
        case .table(let table): self = .table(TOMLEmission.Table(table))
        case .array(let elements):
            if elements.first?.table?.origin == .header {
                self = .tables(elements.compactMap { $0.table.map { TOMLEmission.Table($0) } })
            } else {
                self = .array(elements.map { Self($0) })
            }
        }
    }
}

extension TOMLEmission.Table {
    /// A table that was read, with the comments of its entries.
    public init(_ table: TOMLTable) {
        self.init(
            table.entries.map { entry in
                TOMLEmission.Entry(
                    entry.key, TOMLEmission.Value(entry.value), above: entry.commentsBefore.map(\.text), behind: entry.commentBehind?.text)
            })
    }
}

extension TOMLValue {
    /// Whether two values are equal wherever and however they were written; keys in any order, not-a-number equals itself.
    public func hasSameContent(as other: TOMLValue) -> Bool {
        switch (kind, other.kind) {
        case (.string(let a), .string(let b)): sameScalars(a, b)
        case (.integer(let a), .integer(let b)): a == b
        case (.float(let a), .float(let b)): a == b || a.isNaN && b.isNaN
        case (.boolean(let a), .boolean(let b)): a == b
        case (.offsetDateTime(let a), .offsetDateTime(let b)): a == b
        case (.localDateTime(let a), .localDateTime(let b)): a == b
        case (.localDate(let a), .localDate(let b)): a == b
        case (.localTime(let a), .localTime(let b)): a == b
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.hasSameContent(as: $1) }
        case (.table(let a), .table(let b)): a.hasSameContent(as: b)
        default: false
        }
    }
}

extension TOMLTable {
    /// Whether two tables have the same keys and values, in any order.
    public func hasSameContent(as other: TOMLTable) -> Bool {
        entries.count == other.entries.count
            && entries.allSatisfy { entry in other[entry.key].map { entry.value.hasSameContent(as: $0) } ?? false }
    }
}
