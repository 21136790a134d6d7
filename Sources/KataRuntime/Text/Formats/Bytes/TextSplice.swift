// SPDX-License-Identifier: Apache-2.0

/// A change of one stretch of a text; everything else of the text stays as it is, byte for byte.
public struct TextSplice: Sendable, Hashable {
    /// What goes.
    public let range: SourceRange
    /// What comes.
    public let replacement: String

    /// A change of the text from which `range` was taken.
    public init(range: SourceRange, replacement: String) {
        self.range = range
        self.replacement = replacement
    }
}
