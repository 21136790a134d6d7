// SPDX-License-Identifier: Apache-2.0

/// What go-toml 1.8 and 1.9 took besides TOML 1.0.
extension TOMLReader {
    var isGo: Bool { grammar == .goTOML1 }

    /// Whether a statement stands behind a header on its line.
    mutating func goesOnBehindHeader() throws(SyntaxProblem) -> Bool {
        skipBlanks()
        switch cursor.byte {
        case nil, 0x0A, 0x0D, UInt8(ascii: "#"): return false
        default:
            tolerate(
                .tomlOldTable, "what stands behind the header on its line belongs to the table; TOML 1.0 refuses it there",
                problem(.tomlTrailing, "").range)
            return true
        }
    }

    /// A carriage return ends no comment.
    mutating func goComment() {
        repeat {
            cursor.advance()
            cursor.advance { $0 != 0x0A && $0 != 0x0D }
        } while cursor.byte == 0x0D && cursor.peek(1) != 0x0A
    }

    /// Line ends and comments inside an inline table, which stood behind its opening brace and its commas and before its closing brace.
    mutating func goLineBreaks() throws(SyntaxProblem) {
        let start = cursor
        try skipTrivia()
        guard cursor.offset > start.offset, cursor.bytes[start.offset..<cursor.offset].contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
            return
        }
        tolerate(.tomlOldInlineTable, "an inline table of several lines, which TOML 1.0 does not allow", SourceRange(at: start.position))
    }

    /// The table in which the last part of a dotted key is set: one that a header defined can be extended too.
    mutating func goOwner(of path: [TOMLKeyPart], in table: TOMLTableBuilder) throws(SyntaxProblem) -> TOMLTableBuilder {
        var table = table
        for (index, part) in path.dropLast().enumerated() {
            let next: TOMLTableBuilder
            switch table.place(of: part).map({ table.entries[$0].content }) {
            case .table(let inner)? where [.header, .implicit].contains(inner.origin): next = inner
            case .tables(let elements)?: next = elements[elements.count - 1]
            default:
                table = try TOMLDefinition.owner(of: [part, path[index + 1]], in: table)
                continue
            }
            tolerate(.tomlOldTable, "'\(part.text.clipped)' is extended by a dotted key, which TOML 1.0 refuses", part.range)
            table = next
        }
        return table
    }
}

// Strings.
extension TOMLReader {
    /// A string of any kind, of which the cursor stands on the first quote; it ended at the first quotes that could end it.
    mutating func goString() throws(SyntaxProblem) -> String {
        let start = cursor
        let quote = cursor.bytes[cursor.offset]
        let isMultiline = cursor.peek(1) == quote && cursor.peek(2) == quote
        let known = diagnostics.count
        let todays = todaysString(quote, isMultiline)
        cursor.advance(by: isMultiline ? 3 : 1)
        if isMultiline {
            if cursor.byte == 0x0D, cursor.peek(1) == 0x0A { cursor.advance() }
            _ = cursor.take(0x0A)
        }
        var bytes: [UInt8] = []
        while !(cursor.byte == quote && (!isMultiline || cursor.peek(1) == quote && cursor.peek(2) == quote)) {
            guard let byte = cursor.byte else { throw unclosed(start.position) }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                goEscape(into: &bytes)
            } else if quote == UInt8(ascii: "\""), byte < 0x20, byte != 0x09, !(isMultiline && (byte == 0x0A || byte == 0x0D)) {
                if byte == 0x0A || byte == 0x0D { throw unclosed(start.position) }
                throw problem(.tomlControl, "a control character in a string must be written as an escape")
            } else {
                bytes.append(byte)
                cursor.advance()
            }
        }
        cursor.advance(by: isMultiline ? 3 : 1)
        tolerateText(from: start)
        let text = repaired(bytes)
        if diagnostics.count == known, todays.map({ !sameScalars($0, text) }) ?? true {
            tolerate(
                .tomlOldString, "TOML 1.0 reads this string otherwise or refuses it; it is kept as it was read",
                cursor.range(from: start.position))
        }
        return text
    }

    /// The string at the cursor by the rules of today; nil when they refuse it.
    private func todaysString(_ quote: UInt8, _ isMultiline: Bool) -> String? {
        var today = ofToday
        do throws(SyntaxProblem) {
            let text =
                switch (quote == UInt8(ascii: "\""), isMultiline) {
                case (true, true): try today.multilineBasicString()
                case (true, false): try today.basicString()
                case (false, true): try today.multilineLiteralString()
                case (false, false): try today.literalString()
                }
            return today.diagnostics.count == diagnostics.count ? text : nil
        } catch {
            return nil
        }
    }

    /// Besides today's escapes `\/`, and white space of any kind, which went; what is no scalar became U+FFFD.
    private mutating func goEscape(into bytes: inout [UInt8]) {
        switch cursor.peek(1) {
        case 0x20, 0x09, 0x0A, 0x0D:
            cursor.advance()
            cursor.advance { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        case UInt8(ascii: "/"):
            cursor.advance(by: 2)
            bytes.append(UInt8(ascii: "/"))
        case UInt8(ascii: "u") where isNoScalar(digits: 4), UInt8(ascii: "U") where isNoScalar(digits: 8):
            cursor.advance(by: cursor.peek(1) == UInt8(ascii: "u") ? 6 : 10)
            bytes.append(contentsOf: "\u{FFFD}".utf8)
        default: escape(into: &bytes)
        }
    }

    private func isNoScalar(digits: Int) -> Bool {
        let values = (2..<(2 + digits)).map { cursor.peek($0).flatMap(hexDigit) }
        guard !values.contains(nil) else { return false }
        return Unicode.Scalar(values.reduce(UInt32(0)) { $0 << 4 | UInt32($1 ?? 0) }) == nil
    }
}

extension TOMLScalar {
    /// A word as go-toml read it, with the spelling of today when TOML 1.0 refuses the word.
    ///
    /// It took zeros in front of floats, of numbers with a sign and of one digit, and an underscore behind the last digit before a point.
    static func goKind(of word: Word) throws(TOMLScalarProblem) -> (kind: TOMLValue.Kind, todays: String?) {
        let refusal: TOMLScalarProblem
        do throws(TOMLScalarProblem) {
            return (try kind(of: word), nil)
        } catch {
            refusal = error
        }
        let sign = word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-") ? word.prefix(1) : []
        var plain: [UInt8] = []
        for (place, byte) in zip(word.indices, word) where place >= word.startIndex + sign.count {
            let next = word.dropFirst(place - word.startIndex + 1).first
            let isLoose = byte == UInt8(ascii: "_") && (plain.last.map(isDigit) ?? false) && ".eE".utf8.contains(next ?? 0)
            if !isLoose { plain.append(byte) }
        }
        guard plain.first.map(isDigit) == true else { throw refusal }
        let isFloat = plain.contains { ".eE".utf8.contains($0) }
        if plain.first == UInt8(ascii: "0"), !isFloat, sign.isEmpty, plain.count(where: isDigit) > 2 { throw refusal }
        while plain.first == UInt8(ascii: "0"), let next = plain.dropFirst().first(where: { $0 != UInt8(ascii: "_") }), isDigit(next) {
            plain = Array(plain[(plain.dropFirst().firstIndex { $0 != UInt8(ascii: "_") } ?? 1)...])
        }
        let todays = Array(sign) + plain
        do throws(TOMLScalarProblem) {
            return (try kind(of: todays[...]), String(decoding: todays, as: UTF8.self))
        } catch {
            throw refusal
        }
    }
}
