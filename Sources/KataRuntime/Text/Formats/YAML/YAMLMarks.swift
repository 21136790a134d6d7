// SPDX-License-Identifier: Apache-2.0

/// Places of a text by the number of characters before them, as libyaml counts.
///
/// Lines are counted as everywhere else here, by line feeds; libyaml has five kinds of line end.
struct YAMLMarks {
    private static let step = 32
    private let bytes: [UInt8]
    /// The place of every thirty-second character.
    private let milestones: [SourcePosition]

    /// - Parameter start: where libyaml began to read; a byte order mark before it takes no column.
    init(_ bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        var milestones: [SourcePosition] = []
        milestones.reserveCapacity(bytes.count / Self.step + 1)
        var (line, column, count) = (1, 1, 0)
        bytes.withUnsafeBufferPointer { buffer in
            for offset in start..<max(start, buffer.count) {
                let byte = buffer[offset]
                if byte & 0xC0 == 0x80 { continue }
                if count % Self.step == 0 { milestones.append(SourcePosition(line: line, column: column, offset: offset)) }
                count += 1
                (line, column) = byte == 0x0A ? (line + 1, 1) : (line, column + 1)
            }
        }
        if milestones.isEmpty { milestones.append(SourcePosition(line: 1, column: 1, offset: start)) }
        self.milestones = milestones
    }

    /// The place of a character; the end of the text for those behind it.
    func position(_ index: Int) -> SourcePosition {
        let nearest = milestones[min(index / Self.step, milestones.count - 1)]
        let stop = min(index / Self.step, milestones.count - 1) * Self.step
        var (line, column, offset) = (nearest.line, nearest.column, nearest.offset)
        for _ in 0..<min(max(0, index - stop), 2 * Self.step) where offset < bytes.count {
            (line, column) = bytes[offset] == 0x0A ? (line + 1, 1) : (line, column + 1)
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        }
        return SourcePosition(line: line, column: column, offset: offset)
    }
}
