// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import KataConfig

extension ClearContainersV3 {
    /// Reads a file as cc-runtime did: keys in any case, unknown ones passed over. What cc-runtime refused is an error.
    ///
    /// - Parameter isTrial: whether the findings do not matter.
    public static func parse(_ source: SourceText, isTrial: Bool = false) -> Parsed<Document> {
        let toml = TOMLDocument.parse(source, grammar: .burntSushi03)
        guard let document = toml.partial else { return Parsed(value: nil, diagnostics: toml.diagnostics) }
        var reading = Reading(source: source, isTrial: isTrial, diagnostics: toml.diagnostics)
        reading.read(document.root)
        if !toml.hasErrors { reading.missTables(document.root) }
        return Parsed(value: Document(source: source, statements: reading.inOrder), diagnostics: reading.diagnostics)
    }

    /// The tables that a release of 3.0 took something from, or had in its packaged file.
    static let knownTables: [[String]] = [hypervisorTable, proxyTable, shimTable, agentTable, hyperstartTable, runtimeTable]
}

/// One pass over a document, from the outer tables to the keys.
private struct Reading: FoldedTableReading {
    let source: SourceText
    let voice = TableVoice(
        refusal: "cc-runtime refused the file", passedOver: "cc-runtime read past it, so it had no effect", wrongType: .wrongType,
        outOfRange: .outOfRange, unknownKey: .unknownKey, unknownTable: .unknownTable)
    let folding = FoldingVoice(reader: "cc-runtime", takes: "cc-runtime took", folded: .foldedKey, doubled: .doubledKey)
    let isTrial: Bool
    var statements: [LegacyStatement] = []
    var diagnostics: [Diagnostic]

    init(source: SourceText, isTrial: Bool, diagnostics: [Diagnostic]) {
        self.source = source
        self.isTrial = isTrial
        self.diagnostics = diagnostics
    }

    mutating func read(_ root: TOMLTable) {
        let sections = Array(Set(ClearContainersV3.knownTables.compactMap(\.first))).sorted()
        let names = FoldedNames(sections)
        let found = root.entries.compactMap { match($0, among: names, in: []) }
        for section in sections {
            // Go filled one variable from all spellings of a table, so that their entries add up.
            let entries = found.filter { $0.name == section }.map(\.entry)
            if ClearContainersV3.knownTables.contains([section]) {
                readKeys(entries.compactMap { table(of: $0, at: [section]) }.flatMap(\.entries), at: [section])
            } else {
                readTypes(entries.compactMap { tables(of: $0, at: section) }.flatMap(\.entries), at: section)
            }
        }
    }

    /// Without any table for the shim cc-runtime refused to start; an empty path of the proxy was refused when a VM was to start.
    mutating func missTables(_ root: TOMLTable) {
        for section in ["proxy", "shim"] where !root.entries.contains(where: { $0.key.lowercased() == section && $0.value.table != nil }) {
            report(.missingTable, .warning, "no table [\(section).cc], without which cc-runtime started no container", nil)
        }
    }

    /// The second level names types; Go looked those up exactly as written.
    private mutating func readTypes(_ entries: [TOMLEntry], at section: String) {
        let types = ClearContainersV3.knownTables.filter { $0.first == section }.compactMap(\.last)
        var known: [FoundEntry] = []
        for entry in entries {
            if types.contains(entry.key) {
                known.append(FoundEntry(name: entry.key, entry: entry))
            } else {
                foreign(LegacyKey([section], entry.key), entry, similar: types)
            }
        }
        for found in single(known, in: [section]) {
            let path = [section, found.name]
            if let table = table(of: found.entry, at: path) { readKeys(table.entries, at: path) }
        }
    }

    private mutating func readKeys(_ entries: [TOMLEntry], at path: [String]) {
        readKeys(entries, at: path, by: ClearContainersV3.rules.filter { $0.source.table == path })
    }

    mutating func foreign(_ key: LegacyKey, _ entry: TOMLEntry, similar: [String]) { stranger(key, entry, similar: similar) }

    /// The tables of a section; BurntSushi/toml 0.3 did not mind another value where the program had a map of them.
    private mutating func tables(of entry: TOMLEntry, at section: String) -> TOMLTable? {
        if let table = entry.value.table { return table }
        statements.append(.stranger(LegacyKey([], section), entry.keyRange))
        report(
            .unknownTable, .warning, "'\(section)' is \(entry.value.typeName), not a table of tables", entry.value.range,
            notes: [voice.passedOver])
        return nil
    }
}
