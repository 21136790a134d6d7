// SPDX-License-Identifier: Apache-2.0

/// Which tables BurntSushi/toml 0.3 held for named but not yet defined.
///
/// It noted them by their names joined with points, wherever those names had come to stand since. A header or key of a noted name was
/// therefore no second definition: the header went on with what was there, the key had no effect, and the note was gone.
struct TOMLOldTables {
    private var implicit: Set<String> = []
    /// Of the table that the last header opened; nil before the first.
    private var current: [String]?
    /// Whether the last header named a value that is no table, on which any key would have ended that parser.
    private var isNoTable = false

    /// What a header opens, with a warning when TOML 1.0 refuses it.
    mutating func header(
        _ path: [TOMLKeyPart], isArray: Bool, range: SourceRange, in root: TOMLTableBuilder
    ) throws(SyntaxProblem) -> (TOMLDefinition.Defined, warning: String?) {
        var table = root
        var warning: String?
        var names: [String] = []
        for part in path.dropLast() {
            names.append(part.text)
            if table.place(of: part) == nil { implicit.insert(names.joined(separator: ".")) }
            if table.thaw(part) { warning = "'\(part.text.clipped)' is an inline table, which TOML 1.0 does not let headers extend" }
            table = try TOMLDefinition.inner(part, of: table)
        }
        let last = path[path.count - 1]
        names.append(last.text)
        current = names
        isNoTable = false
        guard !isArray, let place = table.place(of: last) else {
            return (try TOMLDefinition.open(last, isArray: isArray, range: range, in: table), warning)
        }
        guard implicit.remove(names.joined(separator: ".")) != nil else {
            throw TOMLDefinition.redefined(last, table.entries[place], "is defined twice")
        }
        table.thaw(last)
        let found: TOMLTableBuilder
        switch table.entries[place].content {
        case .table(let inner) where inner.origin == .implicit:
            return (try TOMLDefinition.open(last, isArray: false, range: range, in: table), warning)
        case .table(let inner): found = inner
        case .tables(let inner): found = inner[inner.count - 1]
        case .value:
            isNoTable = true
            found = try table.child(.header, range: range)
        }
        let line = table.entries[place].part.range.start.line
        warning = "'\(last.text.clipped)' goes on with what line \(line) defined; TOML 1.0 refuses this as a second definition"
        return (.init(table: found, owner: table, place: place), warning)
    }

    /// The entry that stays as it is although a key sets it again, and why; nil when the key is to be set.
    mutating func withoutEffect(_ part: TOMLKeyPart, in table: TOMLTableBuilder) throws(SyntaxProblem) -> (place: Int, warning: String)? {
        if isNoTable {
            throw SyntaxProblem(
                code: .tomlRedefinition, message: "the header above names no table; the parser of its day ended here", range: part.range)
        }
        let name = ((current ?? []) + [part.text]).joined(separator: ".")
        guard let place = table.place(of: part), implicit.remove(name) != nil else { return nil }
        let line = table.entries[place].part.range.start.line
        return (place, "'\(part.text.clipped)' has no effect: what line \(line) defined stayed; TOML 1.0 refuses this")
    }
}

extension TOMLTableBuilder {
    /// Makes an inline table one that can be extended; false when the key is none.
    @discardableResult
    fileprivate func thaw(_ part: TOMLKeyPart) -> Bool {
        guard let place = place(of: part), case .value(let value) = entries[place].content, let table = value.table else { return false }
        let builder = TOMLTableBuilder(.inline, range: table.range, depth: depth + 1)
        for entry in table.entries {
            builder.add(.init(part: TOMLKeyPart(text: entry.key, range: entry.keyRange), content: .value(entry.value)))
        }
        replace(at: place, with: .table(builder))
        return true
    }
}
