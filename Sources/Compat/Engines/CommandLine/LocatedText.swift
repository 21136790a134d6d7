// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A text that was taken out of a file, and where each byte of it came from.
struct LocatedText {
    let source: SourceText
    let bytes: ArraySlice<UInt8>
    /// For each byte its offset in the file, with the indices of `bytes`.
    let places: ArraySlice<Int>
    let variable: PathSpelling.Variable

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// From the first to the last byte; of an empty text the start of the file.
    var range: SourceRange {
        guard let first = places.first, let last = places.last else { return SourceRange(at: .start) }
        return SourceRange(start: source.position(at: first), end: source.position(at: last + 1))
    }

    /// Whether it stands in the file as it is.
    var isVerbatim: Bool { zip(places, places.dropFirst()).allSatisfy { $1 == $0 + 1 } }

    /// Split at blanks, as shells and systemd do with a variable that stands for itself.
    var words: [LocatedText] {
        bytes.indices.split { bytes[$0] <= 0x20 }.map { indices in
            let range = indices.startIndex..<indices.endIndex
            return LocatedText(source: source, bytes: bytes[range], places: places[range], variable: variable)
        }
    }

    func dropFirst(_ count: Int) -> LocatedText {
        LocatedText(source: source, bytes: bytes.dropFirst(count), places: places.dropFirst(count), variable: variable)
    }
}

extension LocatedText {
    func dropLast(_ count: Int) -> LocatedText {
        LocatedText(source: source, bytes: bytes.dropLast(count), places: places.dropLast(count), variable: variable)
    }

    /// The value of `NAME=value` in an `Environment=`; one that is written with escapes cannot be edited.
    init(valueOf word: SystemdWord, in source: SourceText) {
        let value = Array(word.text.utf8.drop { $0 != UInt8(ascii: "=") }.dropFirst())
        let raw = source.bytes[word.range.offsets]
        let start = raw.indices.first { raw[$0...].starts(with: value) && $0 > raw.startIndex }
        let places = value.indices.map { index in start.map { $0 + index } ?? word.range.start.offset }
        self.init(source: source, bytes: value[...], places: places[...], variable: .unit)
    }
}
