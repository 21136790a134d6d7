// SPDX-License-Identifier: Apache-2.0

extension TOMLReader {
    /// Any value; `depth` counts the tables and arrays around it.
    mutating func value(depth: Int) throws(SyntaxProblem) -> TOMLValue {
        let start = cursor.position
        guard depth < ReadingLimits.depth else {
            throw problem(.tomlTooDeep, "more than \(ReadingLimits.depth) tables or arrays inside each other")
        }
        switch cursor.byte {
        case UInt8(ascii: "\""):
            let text = try isOld ? oldString() : isGo ? goString() : cursor.starts(with: "\"\"\"") ? multilineBasicString() : basicString()
            return TOMLValue(.string(text), range: cursor.range(from: start))
        case UInt8(ascii: "'"):
            let text = try isOld ? oldString() : isGo ? goString() : cursor.starts(with: "'''") ? multilineLiteralString() : literalString()
            return TOMLValue(.string(text), range: cursor.range(from: start))
        case UInt8(ascii: "["):
            return try array(depth: depth)
        case UInt8(ascii: "{"):
            return try inlineTable(depth: depth)
        case nil, 0x0A, 0x0D, UInt8(ascii: "#"):
            throw SyntaxProblem(code: .tomlValue, message: "a value is missing", range: SourceRange(at: start))
        default:
            return try bareValue()
        }
    }

    private mutating func array(depth: Int) throws(SyntaxProblem) -> TOMLValue {
        let start = cursor.position
        cursor.advance()
        var elements: [TOMLValue] = []
        while true {
            try skipTrivia()
            if cursor.take(UInt8(ascii: "]")) { break }
            if cursor.byte == UInt8(ascii: ",") { throw problem(.tomlArray, "expected a value in the array, found ','") }
            guard !cursor.atEnd else { throw unclosedArray(start) }
            elements.append(try value(depth: depth + 1))
            try skipTrivia()
            if cursor.take(UInt8(ascii: ",")) { continue }
            if cursor.take(UInt8(ascii: "]")) { break }
            guard !cursor.atEnd else { throw unclosedArray(start) }
            throw problem(
                .tomlArray, "expected ',' or ']' in the array that starts at line \(start.line), found \(describe(cursor))")
        }
        if isOld, let first = elements.first, let other = elements.first(where: { !$0.isOldType(of: first) }) {
            report(newer("an array with \(first.typeName) and \(other.typeName), which", other.range))
        }
        return TOMLValue(.array(elements), range: cursor.range(from: start))
    }

    private func unclosedArray(_ start: SourcePosition) -> SyntaxProblem {
        let bracket = SourcePosition(line: start.line, column: start.column + 1, offset: start.offset + 1)
        return SyntaxProblem(code: .tomlArray, message: "the array is not closed", range: SourceRange(start: start, end: bracket))
    }

    private mutating func inlineTable(depth: Int) throws(SyntaxProblem) -> TOMLValue {
        let start = cursor.position
        cursor.advance()
        let table = TOMLTableBuilder(.inline, range: SourceRange(at: start), depth: depth)
        skipBlanks()
        try inlineLineBreaks()
        if !cursor.take(UInt8(ascii: "}")) {
            repeat {
                skipBlanks()
                try inlineLineBreaks()
                try refuseLineBreak()
                if try endsBehindComma() { break }
                try inlineKeyValue(in: table)
                if isNew { try newLineBreaks() } else { skipBlanks() }
            } while cursor.take(UInt8(ascii: ","))
            try inlineLineBreaks()
            try refuseLineBreak()
            guard cursor.take(UInt8(ascii: "}")) else {
                throw problem(.tomlInlineTable, "expected ',' or '}' in the inline table, found \(describe(cursor))")
            }
        }
        table.range = cursor.range(from: start)
        return TOMLValue(.table(table.frozen), range: table.range)
    }

    /// Line ends that may stand before a key or brace.
    private mutating func inlineLineBreaks() throws(SyntaxProblem) {
        switch grammar {
        case .toml10, .burntSushi03: break
        case .toml11: try newLineBreaks()
        case .goTOML1: try goLineBreaks()
        }
    }

