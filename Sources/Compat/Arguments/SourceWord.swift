// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A word of a command line, and where a file has it.
struct SourceWord: Sendable {
    /// As the program sees it, except for variables that the file does not set.
    let text: String
    /// The word as written.
    let range: SourceRange
    /// What of it is known only when the command runs, variables, systemd's specifiers, commands, by the byte where it begins.
    private let unknownPlaces: [Int: String]
    /// The place in the file of each byte of the text; nil where the text is not written as it reads.
    private let offsets: [Int]?

    /// - Parameter offsets: one for each byte of the text.
    init(text: String, range: SourceRange, unknowns: [Int: String] = [:], offsets: [Int]?) {
        self.text = text
        self.range = range
        unknownPlaces = unknowns
        self.offsets = offsets
    }

    /// The same in their order.
    var unknowns: [String] { unknownPlaces.sorted { $0.key < $1.key }.map(\.value) }

    /// Stands for all the arguments that the caller of a script gives.
    var isCallersArguments: Bool { unknowns == ["$@"] || unknowns == ["$*"] }

    /// Where some bytes of the text are written; the whole word when that cannot be told.
    func range(of bytes: Range<Int>, in source: SourceText) -> SourceRange {
        guard let offsets else { return range }
        guard let first = bytes.first, let last = bytes.last else {
            let end = bytes.lowerBound < offsets.count ? offsets[bytes.lowerBound] : (offsets.last.map { $0 + 1 } ?? range.end.offset)
            return SourceRange(at: source.position(at: end))
        }
        // Bytes of a variable's value may lie before those that surround it.
        guard offsets[first] <= offsets[last] else { return range }
        return SourceRange(start: source.position(at: offsets[first]), end: source.position(at: offsets[last] + 1))
    }

    /// The rest of the word from a byte on, as a word of its own.
    func dropping(_ count: Int, in source: SourceText) -> SourceWord {
        let length = text.utf8.count
        return part(min(count, length)..<length, in: source)
    }

    private func part(_ part: Range<Int>, in source: SourceText) -> SourceWord {
        let inside = unknownPlaces.filter { part.contains($0.key) }.map { ($0.key - part.lowerBound, $0.value) }
        return SourceWord(
            text: String(decoding: text.utf8.dropFirst(part.lowerBound).prefix(part.count), as: UTF8.self),
            range: range(of: part, in: source), unknowns: Dictionary(uniqueKeysWithValues: inside), offsets: offsets.map { Array($0[part]) }
        )
    }

    /// The words that blanks make of the text.
    func split(in source: SourceText) -> [SourceWord] {
        let bytes = Array(text.utf8)
        return bytes.indices.split { bytes[$0] == 0x20 || bytes[$0] == 0x09 || bytes[$0] == 0x0A }
            .map { part($0.startIndex..<$0.endIndex, in: source) }
    }
}

extension SourceWord {
    /// A string of a JSON text.
    init?(_ value: JSONValue, in source: SourceText) {
        guard let text = value.string else { return nil }
        let isLiteral = source.text(of: value.range) == "\"\(text)\""
        self.init(text: text, range: value.range, offsets: isLiteral ? Self.run(from: value.range.start.offset + 1, text) : nil)
    }

    /// A word of a unit's command line: `$$` and `%%` stand for one each, other specifiers and variables for what is not known here.
    init(_ word: SystemdWord, in source: SourceText) {
        var text = ""
        var unknowns: [Int: String] = [:]
        var rest = word.text[...]
        while let letter = rest.popFirst() {
            let place = text.utf8.count
            text.append(letter)
            guard letter == "%" || letter == "$", let next = rest.first else { continue }
            if next == letter {
                rest.removeFirst()
            } else if letter == "%", next.isASCII, next.isLetter {
                unknowns[place] = "%\(next)"
            } else if letter == "$", next == "{" || next == "_" || next.isLetter {
                unknowns[place] = "$\(rest.prefix { $0 == "{" || $0 == "}" || $0 == "_" || $0.isLetter || $0.isNumber })"
            }
        }
        let isLiteral = source.text(of: word.range) == text
        self.init(
            text: text, range: word.range, unknowns: unknowns, offsets: isLiteral ? Self.run(from: word.range.start.offset, text) : nil)
    }

    private static func run(from start: Int, _ text: String) -> [Int] { Array(start..<(start + text.utf8.count)) }
}

extension SourceText {
    /// Whether some text stands anywhere in it, which rules most files out before they are read.
    func mentions(_ wanted: StaticString) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            wanted.withUTF8Buffer { wanted in
                guard buffer.count >= wanted.count else { return false }
                return (0...(buffer.count - wanted.count)).contains { start in
                    buffer[start] == wanted[0] && wanted.indices.allSatisfy { buffer[start + $0] == wanted[$0] }
                }
            }
        }
    }
}
