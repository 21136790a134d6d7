// SPDX-License-Identifier: Apache-2.0

extension TOMLReader {
    /// `[a.b]` or `[[a.b]]`; the cursor stands on the first bracket.
    mutating func header() throws(SyntaxProblem) -> (path: [TOMLKeyPart], isArray: Bool) {
        cursor.advance()
        let isArray = cursor.take(UInt8(ascii: "["))
        skipBlanks()
        if cursor.byte == UInt8(ascii: "]") { throw problem(.tomlHeader, "a table header needs a name") }
        let path = try keyPath()
        let closed = cursor.take(UInt8(ascii: "]")) && (!isArray || cursor.take(UInt8(ascii: "]")))
        guard closed else {
            throw problem(.tomlHeader, "expected '\(isArray ? "]]" : "]")' behind the table's name, found \(describe(cursor))")
        }
        return (path, isArray)
    }

    /// A key, dotted or not, with the blanks behind it.
    mutating func keyPath() throws(SyntaxProblem) -> [TOMLKeyPart] {
        skipBlanks()
        var parts = [try keyPart()]
        skipBlanks()
        // Most keys have one part; a longer one is given room at once.
        if cursor.byte == UInt8(ascii: ".") { parts.reserveCapacity(4) }
        while cursor.take(UInt8(ascii: ".")) {
            skipBlanks()
            parts.append(try keyPart())
            skipBlanks()
            guard parts.count < ReadingLimits.depth else {
                throw problem(.tomlTooDeep, "a key of more than \(ReadingLimits.depth) parts")
            }
        }
        return parts
    }

    mutating func keyPart() throws(SyntaxProblem) -> TOMLKeyPart {
        let start = cursor.position
        switch cursor.byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let text = isOld ? try oldKeyString() : cursor.byte == UInt8(ascii: "'") ? try literalString() : try basicString()
            return TOMLKeyPart(text: text, range: cursor.range(from: start))
        default:
            cursor.advance { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
            guard cursor.offset > start.offset else {
                let hint = (cursor.byte ?? 0) >= 0x80 ? "; other characters than A-Z a-z 0-9 _ - need quotes" : ""
                throw problem(.tomlKey, "expected a key, found \(describe(cursor))\(hint)")
            }
            return TOMLKeyPart(text: cursor.text(from: start.offset), range: cursor.range(from: start))
        }
    }
}
