// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// The replacement of one stretch of a file; everything else of the file stays as it is, byte for byte.
public struct TextEdit: Sendable, Hashable {
    /// The file.
    public let file: FilePath
    /// What goes.
    public let range: SourceRange
    /// What comes.
    public let replacement: String

    /// An edit of the text from which `range` was taken.
    public init(file: FilePath, range: SourceRange, replacement: String) {
        self.file = file
        self.range = range
        self.replacement = replacement
    }
}

/// Why a document cannot be changed as asked: the request and the document contradict each other, so the caller has to ask for less.
public enum DocumentEditError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A part of the path is there, but is no table or object that could hold the rest of it.
    case notATable(path: [String])
    /// What stands at the path has headers of its own, so that no single value can take its place.
    case hasHeaders(path: [String])
    /// Two of the changes cannot both be made: one path leads through the other.
    case contradiction(path: [String])

    /// The act and its object.
    public var description: String {
        switch self {
        case .notATable(let path): "change below '\(path.joined(separator: "."))': it is no table"
        case .hasHeaders(let path): "change '\(path.joined(separator: "."))': it has headers of its own"
        case .contradiction(let path): "change '\(path.joined(separator: "."))': another change leads through it"
        }
    }
}

extension SourceText {
    /// The bytes after the edits that concern this file; nil when two of them overlap or one reaches behind the end.
    public func applying(_ edits: [TextEdit]) -> [UInt8]? {
        // What is inserted where another edit begins comes before it; insertions at one place keep the order in which they are given.
        let own = edits.filter { $0.file == path }.enumerated().sorted {
            ($0.element.range.start, $0.element.range.end, $0.offset) < ($1.element.range.start, $1.element.range.end, $1.offset)
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + own.reduce(0) { $0 + $1.element.replacement.utf8.count })
        var done = 0
        for (_, edit) in own {
            let stretch = edit.range.offsets
            guard stretch.lowerBound >= done, stretch.upperBound <= bytes.count else { return nil }
            result += bytes[done..<stretch.lowerBound]
            result += edit.replacement.utf8
            done = stretch.upperBound
        }
        result += bytes[done...]
        return result
    }

    /// The range between two offsets.
    func range(_ offsets: Range<Int>) -> SourceRange {
        SourceRange(start: position(at: offsets.lowerBound), end: position(at: offsets.upperBound))
    }

    /// The first byte of the line, behind a byte order mark.
    func lineStart(of offset: Int) -> Int {
        var start = offset
        while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
        return start == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : start
    }

    /// Where the text of the line ends: at its line feed, or the carriage return before it, or the end of the text.
    func lineEnd(of offset: Int) -> Int {
        var end = offset
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
        return end > offset && end < bytes.count && bytes[end - 1] == 0x0D ? end - 1 : end
    }

    /// The blanks with which a line begins.
    func indentation(ofLineAt offset: Int) -> String {
        let start = lineStart(of: offset)
        return String(decoding: bytes[start...].prefix { $0 == 0x20 || $0 == 0x09 }, as: UTF8.self)
    }

    /// What ends lines here: as the first line does.
    var lineBreak: String {
        guard let first = bytes.firstIndex(of: 0x0A) else { return "\n" }
        return first > 0 && bytes[first - 1] == 0x0D ? "\r\n" : "\n"
    }
}
