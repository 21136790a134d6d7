// SPDX-License-Identifier: Apache-2.0

/// What TOML 1.1 takes besides TOML 1.0.
extension TOMLReader {
    var isNew: Bool { grammar == .toml11 }

    /// Reports what is not in TOML 1.0, each kind of it once: the other programs that read the file may be older.
    mutating func noteNew(_ what: String, _ range: SourceRange) {
        let message = "\(what), which is new in TOML 1.1"
        guard !diagnostics.contains(where: { $0.code == .tomlNew && $0.message == message }) else { return }
        tolerate(.tomlNew, message, range, severity: .note)
    }

    /// Line ends and comments between the parts of an inline table.
    mutating func newLineBreaks() throws(SyntaxProblem) {
        let start = cursor
        try skipTrivia()
        guard cursor.offset > start.offset, cursor.bytes[start.offset..<cursor.offset].contains(0x0A) else { return }
        noteNew("an inline table of several lines", SourceRange(at: start.position))
    }

    /// `\e` and `\x41`; the cursor stands behind the backslash. False when it is neither.
    mutating func newEscape(from start: SourcePosition, into bytes: inout [UInt8]) -> Bool {
        guard isNew else { return false }
        let known = diagnostics.count
        switch cursor.byte {
        case UInt8(ascii: "e"):
            bytes.append(0x1B)
            cursor.advance()
        case UInt8(ascii: "x"): unicodeEscape(digits: 2, from: start, into: &bytes)
        default: return false
        }
        if diagnostics.count == known { noteNew("this escape", cursor.range(from: start)) }
        return true
    }
}

extension TOMLScalar {
    /// A word, and whether it is a time without seconds.
    static func newKind(of word: Word) throws(TOMLScalarProblem) -> (kind: TOMLValue.Kind, isShort: Bool) {
        do throws(TOMLScalarProblem) {
            return (try kind(of: word), false)
        } catch {
            var reader = TOMLDateTimeReader(word, secondsMayLack: true)
            guard error.code == .tomlDateTime, let kind = reader.read() else { throw error }
            return (kind, true)
        }
    }
}
