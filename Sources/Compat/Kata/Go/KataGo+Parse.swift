// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension KataGo {
    /// Reads a file as the Go runtime did: keys in any case, unknown ones passed over. What it refused is an error.
    static func parse(_ source: SourceText, as generation: Generation, rules: [KeyRule]) -> Parsed<Document> {
        let toml = TOMLDocument.parse(source, grammar: generation.grammar)
        guard let document = toml.partial else { return Parsed(value: nil, diagnostics: toml.diagnostics) }
        var reading = Reading(source: source, generation: generation, rules: rules, diagnostics: toml.diagnostics)
        reading.read(document.root)
        let statements = reading.statements.enumerated().sorted { a, b in
            (a.element.range.start.offset, a.offset) < (b.element.range.start.offset, b.offset)
        }
        return Parsed(value: Document(source: source, statements: statements.map(\.element)), diagnostics: reading.diagnostics)
    }
}

/// One pass over a document, from the outer tables to the keys.
private struct Reading {
    let source: SourceText
    let generation: KataGo.Generation
    let rules: [[String]: [KeyRule]]
    var statements: [LegacyStatement] = []
    var diagnostics: [Diagnostic]

    /// Tables whose second level names a type; Go looked those names up exactly as written.
    private static let typed = ["hypervisor", "agent", "proxy", "shim"]

    init(source: SourceText, generation: KataGo.Generation, rules: [KeyRule], diagnostics: [Diagnostic]) {
        self.source = source
        self.generation = generation
        self.rules = Dictionary(grouping: rules, by: \.source.table)
        self.diagnostics = diagnostics
    }

    mutating func read(_ root: TOMLTable) {
        let sections = Array(Set(rules.keys.compactMap(\.first))).sorted()
        let found = root.entries.compactMap { match($0, among: sections, in: []) }
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
                stranger(LegacyKey([section], entry.key), entry, similar: rules.keys.filter { $0.first == section }.compactMap(\.last))
            }
        }
    }

    /// Kata 1 passed over hypervisors, and over the tables of Clear Containers that its first releases took; later ones have one agent.
    private func refusesType(_ name: String, of section: String) -> Bool {
        let isFirst = generation.id == KataGo.generation1
        return section == "hypervisor" ? !isFirst : isFirst && rules[[section, "kata"]] != nil && !["cc", "hyperstart"].contains(name)
    }

    /// A table of another hypervisor stays as it is.
    private mutating func keep(_ table: TOMLTable, at path: [String]) {
        for entry in table.entries {
            statements.append(.kept(LegacyKey(path, entry.key), TOMLEmission.Value(entry.value), entry.keyRange))
        }
    }

    private mutating func readKeys(_ entries: [TOMLEntry], at path: [String]) {
        let own = rules[path] ?? []
        let known = entries.compactMap { match($0, among: own.map(\.source.name), in: path) }
        for found in single(known, in: path) {
            guard let rule = own.first(where: { $0.source.name == found.name }) else { continue }
            readValue(of: found.entry, by: rule)
        }
    }

    private mutating func readValue(of entry: TOMLEntry, by rule: KeyRule) {
        switch rule.type.check(entry.value) {
        case .success(let value):
            statements.append(.setting(LegacySetting(rule: rule, value: value, keyRange: entry.keyRange, valueRange: entry.value.range)))
        case .failure(.otherType(let found)):
            refuse(rule.source, entry, .goType, "\(rule.source) must be \(rule.type.name), not \(found); Kata refuses the file")
        case .failure(.outside(let bounds)):
            let message = "\(rule.source) must lie between \(bounds.lowerBound) and \(bounds.upperBound); Kata refuses the file"
            refuse(rule.source, entry, .goRange, message)
        }
    }

    private mutating func table(of entry: TOMLEntry, at path: [String]) -> TOMLTable? {
        if let table = entry.value.table { return table }
        let key = LegacyKey(path.dropLast(), path.last ?? entry.key)
        refuse(key, entry, .goType, "\(key) must be a table, not \(entry.value.typeName); Kata refuses the file")
        return nil
    }

    /// The tables of a section; BurntSushi/toml 0.3 did not mind another value where the program had a map of them.
    private mutating func tables(of entry: TOMLEntry, at section: String) -> TOMLTable? {
        guard generation.grammar == .burntSushi03, entry.value.table == nil else { return table(of: entry, at: [section]) }
        stranger(LegacyKey([], section), entry, similar: [])
        return nil
    }

    private mutating func refuse(_ key: LegacyKey, _ entry: TOMLEntry, _ code: DiagnosticCode, _ message: String) {
        statements.append(.refused(key, entry.keyRange))
        report(code, .error, message, entry.value.range)
    }

    private mutating func report(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange?, notes: [String] = []
    ) {
        diagnostics.append(
            Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range, notes: notes))
    }
}

// Names in any case.
extension Reading {
    /// An entry with the usual spelling of its name.
    struct Found {
        let name: String
        let entry: TOMLEntry
    }

    /// The entry under the usual spelling of its name; nil, and reported, when it has none of the names.
    private mutating func match(_ entry: TOMLEntry, among names: [String], in path: [String]) -> Found? {
        guard let name = names.first(where: { $0.lowercased() == entry.key.lowercased() }) else {
            stranger(LegacyKey(path, entry.key), entry, similar: names)
            return nil
        }
        if entry.key != name { report(.goFolded, .note, "'\(entry.key)' is '\(name)' to Kata's Go runtime", entry.keyRange) }
        return Found(name: name, entry: entry)
    }

    /// One entry of each name: the usual spelling, or else the last.
    private mutating func single(_ found: [Found], in path: [String]) -> [Found] {
        var chosen: [Found] = []
        for next in found {
            guard let place = chosen.firstIndex(where: { $0.name == next.name }) else {
                chosen.append(next)
                continue
            }
            var other = chosen[place]
            let message = "'\(next.name)' is also given at line \(other.entry.keyRange.start.line), and Kata takes either"
            report(.goDoubled, .warning, message, next.entry.keyRange)
            if other.entry.key != next.name || next.entry.key == next.name {
                chosen[place] = next
            } else {
                other = next
            }
            statements.append(.shadowed(LegacyKey(path, other.entry.key), other.entry.keyRange))
        }
        return chosen
    }

    private mutating func stranger(_ key: LegacyKey, _ entry: TOMLEntry, similar: [String]) {
        statements.append(.stranger(key, entry.keyRange))
        let isTable = entry.value.table != nil
        let name = isTable ? "table '\(key)'" : "key '\(key.name)'"
        let others = isTable ? [] : KataGo.index[key]?.releases ?? []
        let note =
            others.isEmpty
            ? "Kata's Go runtime reads past it without a word, so it has no effect"
            : "only Kata \(others.map(\.title).joined(separator: " and ")) reads it"
        report(
            isTable ? .goTable : .goKey, .warning, "unknown \(name)\(others.isEmpty ? suggestion(for: key.name, in: similar) : "")",
            entry.keyRange, notes: [note])
    }
}
