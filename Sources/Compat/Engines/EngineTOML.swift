// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension Engine {
    /// By whose rules releases read their TOML (Docs/Old-TOML.md): of a release that is not known any of them, today's first.
    func grammars(of release: Release?) -> [TOMLGrammar] {
        switch (self, release) {
        case (.containerd, let release?) where release < Release(1, 5, 0): [.burntSushi03]
        case (.containerd, let release?) where release < Release(2, 0, 0): [.goTOML1]
        case (.crio, let release?) where release < Release(1, 22, 0): [.burntSushi03]
        case (.crio, let release?) where release < Release(1, 35, 1): [.toml10]
        case (.crio, _?): [.toml11]
        case (.crio, nil): [.toml11, .burntSushi03]
        case (.containerd, _?): [.toml10]
        default: [.toml10, .goTOML1, .burntSushi03]
        }
    }
}

extension TOMLGrammar {
    /// Those of all engines.
    static let ofEngines: [TOMLGrammar] = [.toml10, .goTOML1, .burntSushi03, .toml11]
}

extension TOMLDocument {
    /// By the rules of the first parser that takes the whole text; where none does, as the first one reads it.
    static func parse(_ source: SourceText, as grammars: [TOMLGrammar]) -> Parsed<TOMLDocument> {
        var first: Parsed<TOMLDocument>?
        for grammar in grammars {
            let parsed = parse(source, grammar: grammar)
            if parsed.value != nil { return parsed }
            if first?.partial == nil { first = parsed }
        }
        return first ?? Parsed(value: nil)
    }
}
