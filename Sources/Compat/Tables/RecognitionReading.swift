// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A text while the dialects look at it in turn: what several of them want to know of it is found once.
final class RecognitionReading {
    let source: SourceText
    /// How much of it each dialect of Kata's reads.
    lazy var standings = KataFamily.standings(of: self)

    init(_ source: SourceText) { self.source = source }

    /// By the rules of today where they take it, else by those of old: which tables and keys there are is the same by both.
    var root: TOMLTable? { TOMLDocument.parse(source, as: [.toml11, .burntSushi03]).partial?.root }
}
