// SPDX-License-Identifier: Apache-2.0

/// Which table a header or key means, and whether it may be defined there: the rules of TOML 1.0 on keys, tables and arrays of tables.
enum TOMLDefinition {
    /// The table that `[path]` opens.
    static func header(_ path: [TOMLKeyPart], range: SourceRange, in root: TOMLTableBuilder) throws(SyntaxProblem) -> Defined {
        let (parent, last) = try headerParent(path, in: root)
        return try open(last, isArray: false, range: range, in: parent)
    }

    /// The new element of an array of tables that `[[path]]` opens.
    static func arrayHeader(_ path: [TOMLKeyPart], range: SourceRange, in root: TOMLTableBuilder) throws(SyntaxProblem) -> Defined {
        let (parent, last) = try headerParent(path, in: root)
        return try open(last, isArray: true, range: range, in: parent)
    }

    /// What the last part of a header opens in the table that the parts before it lead to.
    static func open(
        _ last: TOMLKeyPart, isArray: Bool, range: SourceRange, in parent: TOMLTableBuilder
    ) throws(SyntaxProblem) -> Defined {
        if isArray { return try openElement(last, range: range, in: parent) }
        guard let place = parent.place(of: last) else {
            let table = try parent.child(.header, range: range)
            let place = parent.add(.init(part: last, content: .table(table)))
            return Defined(table: table, owner: parent, place: place)
        }
        guard case .table(let table) = parent.entries[place].content else {
            throw taken(last, parent.entries[place], "a table")
        }
        switch table.origin {
        case .implicit:
            table.origin = .header
            table.range = range
            return Defined(table: table, owner: parent, place: place)
        case .dotted:
            throw redefined(last, parent.entries[place], "was defined by dotted keys and cannot be defined again by a header")
        case .root, .header, .inline:
            throw redefined(last, parent.entries[place], "is defined twice")
        }
    }

    private static func openElement(
        _ last: TOMLKeyPart, range: SourceRange, in parent: TOMLTableBuilder
    ) throws(SyntaxProblem) -> Defined {
        let table = try parent.child(.header, range: range)
        guard let place = parent.place(of: last) else {
            return Defined(table: table, owner: parent, place: parent.add(.init(part: last, content: .tables([table]))))
        }
        guard case .tables(var tables) = parent.entries[place].content else {
            throw taken(last, parent.entries[place], "an array of tables")
        }
        parent.replace(at: place, with: .table(table))  // so that the array is extended in place
        tables.append(table)
        parent.replace(at: place, with: .tables(tables))
        return Defined(table: table, owner: parent, place: place)
    }

    /// The table in which the last part of a dotted key of `table` is to be set; the parts before it are made where they lack.
    static func owner(of path: [TOMLKeyPart], in table: TOMLTableBuilder) throws(SyntaxProblem) -> TOMLTableBuilder {
        var table = table
        for part in path.dropLast() {
            guard let place = table.place(of: part) else {
                let next = try table.child(.dotted, range: part.range)
                table.add(.init(part: part, content: .table(next)))
                table = next
                continue
            }
            let entry = table.entries[place]
            guard case .table(let next) = entry.content else { throw taken(part, entry, "a table") }
            guard next.origin == .dotted else {
                throw redefined(part, entry, "was defined by a header and cannot be extended by dotted keys")
            }
            table = next
        }
        return table
    }

    /// Sets the last part of a key in its owner.
    static func set(_ part: TOMLKeyPart, to value: TOMLValue, in owner: TOMLTableBuilder) throws(SyntaxProblem) -> Int {
        if let place = owner.place(of: part) {
            let line = owner.entries[place].part.range.start.line
            throw SyntaxProblem(
                code: .tomlDuplicateKey, message: "key '\(part.text.clipped)' is set twice (first at line \(line))", range: part.range)
        }
        return owner.add(.init(part: part, content: .value(value)))
    }

    /// What a header opened, and the entry that stands for it.
    struct Defined {
        let table: TOMLTableBuilder
        let owner: TOMLTableBuilder
        let place: Int
    }

    private static func headerParent(
        _ path: [TOMLKeyPart], in root: TOMLTableBuilder
    ) throws(SyntaxProblem) -> (TOMLTableBuilder, TOMLKeyPart) {
        var table = root
        for part in path.dropLast() { table = try inner(part, of: table) }
        // The grammar has no header without a key.
        return (table, path[path.count - 1])
    }

    /// The table that a part of a header before the last leads to; it is made where it lacks.
    static func inner(_ part: TOMLKeyPart, of table: TOMLTableBuilder) throws(SyntaxProblem) -> TOMLTableBuilder {
        guard let place = table.place(of: part) else {
            let next = try table.child(.implicit, range: part.range)
            table.add(.init(part: part, content: .table(next)))
            return next
        }
        switch table.entries[place].content {
        case .table(let next): return next
        case .tables(let tables): return tables[tables.count - 1]
        case .value: throw taken(part, table.entries[place], "a table")
        }
    }

    private static func taken(_ part: TOMLKeyPart, _ entry: TOMLTableBuilder.Entry, _ wanted: String) -> SyntaxProblem {
        let line = entry.part.range.start.line
        let message: String
        switch entry.content {
        case .value(let value) where value.table != nil:
            message = "'\(part.text.clipped)' is an inline table since line \(line) and cannot be extended"
        case .value(let value):
            message = "'\(part.text.clipped)' is \(value.typeName) since line \(line), it cannot be \(wanted) here"
        case .table:
            message = "'\(part.text.clipped)' is a table since line \(line), it cannot be \(wanted) here"
        case .tables:
            message = "'\(part.text.clipped)' is an array of tables since line \(line), it cannot be \(wanted) here"
        }
        return SyntaxProblem(code: .tomlRedefinition, message: message, range: part.range)
    }

    static func redefined(_ part: TOMLKeyPart, _ entry: TOMLTableBuilder.Entry, _ what: String) -> SyntaxProblem {
        let message = "table '\(part.text.clipped)' \(what) (first at line \(entry.part.range.start.line))"
        return SyntaxProblem(code: .tomlRedefinition, message: message, range: part.range)
    }
}
