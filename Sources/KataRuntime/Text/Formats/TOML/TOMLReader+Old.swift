// SPDX-License-Identifier: Apache-2.0

/// What BurntSushi/toml 0.3 read otherwise than TOML 1.0 has it.
extension TOMLReader {
    var isOld: Bool { grammar == .burntSushi03 }

    /// What today's TOML has and that parser refused; `what` is `a byte order mark, which`.
    func newer(_ what: String, _ range: SourceRange) -> SyntaxProblem {
        SyntaxProblem(code: .tomlNewer, message: "\(what) the parser of its day refused", range: range)
    }

    /// A string of any kind, of which the cursor stands on the first quote.
    mutating func oldString() throws(SyntaxProblem) -> String {
        let start = cursor
        var today = ofToday
        let isBasic = cursor.byte == UInt8(ascii: "\"")
        let isMultiline = isBasic ? cursor.starts(with: "\"\"\"") : cursor.starts(with: "'''")
        var (bytes, isSound) = try oldContent(isBasic: isBasic, isMultiline: isMultiline)
        tolerateText(from: start)
        guard isSound else { return "" }
        if isMultiline {
            if isBasic { bytes = joiningLines(bytes) }
            // Only a line feed; a line end of two characters stayed in the text.
            if bytes.first == 0x0A { bytes.removeFirst() }
        }
        if isBasic, bytes.contains(UInt8(ascii: "\\")) { bytes = try unescaped(bytes, cursor.range(from: start.position)) }
        let text = repaired(bytes)
        // What TOML 1.0 refuses, it certainly does not read like this.
        let todays = isMultiline ? try? today.multilineString(isBasic: isBasic) : text
        if todays.map({ !sameScalars($0, text) }) ?? true, firstInvalidUTF8(in: bytes) == nil {
            tolerate(.tomlOldString, "TOML 1.0 reads this string otherwise; it is kept as it was read", cursor.range(from: start.position))
        }
        return text
    }

    /// That parser took the strings of values for keys too.
    mutating func oldKeyString() throws(SyntaxProblem) -> String {
        let start = cursor.position
        let isMultiline = cursor.starts(with: "\"\"\"") || cursor.starts(with: "'''")
        let text = try oldString()
        if isMultiline {
            tolerate(.tomlOldKey, "a string in triple quotes is no key to TOML 1.0; it means '\(text.clipped)'", cursor.range(from: start))
        }
        return text
    }

    private mutating func multilineString(isBasic: Bool) throws(SyntaxProblem) -> String {
        isBasic ? try multilineBasicString() : try multilineLiteralString()
    }

    /// What stands between the quotes, and whether its escapes are right; the string ended at the first quotes that could end it.
    private mutating func oldContent(isBasic: Bool, isMultiline: Bool) throws(SyntaxProblem) -> (bytes: [UInt8], isSound: Bool) {
        let opening = cursor.position
        let quotes = isMultiline ? 3 : 1
        let quote = UInt8(ascii: isBasic ? "\"" : "'")
        cursor.advance(by: quotes)
        let start = cursor.offset
        let known = diagnostics.count
        while let byte = cursor.byte, byte != 0 {
            switch byte {
            case quote where !isMultiline || cursor.peek(1) == quote && cursor.peek(2) == quote:
                let bytes = Array(cursor.bytes[start..<cursor.offset])
                cursor.advance(by: quotes)
                return (bytes, diagnostics.count == known)
            case 0x0A where !isMultiline, 0x0D where !isMultiline:
                throw unclosed(opening)
            case UInt8(ascii: "\\") where isBasic && isMultiline && (cursor.peek(1) == 0x0A || cursor.peek(1) == 0x0D):
                cursor.advance(by: 2)
            case UInt8(ascii: "\\") where isBasic:
                var ignored: [UInt8] = []
                escape(into: &ignored)
            default:
                cursor.advance()
            }
        }
        throw unclosed(opening)
    }

    /// Takes out each backslash before a line feed, even one that a backslash before it escapes, with all white space behind it.
    private func joiningLines(_ bytes: [UInt8]) -> [UInt8] {
        var joined: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            guard byte == UInt8(ascii: "\\"), rest.first == 0x0A else {
                joined.append(byte)
                continue
            }
            rest = rest.dropFirst()
            let blank = String(decoding: rest, as: UTF8.self).unicodeScalars.prefix { $0.properties.isWhitespace }
            rest = rest.dropFirst(blank.reduce(0) { $0 + UTF8.width($1) })
        }
        return joined
    }

    private func unescaped(_ bytes: [UInt8], _ range: SourceRange) throws(SyntaxProblem) -> [UInt8] {
        // Behind a quote, so that nothing is taken for a byte order mark.
        var inner = TOMLReader(SourceText(path: source.path, bytes: [UInt8(ascii: "\"")] + bytes), grammar: grammar)
        inner.cursor.advance()
        var text: [UInt8] = []
        while let byte = inner.cursor.byte {
            if byte == UInt8(ascii: "\\") {
                inner.escape(into: &text)
            } else {
                text.append(byte)
                inner.cursor.advance()
            }
        }
        guard inner.diagnostics.isEmpty else {
            let message = "a backslash at the end of a line leaves an escape on which the parser of its day ended"
            throw SyntaxProblem(code: .tomlEscape, message: message, range: range)
        }
        return text
    }

    /// Each byte that belongs to no character becomes U+FFFD, as in Go.
    func repaired(_ bytes: [UInt8]) -> String {
        var text = ""
        var start = 0
        while let wrong = firstInvalidUTF8(in: bytes, from: start) {
            text += String(decoding: bytes[start..<wrong], as: UTF8.self) + "\u{FFFD}"
            start = wrong + 1
        }
        return text + String(decoding: bytes[start...], as: UTF8.self)
    }

    /// Reports what may not stand in a comment or string today, from `start` to here.
    mutating func tolerateText(from start: ByteCursor) {
        let end = cursor.offset
        func report(_ code: DiagnosticCode, _ message: String, at offset: Int) {
            var place = start
            place.advance(by: offset - start.offset)
            let first = place.position
            place.advance()
            tolerate(code, message, place.range(from: first))
        }
        let bytes = cursor.bytes
        let control = (start.offset..<end).first { offset in
            let byte = bytes[offset]
            return !isText(byte) && byte != 0x0A && !(byte == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A)
        }
        if let control { report(.tomlOldControl, "a control character, which TOML 1.0 does not allow here; it is kept", at: control) }
        if let wrong = firstInvalidUTF8(in: Array(bytes[start.offset..<end])) {
            let message = "a byte that is not UTF-8, which TOML 1.0 does not allow; it is read as U+FFFD"
            report(.tomlOldUTF8, message, at: start.offset + wrong)
        }
    }
}
