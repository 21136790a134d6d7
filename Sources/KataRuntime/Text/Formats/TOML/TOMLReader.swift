// SPDX-License-Identifier: Apache-2.0

/// Reads TOML, statement by statement.
struct TOMLReader {
    let source: SourceText
    private(set) var grammar: TOMLGrammar
    var cursor: ByteCursor
    private(set) var diagnostics: [Diagnostic] = []
    private var errors = 0
    private var comments: [TOMLComment] = []
    /// Comment lines since the last blank line or statement.
    private var pending: [TOMLComment] = []
    private let root: TOMLTableBuilder
    /// The table that the last header opened.
    private var current: TOMLTableBuilder
    private var oldTables = TOMLOldTables()
    private var goTables = TOMLGoTables()
    /// The header that was read last, if the next one may stand beside it.
    private var lastHeader: SiblingHeader?
    /// The start of the line that was last entered inside a value.
    private var lineStart: ByteCursor

    init(_ source: SourceText, grammar: TOMLGrammar) {
        self.source = source
        self.grammar = grammar
        self.cursor = ByteCursor(source.bytes)
        self.lineStart = cursor
        let whole = SourceRange(start: .start, end: source.position(at: source.bytes.count))
        self.root = TOMLTableBuilder(.root, range: whole, depth: 0)
        self.current = root
    }

    mutating func read() -> Parsed<TOMLDocument> {
        if isOld {
            if cursor.offset > 0 { report(newer("a byte order mark, which", SourceRange(at: .start))) }
        } else if !isGo, let offset = firstInvalidUTF8(in: source.bytes) {
            let utf16 = source.bytes.starts(with: [0xFF, 0xFE]) || source.bytes.starts(with: [0xFE, 0xFF])
            let message = utf16 ? "the file is UTF-16, TOML must be UTF-8" : "invalid UTF-8 in TOML text"
            report(SyntaxProblem(code: .tomlNotUTF8, message: message, range: SourceRange(at: source.position(at: offset))))
            return Parsed(value: nil, diagnostics: diagnostics)
        }
        while !cursor.atEnd, errors < ReadingLimits.diagnostics {
            let start = cursor.offset
            do throws(SyntaxProblem) {
                try statement()
            } catch {
                report(error)
                resynchronise(behind: start)
            }
        }
        if errors >= ReadingLimits.diagnostics {
            report(
                SyntaxProblem(
                    code: .tomlGivenUp, message: "too many problems, the rest is not read", range: SourceRange(at: cursor.position)))
        }
        return Parsed(value: TOMLDocument(source: source, root: root.frozen, comments: comments), diagnostics: diagnostics)
    }

    mutating func report(_ problem: SyntaxProblem) {
        errors += 1
        diagnostics.append(
            Diagnostic(severity: .error, code: problem.code, message: problem.message, path: source.path, range: problem.range))
    }

    /// Reports what a parser accepts although TOML 1.0 does not, or reads otherwise; the first few of them say enough.
    mutating func tolerate(_ code: DiagnosticCode, _ message: String, _ range: SourceRange, severity: Severity = .warning) {
        guard diagnostics.count - errors < ReadingLimits.diagnostics else { return }
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }

    /// The same reader with the rules of today.
    var ofToday: TOMLReader {
        var reader = self
        reader.grammar = .toml10
        return reader
    }

    /// One line, or as many as its value takes.
    private mutating func statement() throws(SyntaxProblem) {
        skipBlanks()
        switch cursor.byte {
        case nil:
            return
        case 0x0A, 0x0D:
            pending = []
            try newline()
        case UInt8(ascii: "#"):
            pending.append(try comment())
            if !cursor.atEnd { try newline() }
        case UInt8(ascii: "["):
            try headerStatement()
        default:
            try keyStatement()
        }
    }

    private mutating func headerStatement() throws(SyntaxProblem) {
        let before = takePending()
        let start = cursor.position
        // Keys below a header that failed belong to no known table; they are read all the same.
        current = TOMLTableBuilder(.header, range: SourceRange(at: start), depth: 0)
        let defined = try definedByHeader(from: start)
        current = defined.table
        defined.owner.comment(at: defined.place, before: before)
        if isGo, try goesOnBehindHeader() { return }
        if let behind = try lineEnd(behind: "a table header") {
            defined.owner.comment(at: defined.place, behind: behind)
        }
    }

