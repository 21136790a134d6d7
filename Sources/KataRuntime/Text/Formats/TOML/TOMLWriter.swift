// SPDX-License-Identifier: Apache-2.0

/// Spells a `TOMLEmission`.
struct TOMLWriter {
    private(set) var bytes: [UInt8] = []

    /// Arrays that would be wider are written with one element per line.
    private static let widestArray = 100

    mutating func write(_ document: TOMLEmission) {
        comments(document.preface)
        if !document.preface.isEmpty { put("\n") }
        body(document.root, path: [])
    }

    /// Entries first, then what needs headers.
    private mutating func body(_ table: TOMLEmission.Table, path: [String]) {
        for entry in table.entries where !entry.value.needsHeader {
            comments(entry.above)
            put("\(Self.spelled(key: entry.key)) = \(Self.spelled(entry.value))")
            lineEnd(entry.behind)
        }
        for entry in table.entries where entry.value.needsHeader {
            let inner = path + [entry.key]
            switch entry.value {
            case .table(let child):
                section(child, "[\(Self.spelled(path: inner))]", inner, above: entry.above + child.above, behind: entry.behind)
            case .tables(let children):
                for (index, child) in children.enumerated() {
                    section(
                        child, "[[\(Self.spelled(path: inner))]]", inner, above: (index == 0 ? entry.above : []) + child.above,
                        behind: index == 0 ? entry.behind : nil)
                }
            default:
                preconditionFailure("only tables and arrays of tables need headers")
            }
        }
    }

    private mutating func section(
        _ table: TOMLEmission.Table, _ header: String, _ path: [String], above: [String], behind: String?
    ) {
        if !bytes.isEmpty, !bytes.suffix(2).elementsEqual([0x0A, 0x0A]) { put("\n") }
        comments(above)
        put(header)
        lineEnd(behind)
        body(table, path: path)
    }

    private mutating func comments(_ lines: [String]) {
        for line in lines.flatMap({ $0.split(separator: "\n", omittingEmptySubsequences: false) }) {
            put(line.isEmpty ? "#\n" : "# \(Self.printable(String(line)))\n")
        }
    }

    private mutating func lineEnd(_ comment: String?) {
        if let comment {
            put("  # \(Self.printable(comment.split(separator: "\n").joined(separator: " ")))")
        }
        put("\n")
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Comments know no escapes, so characters that may not stand in one are shown as what they are.
    private static func printable(_ text: String) -> String {
        if !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return text }
        var printable = ""
        for scalar in text.unicodeScalars {
            if (scalar.value < 0x20 && scalar != "\t") || scalar.value == 0x7F {
                printable += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                printable.unicodeScalars.append(scalar)
            }
        }
        return printable
    }

    static func spelled(path: [String]) -> String { path.map { spelled(key: $0) }.joined(separator: ".") }

    static func spelled(key: String) -> String {
        let isBare =
            !key.isEmpty && key.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
        return isBare ? key : spelled(string: key)
    }

    static func spelled(_ value: TOMLEmission.Value) -> String {
        switch value {
        case .string(let text): spelled(string: text)
        case .integer(let number): String(number)
        case .float(let number): spelled(float: number)
        case .boolean(let value): value ? "true" : "false"
        case .offsetDateTime(let value): value.description
        case .localDateTime(let value): value.description
        case .localDate(let value): value.description
        case .localTime(let value): value.description
        case .array(let elements): spelled(array: elements)
        case .inline(let table), .table(let table): spelled(inline: table)
        case .tables(let tables): spelled(array: tables.map { .inline($0) })
        }
    }

    private static func spelled(array elements: [TOMLEmission.Value]) -> String {
        let parts = elements.map { spelled($0) }
        let width = parts.reduce(0) { $0 + $1.utf8.count + 2 }
        if width <= widestArray || elements.count < 2 { return "[\(parts.joined(separator: ", "))]" }
        return "[\n" + parts.map { "    \($0),\n" }.joined() + "]"
    }

    private static func spelled(inline table: TOMLEmission.Table) -> String {
        guard !table.entries.isEmpty else { return "{}" }
        return "{ \(table.entries.map { "\(spelled(key: $0.key)) = \(spelled($0.value))" }.joined(separator: ", ")) }"
    }

    private static func spelled(float number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return number.description
    }

    static func spelled(string text: String) -> String {
        var spelled = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": spelled += "\\\""
            case "\\": spelled += "\\\\"
            case "\n": spelled += "\\n"
            case "\r": spelled += "\\r"
            case "\t": spelled += "\\t"
            case _ where scalar.isTerminalControl:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                spelled += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: spelled.unicodeScalars.append(scalar)
            }
        }
        return spelled + "\""
    }
}

extension TOMLEmission.Value {
    /// An array of no tables has no header to show that it is there.
    fileprivate var needsHeader: Bool {
        switch self {
        case .table: true
        case .tables(let tables): !tables.isEmpty
        default: false
        }
    }
}
