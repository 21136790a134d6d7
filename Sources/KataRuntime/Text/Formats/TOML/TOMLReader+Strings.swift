// SPDX-License-Identifier: Apache-2.0

/// Wrong escapes and control characters are reported without leaving the string: what follows them is still text, not statements.
extension TOMLReader {
    /// `"…"`; the cursor stands on the quote.
    mutating func basicString() throws(SyntaxProblem) -> String {
        let opening = cursor.position
        cursor.advance()
        let start = cursor.offset
        cursor.advance { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && isText($0) }
        if cursor.byte == UInt8(ascii: "\"") {
            let text = cursor.text(from: start)
            cursor.advance()
            return text
        }
        var bytes = Array(cursor.bytes[start..<cursor.offset])
        while let byte = cursor.byte, byte != 0x0A {
            switch byte {
            case UInt8(ascii: "\""):
                cursor.advance()
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                escape(into: &bytes)
            case 0x0D where cursor.peek(1) == 0x0A:
                throw unclosed(opening)
            default:
                character(byte, into: &bytes)
            }
        }
        throw unclosed(opening)
    }

    /// `'…'`; the cursor stands on the quote.
    mutating func literalString() throws(SyntaxProblem) -> String {
        let opening = cursor.position
        cursor.advance()
        var bytes: [UInt8] = []
        while let byte = cursor.byte, byte != 0x0A {
            if cursor.take(UInt8(ascii: "'")) { return String(decoding: bytes, as: UTF8.self) }
            if byte == 0x0D, cursor.peek(1) == 0x0A { break }
            character(byte, into: &bytes)
        }
        throw unclosed(opening)
    }

    /// `"""…"""`.
    mutating func multilineBasicString() throws(SyntaxProblem) -> String {
        let opening = openMultiline()
        var bytes: [UInt8] = []
        while let byte = cursor.byte {
            switch byte {
            case UInt8(ascii: "\""):
                if closeMultiline(UInt8(ascii: "\""), into: &bytes) { return String(decoding: bytes, as: UTF8.self) }
            case UInt8(ascii: "\\"):
                if !continuation() { escape(into: &bytes) }
            default:
                multilineCharacter(byte, into: &bytes)
            }
        }
        throw unclosed(opening)
    }

    /// `'''…'''`.
    mutating func multilineLiteralString() throws(SyntaxProblem) -> String {
        let opening = openMultiline()
        var bytes: [UInt8] = []
        while let byte = cursor.byte {
            if byte == UInt8(ascii: "'") {
                if closeMultiline(byte, into: &bytes) { return String(decoding: bytes, as: UTF8.self) }
            } else {
                multilineCharacter(byte, into: &bytes)
            }
        }
        throw unclosed(opening)
    }

    /// Past the three quotes and a line end directly behind them.
    private mutating func openMultiline() -> SourcePosition {
        let opening = cursor.position
        cursor.advance(by: 3)
        if cursor.byte == 0x0D, cursor.peek(1) == 0x0A { cursor.advance() }
        _ = cursor.take(0x0A)
        return opening
    }

    /// Takes a run of quotes: one or two are text, and so are up to two before the three that close.
    private mutating func closeMultiline(_ quote: UInt8, into bytes: inout [UInt8]) -> Bool {
        var run = 0
        while run < 5, cursor.take(quote) { run += 1 }
        let closes = run >= 3
        bytes.append(contentsOf: repeatElement(quote, count: closes ? run - 3 : run))
        return closes
    }

    private mutating func multilineCharacter(_ byte: UInt8, into bytes: inout [UInt8]) {
        if byte == 0x0A || byte == 0x0D && cursor.peek(1) == 0x0A {
            bytes.append(byte)
            cursor.advance()
        } else {
            character(byte, into: &bytes)
        }
    }

    private mutating func character(_ byte: UInt8, into bytes: inout [UInt8]) {
        if !isText(byte) {
            report(problem(.tomlControl, "a control character in a string must be written as an escape"))
        }
        bytes.append(byte)
        cursor.advance()
    }

    /// A backslash at the end of a line takes the white space up to the next text with it.
    private mutating func continuation() -> Bool {
        var ahead = cursor
        ahead.advance()
        ahead.advance { $0 == 0x20 || $0 == 0x09 }
        guard ahead.byte == 0x0A || ahead.byte == 0x0D && ahead.peek(1) == 0x0A else { return false }
        while let byte = ahead.byte, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D && ahead.peek(1) == 0x0A {
            ahead.advance()
        }
        cursor = ahead
        return true
    }

    mutating func escape(into bytes: inout [UInt8]) {
        let start = cursor.position
        cursor.advance()
        switch cursor.byte {
        case UInt8(ascii: "b"): simple(0x08, into: &bytes)
        case UInt8(ascii: "t"): simple(0x09, into: &bytes)
        case UInt8(ascii: "n"): simple(0x0A, into: &bytes)
        case UInt8(ascii: "f"): simple(0x0C, into: &bytes)
        case UInt8(ascii: "r"): simple(0x0D, into: &bytes)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): simple(cursor.bytes[cursor.offset], into: &bytes)
        case UInt8(ascii: "u"): unicodeEscape(digits: 4, from: start, into: &bytes)
        case UInt8(ascii: "U"): unicodeEscape(digits: 8, from: start, into: &bytes)
        default:
            if newEscape(from: start, into: &bytes) { return }
            let message = "unknown escape '\\' before \(describe(cursor)); a backslash itself is written '\\\\'"
            report(SyntaxProblem(code: .tomlEscape, message: message, range: cursor.range(from: start)))
        }
    }

    private mutating func simple(_ byte: UInt8, into bytes: inout [UInt8]) {
        bytes.append(byte)
        cursor.advance()
    }

    mutating func unicodeEscape(digits: Int, from start: SourcePosition, into bytes: inout [UInt8]) {
        cursor.advance()
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = cursor.byte, let digit = hexDigit(byte) else {
                let message = "expected \(digits) hexadecimal digits in the escape"
                return report(SyntaxProblem(code: .tomlEscape, message: message, range: cursor.range(from: start)))
            }
            value = value << 4 | UInt32(digit)
            cursor.advance()
        }
        guard let scalar = Unicode.Scalar(value) else {
            let message = "the escape is not a Unicode scalar value"
            return report(SyntaxProblem(code: .tomlEscape, message: message, range: cursor.range(from: start)))
        }
        bytes.append(contentsOf: String(scalar).utf8)
    }

    func unclosed(_ opening: SourcePosition) -> SyntaxProblem {
        let quote = SourcePosition(line: opening.line, column: opening.column + 1, offset: opening.offset + 1)
        return SyntaxProblem(code: .tomlString, message: "the string is not closed", range: SourceRange(start: opening, end: quote))
    }
}

func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }
