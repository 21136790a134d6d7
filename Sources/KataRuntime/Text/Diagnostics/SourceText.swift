// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// The bytes of one file with the name under which its problems are reported.
public struct SourceText: Sendable {
    /// As the user named it; it is only printed.
    public let path: FilePath
    /// As read from the disk: nothing is known of them, not even that they are UTF-8.
    public let bytes: [UInt8]
    /// Offset of the first byte of each line.
    private let lineStarts: [Int]
    /// How many scalars begin before each block of bytes, and in all: a line may be as long as the file and hold as many places.
    private let scalarsBefore: [Int]
    private(set) var readings = TOMLReadings()

    private static let block = 1024

    /// Takes the bytes as they are.
    public init(path: FilePath, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        var starts = [0]
        var counts: [Int] = []
        var scalars = 0
        bytes.withUnsafeBufferPointer { buffer in
            for offset in buffer.indices {
                if offset % Self.block == 0 { counts.append(scalars) }
                if buffer[offset] & 0xC0 != 0x80 { scalars += 1 }
                if buffer[offset] == 0x0A { starts.append(offset + 1) }
            }
        }
        counts.append(scalars)
        self.lineStarts = starts
        self.scalarsBefore = counts
    }

    /// The same text, of which nothing is known yet.
    var unread: SourceText {
        var copy = self
        copy.readings = TOMLReadings()
        return copy
    }

    /// For texts made in memory.
    public init(path: FilePath, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    /// How many lines there are; the empty one behind a final line feed counts.
    public var lineCount: Int { lineStarts.count }

    /// Line `number` (1-based) without its line end, invalid UTF-8 repaired; empty when there is no such line.
    public func line(_ number: Int) -> String {
        String(decoding: bytes[offsets(ofLine: number)], as: UTF8.self)
    }

    /// The text of a range, invalid UTF-8 repaired.
    public func text(of range: SourceRange) -> String {
        String(decoding: bytes[range.offsets.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }

    /// Where an offset is; offsets behind the end mean the end.
    public func position(at offset: Int) -> SourcePosition {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return SourcePosition(line: low + 1, column: scalars(in: lineStarts[low]..<offset) + 1, offset: offset)
    }

    private func scalars(in range: Range<Int>) -> Int {
        if range.count <= Self.block { return bytes[range].count { $0 & 0xC0 != 0x80 } }
        return scalars(before: range.upperBound) - scalars(before: range.lowerBound)
    }

    private func scalars(before offset: Int) -> Int {
        let block = offset / Self.block
        return scalarsBefore[block] + bytes[(block * Self.block)..<offset].count { $0 & 0xC0 != 0x80 }
    }

    /// Whether line `number` begins with an ASCII text.
    func starts(line number: Int, with text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[offsets(ofLine: number)].starts(with: $0) }
    }

    /// Where line `number` begins.
    func offset(ofLine number: Int) -> Int { offsets(ofLine: number).lowerBound }

    /// Line `number` without its line end.
    public func offsets(ofLine number: Int) -> Range<Int> {
        guard number >= 1, number <= lineStarts.count else { return 0..<0 }
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return start..<end
    }
}
