// SPDX-License-Identifier: Apache-2.0

extension JSONReader {
    /// Clause 7; the cursor stands on the opening quote.
    mutating func string() throws(SyntaxProblem) -> String {
        let opening = cursor.position
        cursor.advance()
        let start = cursor.offset
        cursor.advance { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 >= 0x20 }
        if cursor.byte == UInt8(ascii: "\"") {
            let text = cursor.text(from: start)
            cursor.advance()
            return text
        }
        var bytes = Array(cursor.bytes[start..<cursor.offset])
        while true {
            switch cursor.byte {
            case UInt8(ascii: "\""):
                cursor.advance()
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                bytes.append(contentsOf: try escape().utf8)
            case nil, 0x0A:
                let range = SourceRange(start: opening, end: cursor.position)
                throw SyntaxProblem(code: .jsonString, message: "the string is not closed", range: range)
            case .some(let byte) where byte < 0x20:
                throw problem(.jsonString, "a control character in a string must be written as an escape")
            case .some(let byte):
                bytes.append(byte)
                cursor.advance()
            }
        }
    }

    private mutating func escape() throws(SyntaxProblem) -> String {
        let start = cursor.position
        cursor.advance()
        guard let letter = cursor.byte else {
            throw SyntaxProblem(code: .jsonString, message: "the string is not closed", range: cursor.range(from: start))
        }
        cursor.advance()
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(try unicodeEscape(from: start))
        default:
            throw SyntaxProblem(code: .jsonString, message: "unknown escape in a string", range: cursor.range(from: start))
        }
    }

    /// `\uXXXX`, or two of them for a scalar beyond the basic plane; lone surrogates are refused because no text can hold them.
    private mutating func unicodeEscape(from start: SourcePosition) throws(SyntaxProblem) -> Unicode.Scalar {
        let first = try fourHexDigits(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        if first < 0xDC00, cursor.starts(with: "\\u") {
            cursor.advance(by: 2)
            let second = try fourHexDigits(from: start)
            if (0xDC00..<0xE000).contains(second), let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) {
                return scalar
            }
        }
        throw SyntaxProblem(code: .jsonString, message: "half a surrogate pair in a string", range: cursor.range(from: start))
    }

    private mutating func fourHexDigits(from start: SourcePosition) throws(SyntaxProblem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = cursor.byte, let digit = hexDigit(byte) else {
                let range = cursor.range(from: start)
                throw SyntaxProblem(code: .jsonString, message: "expected four hexadecimal digits behind \\u", range: range)
            }
            value = value << 4 | UInt32(digit)
            cursor.advance()
        }
        return value
    }

    /// Clause 6, as written.
    mutating func number() throws(SyntaxProblem) -> String {
        let start = cursor.position
        _ = cursor.take(UInt8(ascii: "-"))
        var sound = digits()
        let leading = cursor.bytes[start.offset..<cursor.offset].drop { $0 == UInt8(ascii: "-") }
        if leading.count > 1, leading.first == UInt8(ascii: "0") { sound = false }
        if cursor.take(UInt8(ascii: ".")), !digits() { sound = false }
        if cursor.take(UInt8(ascii: "e")) || cursor.take(UInt8(ascii: "E")) {
            if !cursor.take(UInt8(ascii: "+")) { _ = cursor.take(UInt8(ascii: "-")) }
            if !digits() { sound = false }
        }
        guard sound else {
            throw SyntaxProblem(code: .jsonNumber, message: "this is not a JSON number", range: cursor.range(from: start))
        }
        return cursor.text(from: start.offset)
    }

    private mutating func digits() -> Bool {
        let start = cursor.offset
        cursor.advance(while: isDigit)
        return cursor.offset > start
    }
}

/// The value of a hexadecimal digit.
func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
