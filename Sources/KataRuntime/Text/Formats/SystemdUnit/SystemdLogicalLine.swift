// SPDX-License-Identifier: Apache-2.0

/// A line with its continuation lines joined, and the way back to the places they came from.
struct SystemdLogicalLine: Sendable {
    private(set) var bytes: [UInt8] = []
    /// For each byte, the column of its scalar: counting anew for each word would cost the square of the line.
    private var columns: [Int] = []
    /// For each physical line, where it starts in `bytes` and in the file.
    private var pieces: [(start: Int, position: SourcePosition)] = []

    mutating func append(_ line: ArraySlice<UInt8>, at position: SourcePosition) {
        pieces.append((bytes.count, position))
        bytes.append(contentsOf: line)
        var column = position.column - 1
        for byte in line {
            if byte & 0xC0 != 0x80 { column += 1 }
            columns.append(column)
        }
    }

    /// The last byte is the backslash of a continued line, which systemd turns into a blank.
    mutating func continueLine() { bytes[bytes.count - 1] = 0x20 }

    /// A backslash that another one escapes does not continue the line.
    var endsWithBackslash: Bool {
        var first = bytes.count
        while first > 0, bytes[first - 1] == UInt8(ascii: "\\") { first -= 1 }
        return !(bytes.count - first).isMultiple(of: 2)
    }

    /// Where a byte came from.
    func position(at offset: Int) -> SourcePosition {
        var low = 0
        var high = pieces.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if pieces[middle].start <= offset { low = middle } else { high = middle }
        }
        let (start, position) = pieces[low]
        return SourcePosition(line: position.line, column: columns[offset], offset: position.offset + offset - start)
    }

    /// The places of bytes, of which there is at least one.
    func range(_ offsets: Range<Int>) -> SourceRange {
        // The end belongs to the line of the last byte, not to the start of the line behind it.
        let last = position(at: offsets.upperBound - 1)
        let end = SourcePosition(line: last.line, column: last.column + 1, offset: last.offset + 1)
        return SourceRange(start: position(at: offsets.lowerBound), end: end)
    }

    func text(_ offsets: Range<Int>) -> String { String(decoding: bytes[offsets], as: UTF8.self) }

    /// `offsets` without the blanks at both ends.
    func trimmed(_ offsets: Range<Int>) -> Range<Int> {
        var range = offsets
        while let first = range.first, isUnitBlank(bytes[first]) { range = range.dropFirst() }
        while let last = range.last, isUnitBlank(bytes[last]) { range = range.dropLast() }
        return range
    }
}

/// What systemd calls white space.
func isUnitBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