    private mutating func definedByHeader(from start: SourcePosition) throws(SyntaxProblem) -> TOMLDefinition.Defined {
        let former = lastHeader
        lastHeader = nil
        if let former, let last = try sibling(of: former) {
            let defined = try TOMLDefinition.open(last, isArray: false, range: cursor.range(from: start), in: former.owner)
            lastHeader = former
            return defined
        }
        let (path, isArray) = try header()
        let defined = try define(path, isArray: isArray, range: cursor.range(from: start))
        if !isArray, !isOld, !isGo, path.count > 1 {
            lastHeader = SiblingHeader(spelling: start.offset..<path[path.count - 1].range.start.offset, owner: defined.owner)
        }
        return defined
    }

    /// What `[a.b.` begins when the header before began with the same bytes: nothing but keys of its own table can stand between the two,
    /// so that they lead to the same place, and the last part alone is read.
    private mutating func sibling(of header: SiblingHeader) throws(SyntaxProblem) -> TOMLKeyPart? {
        let saved = cursor
        guard cursor.take(sameAs: header.spelling) else { return nil }
        let last = try keyPart()
        skipBlanks()
        if cursor.take(UInt8(ascii: "]")) { return last }
        cursor = saved
        return nil
    }

    private struct SiblingHeader {
        /// From the bracket to the last part.
        let spelling: Range<Int>
        let owner: TOMLTableBuilder
    }

    private mutating func define(_ path: [TOMLKeyPart], isArray: Bool, range: SourceRange) throws(SyntaxProblem) -> TOMLDefinition.Defined {
        var warning: String?
        let defined: TOMLDefinition.Defined
        switch grammar {
        case .burntSushi03: (defined, warning) = try oldTables.header(path, isArray: isArray, range: range, in: root)
        case .goTOML1:
            let spelling = source.bytes[range.start.offset..<range.end.offset]
            (defined, warning) = try goTables.header(path, isArray: isArray, spelling: spelling, range: range, in: root)
        case .toml10 where isArray, .toml11 where isArray: defined = try TOMLDefinition.arrayHeader(path, range: range, in: root)
        case .toml10, .toml11: defined = try TOMLDefinition.header(path, range: range, in: root)
        }
        if let warning { tolerate(.tomlOldTable, warning, range) }
        return defined
    }

    private mutating func keyStatement() throws(SyntaxProblem) {
        let before = takePending()
        let (path, value) = try keyValue(depth: current.depth)
        let (owner, place) = try set(path, to: value)
        owner.comment(at: place, before: before)
        if let behind = try lineEnd(behind: "a value") {
            owner.comment(at: place, behind: behind)
        }
    }

    private mutating func set(_ path: [TOMLKeyPart], to value: TOMLValue) throws(SyntaxProblem) -> (owner: TOMLTableBuilder, place: Int) {
        let last = path[path.count - 1]
        if isOld, let (place, warning) = try oldTables.withoutEffect(last, in: current) {
            tolerate(.tomlOldTable, warning, last.range)
            return (current, place)
        }
        let owner = isGo ? try goOwner(of: path, in: current) : try TOMLDefinition.owner(of: path, in: current)
        return (owner, try TOMLDefinition.set(last, to: value, in: owner))
    }

    /// `key = value`, in a table with `depth` tables around it.
    mutating func keyValue(depth: Int) throws(SyntaxProblem) -> (path: [TOMLKeyPart], value: TOMLValue) {
        let path = try keyPath()
        if isOld, path.count > 1 {
            throw newer("a dotted key, which", SourceRange(start: path[0].range.start, end: path[path.count - 1].range.end))
        }
        guard cursor.take(UInt8(ascii: "=")) else {
            throw problem(.tomlKey, "expected '=' behind the key, found \(describe(cursor))")
        }
        skipBlanks()
        return (path, try value(depth: depth + path.count))
    }

    private mutating func takePending() -> [TOMLComment] {
        guard !pending.isEmpty else { return [] }
        defer { pending = [] }
        return pending
    }

