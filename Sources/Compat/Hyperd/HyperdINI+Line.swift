// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension HyperdINI {
    /// One line without the blanks around it.
    struct Line {
        private let source: SourceText
        private let bytes: Range<Int>

        init(source: SourceText, range: Range<Int>) {
            self.source = source
            bytes = Self.trimmed(range, source.bytes)
        }

        var isEmpty: Bool { bytes.isEmpty }
        var isComment: Bool { self[0] == UInt8(ascii: "#") || self[0] == UInt8(ascii: ";") }
        var range: SourceRange { range(bytes) }

        /// The name of the section that begins here; a bracket further inside belongs to it.
        var header: String? {
            guard bytes.count >= 2, self[0] == UInt8(ascii: "["), self[bytes.count - 1] == UInt8(ascii: "]") else { return nil }
            return text(Self.trimmed(bytes.dropFirst().dropLast(), source.bytes))
        }

        /// Key and value, without quotes.
        var pair: (key: Range<Int>, value: Range<Int>)? {
            var key: Range<Int>?
            var rest = bytes
            if let quote = keyQuote {
                let inner = bytes.dropFirst(quote.count)
                guard let end = first(quote, in: inner) else { return nil }
                key = inner.lowerBound..<end
                rest = end..<bytes.upperBound
            }
            guard let sign = rest.first(where: { source.bytes[$0] == UInt8(ascii: "=") || source.bytes[$0] == UInt8(ascii: ":") }),
                sign > rest.lowerBound
            else { return nil }
            guard let value = unquoted(Self.trimmed((sign + 1)..<bytes.upperBound, source.bytes)) else { return nil }
            return (key ?? Self.trimmed(rest.lowerBound..<sign, source.bytes), value)
        }

        func text(_ range: Range<Int>) -> String { String(decoding: source.bytes[range], as: UTF8.self) }

        func range(_ range: Range<Int>) -> SourceRange {
            SourceRange(start: source.position(at: range.lowerBound), end: source.position(at: range.upperBound))
        }

        private subscript(_ offset: Int) -> UInt8 { source.bytes[bytes.lowerBound + offset] }
    }
}

// Quotes and blanks.
extension HyperdINI.Line {
    private static let three = Array("\"\"\"".utf8)

    private var keyQuote: [UInt8]? {
        switch self[0] {
        case UInt8(ascii: "\""): bytes.count >= 6 && source.bytes[bytes].starts(with: Self.three) ? Self.three : Array("\"".utf8)
        case UInt8(ascii: "`"): Array("`".utf8)
        default: nil
        }
    }

    /// Only backticks and three quotation marks enclose a value, up to the last of them on the line; single ones belong to it.
    private func unquoted(_ value: Range<Int>) -> Range<Int>? {
        let quote: [UInt8]
        if value.count >= 2, source.bytes[value.lowerBound] == UInt8(ascii: "`") {
            quote = Array("`".utf8)
        } else if value.count >= 6, source.bytes[value].starts(with: Self.three) {
            quote = Self.three
        } else {
            return value
        }
        let inner = value.dropFirst(quote.count)
        return last(quote, in: inner).map { inner.lowerBound..<$0 }
    }

    private func first(_ wanted: [UInt8], in range: Range<Int>) -> Int? {
        range.first { source.bytes[$0..<range.upperBound].starts(with: wanted) }
    }

    private func last(_ wanted: [UInt8], in range: Range<Int>) -> Int? {
        range.last { source.bytes[$0..<range.upperBound].starts(with: wanted) }
    }

    private static func trimmed(_ range: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
        var range = range
        while let first = range.first, mayBlank(bytes[first]), let blank = blanks.first(where: { bytes[range].starts(with: $0) }) {
            range = range.dropFirst(blank.count)
        }
        while let last = range.last, mayBlank(bytes[last]),
            let blank = blanks.first(where: { range.count >= $0.count && bytes[range].suffix($0.count).elementsEqual($0) })
        {
            range = range.dropLast(blank.count)
        }
        return range
    }

    /// Most lines begin and end with a letter or a sign, for which nothing has to be compared.
    private static func mayBlank(_ byte: UInt8) -> Bool { byte <= 0x20 || byte >= 0x80 }

    /// What Go takes for white space, as UTF-8.
    private static let blanks: [[UInt8]] =
        [[0x20], [0x09], [0x0D], [0x0A], [0x0B], [0x0C], [0xC2, 0x85], [0xC2, 0xA0], [0xE1, 0x9A, 0x80]]
        + (0x80...0x8A).map { [0xE2, 0x80, $0] }
        + [[0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xA9], [0xE2, 0x80, 0xAF], [0xE2, 0x81, 0x9F], [0xE3, 0x80, 0x80]]
}
