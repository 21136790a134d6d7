// SPDX-License-Identifier: Apache-2.0

/// Which headers go-toml 1.8 and 1.9 held for repeated: those of one spelling, blanks and quotes included.
///
/// A header of another spelling went on with the table, and so did one of a table that dotted keys had made.
struct TOMLGoTables {
    private var seen: Set<String> = []

    /// What a header opens, with a warning when TOML 1.0 refuses it.
    mutating func header(
        _ path: [TOMLKeyPart], isArray: Bool, spelling: ArraySlice<UInt8>, range: SourceRange, in root: TOMLTableBuilder
    ) throws(SyntaxProblem) -> (TOMLDefinition.Defined, warning: String?) {
        var table = root
        for part in path.dropLast() { table = try TOMLDefinition.inner(part, of: table) }
        let last = path[path.count - 1]
        let name = String(decoding: spelling.dropFirst(isArray ? 2 : 1).dropLast(isArray ? 2 : 1), as: UTF8.self)
        if isArray { seen = seen.filter { !$0.hasPrefix(name + ".") } }
        let isNew = seen.insert(name).inserted
        guard !isArray, let place = table.place(of: last) else {
            return (try TOMLDefinition.open(last, isArray: isArray, range: range, in: table), nil)
        }
        let found: TOMLTableBuilder
        switch table.entries[place].content {
        case .table(let inner) where isNew && [.header, .dotted].contains(inner.origin): found = inner
        case .tables(let inner) where isNew: found = inner[inner.count - 1]
        default: return (try TOMLDefinition.open(last, isArray: false, range: range, in: table), nil)
        }
        let line = table.entries[place].part.range.start.line
        let warning = "'\(last.text.clipped)' goes on with what line \(line) defined; TOML 1.0 refuses this as a second definition"
        return (.init(table: found, owner: table, place: place), warning)
    }
}
