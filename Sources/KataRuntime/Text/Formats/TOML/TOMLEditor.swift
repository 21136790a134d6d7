// SPDX-License-Identifier: Apache-2.0

/// Collects changes of one document: first what is to be done in which table, then the bytes.
struct TOMLEditor {
    let document: TOMLDocument
    private var replacements: [TextEdit] = []
    /// Keys that lack, in the tables that lack them; a table without keys is only to be there.
    private var additions: [(place: Place, lines: [(path: [String], value: TOMLEmission.Value)])] = []
    private var removals: [(table: TOMLTable, entry: TOMLEntry)] = []

    /// Where keys are to be added.
    private struct Place: Equatable {
        /// The path of the innermost table that is there.
        let existing: [String]
        /// The tables that lack, from there on; they get one header.
        let missing: [String]
    }

    init(_ document: TOMLDocument) { self.document = document }

    var source: SourceText { document.source }

    /// Changes must not contradict each other.
    mutating func make(_ change: TOMLChange) throws(DocumentEditError) {
        let (found, depth) = try walk(to: change.path)
        switch change {
        case .remove(let path):
            guard depth == path.count - 1, let entry = found.entry(path[depth]) else { return }
            guard entry.isOneStatement else { throw .hasHeaders(path: path) }
            removals.append((textualOwner(of: Array(path.dropLast())).table, entry))
        case .set(let path, let value):
            guard depth == path.count - 1, let entry = found.entry(path[depth]) else {
                return add(value, at: path, below: depth, of: found)
            }
            if case .table(let table) = value, table.entries.isEmpty {
                guard entry.value.table != nil else { throw .notATable(path: path) }
                return
            }
            guard entry.isOneStatement else { throw .hasHeaders(path: path) }
            guard !entry.value.hasSameContent(as: value) else { return }
            replacements.append(edit(entry.value.range, spelled(value)))
        }
    }

    /// The innermost table on the way to a key, and how many parts of the path led to it.
    private func walk(to path: [String]) throws(DocumentEditError) -> (TOMLTable, Int) {
        var table = document.root
        for (depth, part) in path.dropLast().enumerated() {
            guard let entry = table.entry(part) else { return (table, depth) }
            guard let next = entry.value.table else { throw .notATable(path: Array(path.prefix(depth + 1))) }
            table = next
        }
        return (table, path.count - 1)
    }

    private mutating func add(_ value: TOMLEmission.Value, at path: [String], below depth: Int, of table: TOMLTable) {
        var isBareHeader = false
        if case .table = value { isBareHeader = true }
        // Braces and dotted keys take further dotted keys; headers would be refused there.
        let takesHeaders = table.origin != .inline && table.origin != .dotted
        let missing = takesHeaders ? Array(path[depth...].dropLast(isBareHeader ? 0 : 1)) : []
        let place = Place(existing: Array(path.prefix(depth)), missing: missing)
        let index = additions.firstIndex { $0.place == place } ?? additions.endIndex
        if index == additions.endIndex { additions.append((place, [])) }
        guard !takesHeaders || !isBareHeader else { return }
        let key = Array(path[(depth + missing.count)...])
        additions[index].lines.append((key, isBareHeader ? .inline(TOMLEmission.Table()) : value))
    }

    /// All of it, as edits that do not overlap.
    var edits: [TextEdit] {
        var result = replacements
        let removed = removals.map(\.entry.value.range)
        // Where several are inserted at one place, keys have to come before the headers of others, and those of the root before all.
        for (place, lines) in additions.filter({ $0.place.existing.isEmpty && $0.place.missing.isEmpty })
            + additions.filter({ !$0.place.existing.isEmpty && $0.place.missing.isEmpty })
        {
            result += inserted(lines, in: table(at: place.existing), at: place.existing, removed)
        }
        for (place, lines) in additions where !place.missing.isEmpty {
            result.append(section(lines, of: table(at: place.existing), at: place.existing, place.missing))
        }
        return result + removalEdits
    }

    /// The table that was found at a path.
    private func table(at path: [String]) -> TOMLTable {
        path.reduce(document.root) { $0.entry($1)?.value.table ?? $0 }
    }

    func edit(_ range: SourceRange, _ text: String) -> TextEdit { TextEdit(file: source.path, range: range, replacement: text) }

    func spelled(_ value: TOMLEmission.Value) -> String {
        let text = TOMLWriter.spelled(value)
        // Only arrays of several lines hold line feeds; those in strings are escaped.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count == 1 ? text : lines.joined(separator: source.lineBreak)
    }

    func line(_ path: [String], _ value: TOMLEmission.Value) -> String { "\(TOMLWriter.spelled(path: path)) = \(spelled(value))" }
}

// MARK: - Removing