    /// To the next line that can be a statement: the next one, or inside a broken array the first that does not look like an element.
    private mutating func resynchronise(behind start: Int) {
        pending = []
        guard lineStart.offset > start else { return cursor.skipLine() }
        cursor = lineStart
        while !cursor.atEnd, !looksLikeStatement() { cursor.skipLine() }
    }

    private mutating func looksLikeStatement() -> Bool {
        let saved = cursor
        defer { cursor = saved }
        skipBlanks()
        do throws(SyntaxProblem) {
            if cursor.byte == UInt8(ascii: "[") {
                _ = try header()
                skipBlanks()
                return cursor.atEnd || cursor.byte == 0x0A || cursor.byte == 0x0D || cursor.byte == UInt8(ascii: "#")
            }
            _ = try keyPath()
            return cursor.byte == UInt8(ascii: "=")
        } catch {
            return false
        }
    }
}

// MARK: - Blanks, line ends, comments

extension TOMLReader {
    mutating func skipBlanks() {
        cursor.advance { $0 == 0x20 || $0 == 0x09 }
    }

    /// Blanks, line ends and comments, as arrays have them between their elements.
    mutating func skipTrivia() throws(SyntaxProblem) {
        while true {
            skipBlanks()
            switch cursor.byte {
            case 0x0A, 0x0D:
                try newline()
                lineStart = cursor
            case UInt8(ascii: "#"):
                _ = try comment()
            default:
                return
            }
        }
    }

    /// Marks the next line as one inside a value, where reading goes on after a problem only with what looks like a statement.
    mutating func enterNextLine() {
        cursor.skipLine()
        lineStart = cursor
    }

    mutating func newline() throws(SyntaxProblem) {
        if cursor.byte == 0x0D, cursor.peek(1) != 0x0A {
            let problem = problem(.tomlControl, "a carriage return must be followed by a line feed")
            guard isOld || isGo else { throw problem }
            // A file of such lines is said to be one once.
            if !diagnostics.contains(where: { $0.code == .tomlOldLine }) {
                tolerate(
                    .tomlOldLine, "a carriage return without a line feed ended a line, as it does to the parser of its day", problem.range)
            }
        } else {
            cursor.advance { $0 == 0x0D }
        }
        cursor.advance()
    }

    /// What must stand behind a statement: nothing, or a comment.
    private mutating func lineEnd(behind what: String) throws(SyntaxProblem) -> TOMLComment? {
        skipBlanks()
        if isOld, cursor.byte == 0 {
            tolerate(
                .tomlOldEnd, "the parser of its day stopped at this NUL, so the rest of the file has no effect",
                problem(.tomlControl, "").range)
            cursor.advance { _ in true }
            return nil
        }
        let found = cursor.byte == UInt8(ascii: "#") ? try comment() : nil
        guard cursor.atEnd || cursor.byte == 0x0A || cursor.byte == 0x0D else {
            throw problem(.tomlTrailing, "expected the end of the line behind \(what), found \(describe(cursor))")
        }
        if !cursor.atEnd { try newline() }
        return found
    }

    private mutating func comment() throws(SyntaxProblem) -> TOMLComment {
        let start = cursor.position
        let opening = cursor
        switch grammar {
        case .burntSushi03: cursor.advance { $0 != 0 && $0 != 0x0A && $0 != 0x0D }
        case .goTOML1: goComment()
        case .toml10, .toml11: cursor.advance(while: isText)
        }
        if isOld || isGo { tolerateText(from: opening) }
        if let byte = cursor.byte, byte != 0x0A, byte != 0x0D {
            throw problem(.tomlControl, "control characters are not allowed in a comment")
        }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let text = cursor.bytes[(start.offset + 1)..<cursor.offset].drop(while: isBlank)
        let kept = text.dropLast(text.reversed().prefix(while: isBlank).count)
        let comment = TOMLComment(text: String(decoding: kept, as: UTF8.self), range: cursor.range(from: start))
        comments.append(comment)
        return comment
    }

    /// A problem with the one character here.
    func problem(_ code: DiagnosticCode, _ message: String) -> SyntaxProblem {
        var next = cursor
        next.advance()
        let end = cursor.byte == 0x0A ? cursor.position : next.position
        return SyntaxProblem(code: code, message: message, range: SourceRange(start: cursor.position, end: end))
    }
}
