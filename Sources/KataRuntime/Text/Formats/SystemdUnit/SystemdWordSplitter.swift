// SPDX-License-Identifier: Apache-2.0

/// Splits a value into words: systemd.syntax(7), "Quoting".
struct SystemdWordSplitter {
    private let line: SystemdLogicalLine
    private let source: SourceText
    private var rest: Range<Int>
    private var diagnostics: [Diagnostic] = []

    init(_ assignment: SystemdAssignment, source: SourceText) {
        self.line = assignment.logical
        self.source = source
        self.rest = assignment.valueOffsets
    }

    mutating func split() -> Parsed<[SystemdWord]> {
        var words: [SystemdWord] = []
        while true {
            rest = rest.lowerBound + rest.prefix { isUnitBlank(line.bytes[$0]) }.count..<rest.upperBound
            guard !rest.isEmpty else { break }
            words.append(word())
        }
        return Parsed(value: words, diagnostics: diagnostics)
    }

    private mutating func word() -> SystemdWord {
        let start = rest.lowerBound
        var text: [UInt8] = []
        var quote: (byte: UInt8, offset: Int)?
        while let byte = next, quote != nil || !isUnitBlank(byte) {
            if byte == UInt8(ascii: "\\") {
                escape(into: &text)
                continue
            }
            rest = rest.dropFirst()
            if byte == 0 { report(.unitEscape, "a word cannot hold the character NUL", (rest.lowerBound - 1)..<rest.lowerBound) }
            if let open = quote {
                if byte == open.byte { quote = nil } else { text.append(byte) }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = (byte, rest.lowerBound - 1)
            } else {
                text.append(byte)
            }
        }
        if let quote { report(.unitQuote, "the quote is not closed", quote.offset..<(quote.offset + 1)) }
        let range = start..<rest.lowerBound
        let isSeparator = range.count == 1 && line.bytes[start] == UInt8(ascii: ";")
        return SystemdWord(text: String(decoding: text, as: UTF8.self), range: line.range(range), isSeparator: isSeparator)
    }

    private var next: UInt8? { rest.first.map { line.bytes[$0] } }

    /// C's escapes, `\s` for a blank and `\;` for a semicolon that is no separator. NUL is refused: it would end the word for the program.
    private mutating func escape(into text: inout [UInt8]) {
        let start = rest.lowerBound
        rest = rest.dropFirst()
        guard let letter = next else {
            return report(.unitEscape, "a backslash ends the value", start..<(start + 1))
        }
        rest = rest.dropFirst()
        if let simple = Self.simple[letter] { return text.append(simple) }
        switch letter {
        case UInt8(ascii: "x"): number(digits: 2, radix: 16, from: start) { text.append(UInt8(truncatingIfNeeded: $0)) }
        case UInt8(ascii: "u"): scalar(digits: 4, from: start, into: &text)
        case UInt8(ascii: "U"): scalar(digits: 8, from: start, into: &text)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            rest = (rest.lowerBound - 1)..<rest.upperBound
            number(digits: 3, radix: 8, from: start) { text.append(UInt8(truncatingIfNeeded: $0)) }
        default:
            report(.unitEscape, "unknown escape", start..<rest.lowerBound)
        }
    }

    private mutating func scalar(digits: Int, from start: Int, into text: inout [UInt8]) {
        number(digits: digits, radix: 16, from: start) { value in
            text.append(contentsOf: String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
        }
    }

    private mutating func number(digits: Int, radix: UInt32, from start: Int, _ take: (UInt32) -> Void) {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = next, let digit = hexDigit(byte), digit < radix else {
                return report(.unitEscape, "expected \(digits) digits in the escape", start..<rest.lowerBound)
            }
            value = value &* radix &+ UInt32(digit)
            rest = rest.dropFirst()
        }
        guard value != 0 else { return report(.unitEscape, "the escape is the character NUL", start..<rest.lowerBound) }
        take(value)
    }

    private static let simple: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
        UInt8(ascii: "t"): 0x09, UInt8(ascii: "v"): 0x0B, UInt8(ascii: "s"): 0x20, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"), UInt8(ascii: ";"): UInt8(ascii: ";"),
    ]

    private mutating func report(_ code: DiagnosticCode, _ message: String, _ offsets: Range<Int>) {
        guard diagnostics.count < ReadingLimits.diagnostics else { return }
        diagnostics.append(
            Diagnostic(severity: .error, code: code, message: message, path: source.path, range: line.range(offsets)))
    }
}