extension TOMLEditor {
    private var removalEdits: [TextEdit] {
        var lines: [Range<Int>] = []
        var inBraces: [(table: TOMLTable, ranges: [SourceRange])] = []
        for (table, entry) in removals {
            guard table.origin == .inline else {
                lines.append(wholeLines(of: entry))
                continue
            }
            if let index = inBraces.firstIndex(where: { $0.table.range == table.range }) {
                inBraces[index].ranges.append(entry.value.range)
            } else {
                inBraces.append((table, [entry.value.range]))
            }
        }
        // The first line goes with the break behind it, which the second, if it goes too, has before it: then its own goes as well.
        let joined = lines.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: [Range<Int>]()) { joined, next in
            if let last = joined.last, next.lowerBound < last.upperBound {
                let end = min(next.upperBound + source.lineBreak.utf8.count, source.bytes.count)
                joined[joined.count - 1] = last.lowerBound..<end
            } else {
                joined.append(next)
            }
        }
        return joined.map { edit(source.range($0), "") }
            + inBraces.flatMap { table, ranges in
                runs(of: table.ownStatements.map { ($0.value.range.end.offset, ranges.contains($0.value.range)) }, in: table)
            }
    }

    /// The lines of a statement with the break before them, so that what is added behind them has its place.
    private func wholeLines(of entry: TOMLEntry) -> Range<Int> {
        let start = source.lineStart(of: entry.keyRange.start.offset)
        let end = source.lineEnd(of: entry.value.range.end.offset)
        guard start > 0, source.bytes[start - 1] == 0x0A else {
            return start..<min(end + source.lineBreak.utf8.count, source.bytes.count)
        }
        return (start > 1 && source.bytes[start - 2] == 0x0D ? start - 2 : start - 1)..<end
    }

    /// Members in braces that go, each with the comma that parts it from one that stays.
    private func runs(of members: [(end: Int, goes: Bool)], in table: TOMLTable) -> [TextEdit] {
        var result: [TextEdit] = []
        var index = 0
        while index < members.count {
            guard members[index].goes else {
                index += 1
                continue
            }
            let first = index
            while index < members.count, members[index].goes { index += 1 }
            let end = members[index - 1].end
            if first > 0 {
                result.append(edit(source.range(members[first - 1].end..<end), ""))
            } else {
                let start = skippingBlanks(table.range.start.offset + 1)
                // Some grammars allow a comma behind the last one.
                let comma = skippingTrivia(end)
                let next = source.bytes[comma] == UInt8(ascii: ",") ? skippingBlanks(comma + 1) : end
                result.append(edit(source.range(start..<next), ""))
            }
        }
        return result
    }

    /// Line ends and comments, which may stand before a comma, as well.
    private func skippingTrivia(_ offset: Int) -> Int {
        var offset = skippingBlanks(offset)
        while offset < source.bytes.count, [0x0A, 0x0D, UInt8(ascii: "#")].contains(source.bytes[offset]) {
            offset = skippingBlanks(source.bytes[offset] == UInt8(ascii: "#") ? source.lineEnd(of: offset) : offset + 1)
        }
        return offset
    }

    func skippingBlanks(_ offset: Int) -> Int {
        var offset = offset
        while offset < source.bytes.count, source.bytes[offset] == 0x20 || source.bytes[offset] == 0x09 { offset += 1 }
        return offset
    }
}

extension TOMLEntry {
    /// Whether one `key = value` says all of it.
    fileprivate var isOneStatement: Bool {
        switch value.kind {
        case .table(let table): table.origin == .inline
        case .array(let elements): elements.first?.table?.origin != .header
        default: true
        }
    }
}

extension TOMLTable {
    /// The `key = value`s that stand in this table's own text, its dotted ones included, in their order.
    var ownStatements: [TOMLEntry] {
        var result: [TOMLEntry] = []
        for entry in entries {
            if let table = entry.value.table, table.origin == .dotted {
                result += table.ownStatements
            } else if entry.isOneStatement {
                result.append(entry)
            }
        }
        return result.sorted { $0.value.range.end < $1.value.range.end }
    }
}

extension TOMLValue {
    /// Whether a value that was read equals one that is to be written.
    fileprivate func hasSameContent(as value: TOMLEmission.Value) -> Bool {
        switch (kind, value) {
        case (.string(let a), .string(let b)): sameScalars(a, b)
        case (.integer(let a), .integer(let b)): a == b
        case (.float(let a), .float(let b)): a == b || a.isNaN && b.isNaN
        case (.boolean(let a), .boolean(let b)): a == b
        case (.offsetDateTime(let a), .offsetDateTime(let b)): a == b
        case (.localDateTime(let a), .localDateTime(let b)): a == b
        case (.localDate(let a), .localDate(let b)): a == b
        case (.localTime(let a), .localTime(let b)): a == b
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.hasSameContent(as: $1) }
        case (.array(let a), .tables(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.hasSameContent(as: .table($1)) }
        case (.table(let a), .inline(let b)), (.table(let a), .table(let b)):
            a.entries.count == b.entries.count
                && b.entries.allSatisfy { entry in a[entry.key]?.hasSameContent(as: entry.value) ?? false }
        default: false
        }
    }
}
