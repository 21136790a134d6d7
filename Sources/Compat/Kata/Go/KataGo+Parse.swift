// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension KataGo {
    /// Reads a file as the Go runtime did: keys in any case, unknown ones passed over. What it refused is an error.
    ///
    /// - Parameters:
    ///   - rules: by the tables that the keys stand in.
    ///   - release: nil when it is not known.
    ///   - isTrial: whether the findings do not matter.
    static func parse(
        _ source: SourceText, as generation: Generation, rules: [[String]: [KeyRule]], release: ClosedRange<Release>? = nil,
        isTrial: Bool = false
    ) -> Parsed<Document> {
        let toml = TOMLDocument.parse(source, grammar: generation.grammar(of: release))
        guard let document = toml.partial else { return Parsed(value: nil, diagnostics: toml.diagnostics) }
        var reading = Reading(source: source, generation: generation, rules: rules, isTrial: isTrial, diagnostics: toml.diagnostics)
        reading.read(document.root)
        return Parsed(value: Document(source: source, statements: reading.inOrder), diagnostics: reading.diagnostics)
    }
}

/// One pass over a document, from the outer tables to the keys.
private struct Reading: FoldedTableReading {
    let source: SourceText
    let voice = TableVoice(
        refusal: "Kata refuses the file", passedOver: "Kata's Go runtime reads past it without a word, so it has no effect",
        wrongType: .goType, outOfRange: .goRange, unknownKey: .goKey, unknownTable: .goTable)
    let folding = FoldingVoice(reader: "Kata's Go runtime", takes: "Kata takes", folded: .goFolded, doubled: .goDoubled)
    let generation: KataGo.Generation
    let rules: [[String]: [KeyRule]]
    let isTrial: Bool
    var statements: [LegacyStatement] = []
    var diagnostics: [Diagnostic]

    /// Tables whose second level names a type; Go looked those names up exactly as written.
    private static let typed = ["hypervisor", "agent", "proxy", "shim"]

    init(source: SourceText, generation: KataGo.Generation, rules: [[String]: [KeyRule]], isTrial: Bool, diagnostics: [Diagnostic]) {
        self.source = source
        self.generation = generation
        self.rules = rules
        self.isTrial = isTrial
        self.diagnostics = diagnostics
    }

    mutating func read(_ root: TOMLTable) {
        let sections = Array(Set(rules.keys.compactMap(\.first))).sorted()
        let names = FoldedNames(sections)
        let found = root.entries.compactMap { match($0, among: names, in: []) }
        for section in sections {
            // Go filled one variable from all spellings of a table, so that their entries add up.
            let entries = found.filter { $0.name == section }.map(\.entry)
            if Self.typed.contains(section) {
                readTypes(entries.compactMap { tables(of: $0, at: section) }.flatMap(\.entries), at: section)
            } else {
                readKeys(entries.compactMap { table(of: $0, at: [section]) }.flatMap(\.entries), at: [section])
            }
        }
    }

    private mutating func readTypes(_ entries: [TOMLEntry], at section: String) {
        for entry in entries {
            let path = [section, entry.key]
            if rules[path] != nil {
                if let table = table(of: entry, at: path) { readKeys(table.entries, at: path) }
            } else if section == "hypervisor", generation.hypervisors.contains(entry.key) {
                if let table = table(of: entry, at: path) { keep(table, at: path) }
            } else if refusesType(entry.key, of: section) {
                refuse(LegacyKey([section], entry.key), entry, .goUnknownType, "Kata has no \(section) '\(entry.key)' and refuses the file")
            } else {
                foreign(LegacyKey([section], entry.key), entry, similar: rules.keys.filter { $0.first == section }.compactMap(\.last))
            }
        }
    }

    /// Kata 1 passed over hypervisors, and over the tables of Clear Containers that its first releases took; later ones have one agent.
    private func refusesType(_ name: String, of section: String) -> Bool {
        let isFirst = generation.id == KataGo.generation1
        return section == "hypervisor" ? !isFirst : isFirst && rules[[section, "kata"]] != nil && !["cc", "hyperstart"].contains(name)
    }

    private mutating func readKeys(_ entries: [TOMLEntry], at path: [String]) { readKeys(entries, at: path, by: rules[path] ?? []) }

    /// The key may be another release's.
    mutating func foreign(_ key: LegacyKey, _ entry: TOMLEntry, similar: [String]) {
        if isTrial { return stranger(key, entry, similar: []) }
        let others = entry.value.table == nil ? KataGo.index[key]?.releases ?? [] : []
        guard !others.isEmpty else { return stranger(key, entry, similar: similar) }
        stranger(key, entry, similar: [], note: "only Kata \(others.map(\.title).joined(separator: " and ")) reads it")
    }

    /// The tables of a section; BurntSushi/toml 0.3 did not mind another value where the program had a map of them.
    private mutating func tables(of entry: TOMLEntry, at section: String) -> TOMLTable? {
        guard generation.grammar() == .burntSushi03, entry.value.table == nil else { return table(of: entry, at: [section]) }
        foreign(LegacyKey([], section), entry, similar: [])
        return nil
    }
}