    private mutating func endsBehindComma() throws(SyntaxProblem) -> Bool {
        guard cursor.byte == UInt8(ascii: "}") else { return false }
        let problem = problem(.tomlInlineTable, "a comma must not stand before the end of an inline table")
        let what = "a comma before the end of an inline table"
        switch grammar {
        case .toml10, .goTOML1: throw problem
        case .toml11: noteNew(what, problem.range)
        case .burntSushi03: tolerate(.tomlOldInlineTable, "\(what), which TOML 1.0 does not allow", problem.range)
        }
        return true
    }

    private mutating func inlineKeyValue(in table: TOMLTableBuilder) throws(SyntaxProblem) {
        let (path, value) = try keyValue(depth: table.depth)
        let last = path[path.count - 1]
        if isOld || isGo && path.count == 1, let place = table.place(of: last) {
            let line = table.entries[place].part.range.start.line
            tolerate(.tomlOldInlineTable, "'\(last.text.clipped)' replaces the value of line \(line); TOML 1.0 refuses this", last.range)
            return table.replace(at: place, with: .value(value))
        }
        let owner = try TOMLDefinition.owner(of: path, in: table)
        _ = try TOMLDefinition.set(last, to: value, in: owner)
    }

    private mutating func refuseLineBreak() throws(SyntaxProblem) {
        switch cursor.byte {
        case nil, 0x0A, 0x0D, UInt8(ascii: "#"):
            let message = isNew ? "the inline table is not closed" : "an inline table must end on the line where it starts"
            let found = problem(.tomlInlineTable, message)
            // Its further lines are no statements.
            enterNextLine()
            throw found
        default: return
        }
    }

    /// Numbers, booleans and dates.
    private mutating func bareValue() throws(SyntaxProblem) -> TOMLValue {
        let start = cursor.position
        cursor.advance(while: isBare)
        if cursor.offset == start.offset {
            throw problem(.tomlValue, "expected a value, found \(describe(cursor))")
        }
        // A blank may stand for the T between date and time.
        if !isOld, cursor.offset - start.offset == 10, cursor.bytes[start.offset + 4] == UInt8(ascii: "-"), cursor.byte == 0x20,
            let hour = cursor.peek(1), isDigit(hour), cursor.peek(3) == UInt8(ascii: ":")
        {
            cursor.advance()
            cursor.advance(while: isBare)
        }
        let word = cursor.bytes[start.offset..<cursor.offset]
        do throws(TOMLScalarProblem) {
            let (kind, todays) =
                switch grammar {
                case .toml10: (try TOMLScalar.kind(of: word), nil as String?)
                case .toml11: (try newKind(of: word, from: start), nil)
                case .burntSushi03: try TOMLScalar.oldKind(of: word)
                case .goTOML1: try TOMLScalar.goKind(of: word)
                }
            if let todays { tolerate(.tomlOldNumber, "TOML 1.0 writes this \(todays), as which it is read", cursor.range(from: start)) }
            return TOMLValue(kind, range: cursor.range(from: start))
        } catch {
            throw SyntaxProblem(code: error.code, message: error.message, range: cursor.range(from: start))
        }
    }
}

extension TOMLReader {
    private mutating func newKind(of word: TOMLScalar.Word, from start: SourcePosition) throws(TOMLScalarProblem) -> TOMLValue.Kind {
        let (kind, isShort) = try TOMLScalar.newKind(of: word)
        if isShort { noteNew("a time without seconds", cursor.range(from: start)) }
        return kind
    }
}

extension TOMLValue {
    /// Whether both are of one of the seven types that BurntSushi/toml told apart.
    fileprivate func isOldType(of other: TOMLValue) -> Bool {
        switch (kind, other.kind) {
        case (.string, .string), (.integer, .integer), (.float, .float), (.boolean, .boolean), (.array, .array), (.table, .table): true
        case (.string, _), (.integer, _), (.float, _), (.boolean, _), (.array, _), (.table, _): false
        // Dates of every form are one type.
        default:
            other.string == nil && other.integer == nil && other.float == nil && other.boolean == nil && other.array == nil
                && other.table == nil
        }
    }
}

private func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"): true
    // Not part of any value, but part of what the user took for one: the message should show the whole word.
    case UInt8(ascii: "/"), UInt8(ascii: "%"): true
    default: isLetter(byte) || isDigit(byte) || byte >= 0x80
    }
}
