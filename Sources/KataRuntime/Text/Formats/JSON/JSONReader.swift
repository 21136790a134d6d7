// SPDX-License-Identifier: Apache-2.0

/// A problem of syntax, on its way from where it was seen to the list of findings.
struct SyntaxProblem: Error {
    let code: DiagnosticCode
    let message: String
    let range: SourceRange
}

/// Recursive descent over RFC 8259.
struct JSONReader {
    private let source: SourceText
    var cursor: ByteCursor
    private var diagnostics: [Diagnostic] = []

    init(_ source: SourceText) {
        self.source = source
        self.cursor = ByteCursor(source.bytes)
    }

    mutating func read() -> Parsed<JSONDocument> {
        if let offset = firstInvalidUTF8(in: source.bytes) {
            report(.jsonNotUTF8, .error, "invalid UTF-8 in JSON text", SourceRange(at: source.position(at: offset)))
            return Parsed(value: nil, diagnostics: diagnostics)
        }
        do throws(SyntaxProblem) {
            skipSpace()
            let root = try value(depth: 0)
            skipSpace()
            if !cursor.atEnd {
                throw problem(.jsonSyntax, "text behind the end of the JSON value")
            }
            return Parsed(value: JSONDocument(source: source, root: root), diagnostics: diagnostics)
        } catch {
            report(error.code, .error, error.message, error.range)
            return Parsed(value: nil, diagnostics: diagnostics)
        }
    }

    private mutating func value(depth: Int) throws(SyntaxProblem) -> JSONValue {
        let start = cursor.position
        guard depth < ReadingLimits.depth else {
            throw problem(.jsonTooDeep, "more than \(ReadingLimits.depth) values inside each other")
        }
        switch cursor.byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""):
            let text = try string()
            return JSONValue(.string(text), range: cursor.range(from: start))
        case .some(let byte) where byte == UInt8(ascii: "-") || isDigit(byte):
            let text = try number()
            return JSONValue(.number(text), range: cursor.range(from: start))
        case nil: throw problem(.jsonSyntax, "expected a value, found the end of the text")
        default: return try literal()
        }
    }

    private mutating func literal() throws(SyntaxProblem) -> JSONValue {
        let start = cursor.position
        cursor.advance { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
        switch cursor.text(from: start.offset) {
        case "true": return JSONValue(.bool(true), range: cursor.range(from: start))
        case "false": return JSONValue(.bool(false), range: cursor.range(from: start))
        case "null": return JSONValue(.null, range: cursor.range(from: start))
        case "":
            let found = describe(cursor)
            throw problem(.jsonSyntax, "expected a value, found \(found)")
        case let word:
            let message = "expected a value, found '\(word.clipped)'\(suggestion(for: word, in: ["true", "false", "null"]))"
            throw SyntaxProblem(code: .jsonSyntax, message: message, range: cursor.range(from: start))
        }
    }

    private mutating func array(depth: Int) throws(SyntaxProblem) -> JSONValue {
        let start = cursor.position
        cursor.advance()
        var elements: [JSONValue] = []
        skipSpace()
        if !cursor.take(UInt8(ascii: "]")) {
            repeat {
                skipSpace()
                try refuseTrailingComma(before: UInt8(ascii: "]"), in: "an array")
                elements.append(try value(depth: depth + 1))
                skipSpace()
            } while cursor.take(UInt8(ascii: ","))
            try close(UInt8(ascii: "]"), "array", openedAt: start)
        }
        return JSONValue(.array(elements), range: cursor.range(from: start))
    }

    private mutating func object(depth: Int) throws(SyntaxProblem) -> JSONValue {
        let start = cursor.position
        cursor.advance()
        var members: [JSONMember] = []
        var seen: [ExactName: SourcePosition] = [:]
        skipSpace()
        if !cursor.take(UInt8(ascii: "}")) {
            repeat {
                skipSpace()
                try refuseTrailingComma(before: UInt8(ascii: "}"), in: "an object")
                let member = try member(depth: depth)
                if let earlier = seen.updateValue(member.keyRange.start, forKey: ExactName(member.key)) {
                    let message =
                        "key '\(member.key.clipped)' occurs twice in one object, the last one counts (first at line \(earlier.line))"
                    report(.jsonDuplicateKey, .warning, message, member.keyRange)
                }
                members.append(member)
                skipSpace()
            } while cursor.take(UInt8(ascii: ","))
            try close(UInt8(ascii: "}"), "object", openedAt: start)
        }
        return JSONValue(.object(members), range: cursor.range(from: start))
    }

    private mutating func member(depth: Int) throws(SyntaxProblem) -> JSONMember {
        let start = cursor.position
        guard cursor.byte == UInt8(ascii: "\"") else {
            throw problem(.jsonSyntax, "expected a key in double quotes, found \(describe(cursor))")
        }
        let key = try string()
        let keyRange = cursor.range(from: start)
        skipSpace()
        guard cursor.take(UInt8(ascii: ":")) else {
            throw problem(.jsonSyntax, "expected ':' behind the key '\(key.clipped)', found \(describe(cursor))")
        }
        skipSpace()
        return JSONMember(key: key, keyRange: keyRange, value: try value(depth: depth + 1))
    }

    private func refuseTrailingComma(before closing: UInt8, in container: String) throws(SyntaxProblem) {
        guard cursor.byte == closing else { return }
        throw problem(.jsonSyntax, "a comma must not stand before the end of \(container)")
    }

    private mutating func close(_ closing: UInt8, _ container: String, openedAt start: SourcePosition) throws(SyntaxProblem) {
        guard !cursor.take(closing) else { return }
        let wanted = Character(Unicode.Scalar(closing))
        throw problem(
            .jsonSyntax, "expected ',' or '\(wanted)' in the \(container) that starts at line \(start.line), found \(describe(cursor))")
    }

    private mutating func skipSpace() {
        cursor.advance { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    }

    /// A problem with the one character here.
    func problem(_ code: DiagnosticCode, _ message: String) -> SyntaxProblem {
        var next = cursor
        next.advance()
        return SyntaxProblem(code: code, message: message, range: SourceRange(start: cursor.position, end: next.position))
    }

    private mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange) {
        // The error that ends the reading is always kept.
        guard diagnostics.count < ReadingLimits.diagnostics || severity == .error else { return }
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}

func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
}

/// The character at a cursor, for messages: `'x'`, `the end of the line`, `the end of the text`.
func describe(_ cursor: ByteCursor) -> String {
    guard let byte = cursor.byte else { return "the end of the text" }
    if byte == 0x0A || byte == 0x0D && cursor.peek(1) == 0x0A { return "the end of the line" }
    let text = String(decoding: cursor.bytes[cursor.offset..<min(cursor.offset + 4, cursor.bytes.count)], as: UTF8.self)
    guard let scalar = text.unicodeScalars.first, !scalar.isTerminalControl else {
        return "the character U+\(String(text.unicodeScalars.first?.value ?? 0, radix: 16, uppercase: true))"
    }
    return "'\(scalar)'"
}
