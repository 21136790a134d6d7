// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import KataConfig

extension ClearContainersV3 {
    /// Reads a file as cc-runtime did: keys in any case, unknown ones passed over. What cc-runtime refused is an error.
    public static func parse(_ source: SourceText) -> Parsed<Document> {
        let toml = TOMLDocument.parse(source, grammar: .burntSushi03)
        guard let document = toml.partial else { return Parsed(value: nil, diagnostics: toml.diagnostics) }
        var reading = Reading(source: source, diagnostics: toml.diagnostics)
        reading.read(document.root)
        if !toml.hasErrors { reading.missTables(document.root) }
        let statements = reading.statements.enumerated().sorted { a, b in
            (a.element.range.start.offset, a.offset) < (b.element.range.start.offset, b.offset)
        }
        return Parsed(value: Document(source: source, statements: statements.map(\.element)), diagnostics: reading.diagnostics)
    }

    /// The tables that a release of 3.0 took something from, or had in its packaged file.
    static let knownTables: [[String]] = [hypervisorTable, proxyTable, shimTable, agentTable, hyperstartTable, runtimeTable]
}

/// One pass over a document, from the outer tables to the keys.
private struct Reading {
    let source: SourceText
    var statements: [LegacyStatement] = []
    var diagnostics: [Diagnostic]

    init(source: SourceText, diagnostics: [Diagnostic]) {
        self.source = source
        self.diagnostics = diagnostics
    }

    mutating func read(_ root: TOMLTable) {
        let sections = Array(Set(ClearContainersV3.knownTables.compactMap(\.first))).sorted()
        let found = root.entries.compactMap { match($0, among: sections, in: []) }
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
        var known: [Found] = []
        for entry in entries {
            if types.contains(entry.key) {
                known.append(Found(name: entry.key, entry: entry))
            } else {
                stranger(LegacyKey([section], entry.key), entry, similar: types)
            }
        }
        for found in single(known, in: [section]) {
            let path = [section, found.name]
            if let table = table(of: found.entry, at: path) { readKeys(table.entries, at: path) }
        }
    }

    private mutating func readKeys(_ entries: [TOMLEntry], at path: [String]) {
        let rules = ClearContainersV3.rules.filter { $0.source.table == path }
        let known = entries.compactMap { match($0, among: rules.map(\.source.name), in: path) }
        for found in single(known, in: path) {
            guard let rule = rules.first(where: { $0.source.name == found.name }) else { continue }
            readValue(of: found.entry, by: rule)
        }
    }

    private mutating func readValue(of entry: TOMLEntry, by rule: KeyRule) {
        switch rule.type.check(entry.value) {
        case .success(let value):
            statements.append(.setting(LegacySetting(rule: rule, value: value, keyRange: entry.keyRange, valueRange: entry.value.range)))
        case .failure(.otherType(let found)):
            let message = "\(rule.source) must be \(rule.type.name), not \(found); cc-runtime refused the file"
            refuse(rule.source, entry, .wrongType, message)
        case .failure(.outside(let bounds)):
            let message = "\(rule.source) must lie between \(bounds.lowerBound) and \(bounds.upperBound); cc-runtime refused the file"
            refuse(rule.source, entry, .outOfRange, message)
        }
    }

    private mutating func table(of entry: TOMLEntry, at path: [String]) -> TOMLTable? {
        if let table = entry.value.table { return table }
        let key = LegacyKey(path.dropLast(), path.last ?? entry.key)
        refuse(key, entry, .wrongType, "\(key) must be a table, not \(entry.value.typeName); cc-runtime refused the file")
        return nil
    }

    /// The tables of a section; BurntSushi/toml 0.3 did not mind another value where the program had a map of them.
    private mutating func tables(of entry: TOMLEntry, at section: String) -> TOMLTable? {
        if let table = entry.value.table { return table }
        statements.append(.stranger(LegacyKey([], section), entry.keyRange))
        report(
            .unknownTable, .warning, "'\(section)' is \(entry.value.typeName), not a table of tables", entry.value.range,
            notes: ["cc-runtime read past it, so it had no effect"])
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
        if entry.key != name { report(.foldedKey, .note, "'\(entry.key)' is '\(name)' to cc-runtime", entry.keyRange) }
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
            let message = "'\(next.name)' is also given at line \(other.entry.keyRange.start.line), and cc-runtime took either"
            report(.doubledKey, .warning, message, next.entry.keyRange)
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
        report(
            isTable ? .unknownTable : .unknownKey, .warning, "unknown \(name)\(suggestion(for: key.name, in: similar))", entry.keyRange,
            notes: ["cc-runtime read past it, so it had no effect"])
    }
}
