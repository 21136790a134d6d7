// SPDX-License-Identifier: Apache-2.0

/// A place in a text, as an editor counts it and as a splice needs it.
public struct SourcePosition: Sendable, Hashable, Comparable {
    /// 1-based.
    public let line: Int
    /// 1-based, in Unicode scalars.
    public let column: Int
    /// 0-based, in UTF-8 code units from the start of the file.
    public let offset: Int

    /// The three must speak of the same place; readers take them from one cursor.
    public init(line: Int, column: Int, offset: Int) {
        self.line = line
        self.column = column
        self.offset = offset
    }

    /// The first place of any text.
    public static let start = SourcePosition(line: 1, column: 1, offset: 0)

    /// Order of the bytes.
    public static func < (a: SourcePosition, b: SourcePosition) -> Bool { a.offset < b.offset }
}

/// Half-open stretch of a text; empty when something is missing at a place.
public struct SourceRange: Sendable, Hashable {
    /// The first place inside.
    public let start: SourcePosition
    /// The first place behind.
    public let end: SourcePosition

    /// `end` must not lie before `start`.
    public init(start: SourcePosition, end: SourcePosition) {
        self.start = start
        self.end = end
    }

    /// The empty range at a place.
    public init(at position: SourcePosition) {
        self.init(start: position, end: position)
    }

    /// UTF-8 offsets, for slicing the bytes.
    public var offsets: Range<Int> { start.offset..<max(start.offset, end.offset) }
}
