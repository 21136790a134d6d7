// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// The words of an init script or a file of assignments, in their order, from whatever line: only options of one program are looked for.
///
/// Variables are not followed: their own assignments are read where they stand.
struct ScriptWords {
    private(set) var words: [CommandWord] = []

    init(_ source: SourceText) {
        let assigned = EnvironmentFile(source).assignments.map(\.value)
        let ranges = assigned.compactMap { value in value.places.first.flatMap { first in value.places.last.map { first...$0 } } }
        var offset = 0
        var next = 0
        while offset < source.bytes.count {
            let end = source.bytes[offset...].firstIndex(of: 0x0A) ?? source.bytes.count
            if next < ranges.count, ranges[next].lowerBound < end {
                words += assigned[next].words.map { CommandWord($0) }
                offset = ranges[next].upperBound + 1
                next += 1
                // What follows a value on its line is its quote, or a command that it is set for.
                if offset < end { continue }
            } else {
                words += Self.words(of: source, offset..<end)
                offset = end + 1
            }
        }
    }

    private static func words(of source: SourceText, _ line: Range<Int>) -> [CommandWord] {
        let text = LocatedText(source: source, bytes: Array(source.bytes[line])[...], places: Array(line)[...], variable: .file(quote: nil))
        var found: [CommandWord] = []
        for word in text.words {
            if word.bytes.first == UInt8(ascii: "#") { break }
            let quote = word.bytes.first
            let isQuoted = word.bytes.count > 1 && quote == word.bytes.last && (quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"))
            found.append(CommandWord(isQuoted ? word.dropFirst(1).dropLast(1) : word))
        }
        return found
    }
}
