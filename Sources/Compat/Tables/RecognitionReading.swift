// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A text while the dialects look at it in turn: what several of them read it as is read once.
final class RecognitionReading {
    let source: SourceText
    private var documents: [TOMLGrammar: Parsed<TOMLDocument>] = [:]
    /// How much of it each dialect of Kata's reads.
    lazy var standings = KataFamily.standings(of: self)

    init(_ source: SourceText) { self.source = source }

    func toml(_ grammar: TOMLGrammar = .toml10) -> Parsed<TOMLDocument> {
        if let known = documents[grammar] { return known }
        let read = TOMLDocument.parse(source, grammar: grammar)
        documents[grammar] = read
        return read
    }
}
