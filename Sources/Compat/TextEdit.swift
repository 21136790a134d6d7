// SPDX-License-Identifier: Apache-2.0
public import KataText
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

    /// The edit that makes a change of a text in its file.
    init(file: FilePath, _ splice: TextSplice) {
        self.init(file: file, range: splice.range, replacement: splice.replacement)
    }
}

extension SourceText {
    /// The bytes after the edits that concern this file; nil when two of them overlap or one reaches behind the end.
    public func applying(_ edits: [TextEdit]) -> [UInt8]? {
        let own = edits.filter { $0.file == path }.sorted { $0.range.start < $1.range.start }
        var result: [UInt8] = []
        var done = 0
        for edit in own {
            let stretch = edit.range.offsets
            guard stretch.lowerBound >= done, stretch.upperBound <= bytes.count else { return nil }
            result += bytes[done..<stretch.lowerBound]
            result += Array(edit.replacement.utf8)
            done = stretch.upperBound
        }
        return result + bytes[done...]
    }
}
