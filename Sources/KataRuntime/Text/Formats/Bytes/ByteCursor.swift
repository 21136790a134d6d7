// SPDX-License-Identifier: Apache-2.0

/// A place in bytes that always knows its line and column.
///
/// Counting while advancing keeps positions O(1) even where a file is a single line of megabytes.
struct ByteCursor {
    let bytes: [UInt8]
    private(set) var offset = 0
    private var line = 1
    private var column = 1

    /// Starts behind a byte order mark, which takes no column.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    var position: SourcePosition { SourcePosition(line: line, column: column, offset: offset) }

    var atEnd: Bool { offset >= bytes.count }

    /// The byte here; nil at the end.
    var byte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// The byte `distance` further on.
    func peek(_ distance: Int) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    func starts(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard bytes.count - offset >= length else { return false }
        return text.withUTF8Buffer { wanted in
            wanted.indices.allSatisfy { bytes[offset + $0] == wanted[$0] }
        }
    }

    mutating func advance() {
        guard offset < bytes.count else { return }
        let byte = bytes[offset]
        offset += 1
        if byte == 0x0A {
            line += 1
            column = 1
        } else if byte & 0xC0 != 0x80 {
            // Continuation bytes share the column of the byte that leads them.
            column += 1
        }
    }

    mutating func advance(by count: Int) {
        for _ in 0..<count { advance() }
    }

    mutating func advance(while matches: (UInt8) -> Bool) {
        while offset < bytes.count, matches(bytes[offset]) { advance() }
    }

    /// Takes one given byte if it is here.
    mutating func take(_ wanted: UInt8) -> Bool {
        guard byte == wanted else { return false }
        advance()
        return true
    }

    /// Takes what stands at another place, without a line feed in it, if it is here too.
    mutating func take(sameAs place: Range<Int>) -> Bool {
        guard bytes.count - offset >= place.count else { return false }
        let (from, here) = (place.lowerBound, offset)
        let isSame = bytes.withUnsafeBufferPointer { all in place.indices.allSatisfy { all[$0] == all[here + $0 - from] } }
        guard isSame else { return false }
        column += bytes[place].count { $0 & 0xC0 != 0x80 }
        offset += place.count
        return true
    }

    /// Past the next line feed, or to the end.
    mutating func skipLine() {
        advance { $0 != 0x0A }
        advance()
    }

    /// Text between an earlier offset and here.
    func text(from start: Int) -> String {
        String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    func range(from start: SourcePosition) -> SourceRange {
        SourceRange(start: start, end: position)
    }
}
