// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import KataConfig

extension ClearContainersV3 {
    /// Reads a file as cc-runtime did: keys in any case, unknown ones passed over. What cc-runtime refused is an error.
    public static func parse(_ source: SourceText) -> Parsed<Document> {
        let toml = TOMLDocument.parse(source)
        guard let document = toml.partial else { return Parsed(value: nil, diagnostics: toml.diagnostics) }
        var reading = Reading(source: source, diagnostics: toml.diagnostics)
        reading.read(document.root)
        return Parsed(value: Document(source: source, statements: reading.statements), diagnostics: reading.diagnostics)
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
        for found in choose(root.entries, among: sections, in: []) {
            guard let table = requireTable(found) else { continue }
            if ClearContainersV3.knownTables.contains([found.name]) {
                readKeys(of: table, at: [found.name])
            } else {
                readTypes(of: table, at: found.name)
            }
        }
        // Go's decoder left the shim unset without any such table, and an empty proxy path was refused when a VM was to start.
        for section in ["proxy", "shim"] where !statementsOrTables(root, have: section) {
            report(.missingTable, .warning, "no table [\(section).cc], without which cc-runtime started no container", nil)
        }
    }

    private func statementsOrTables(_ root: TOMLTable, have section: String) -> Bool {
        root.entries.contains { entry in
            guard entry.key.lowercased() == section, let table = entry.value.table else { return false }
            return !table.entries.isEmpty
        }
    }

    /// The second level names types; Go looked those up exactly as written.
    private mutating func readTypes(of table: TOMLTable, at section: String) {
        let types = ClearContainersV3.knownTables.filter { $0.first == section }.compactMap(\.last)
        for entry in table.entries {
            let path = [section, entry.key]
            guard types.contains(entry.key) else {
                stranger(LegacyKey([section], entry.key), entry.keyRange, isTable: true, similar: types)
                continue
            }
            guard let inner = requireTable(Found(name: entry.key, entry: entry)) else { continue }
            readKeys(of: inner, at: path)
        }
    }

    private mutating func readKeys(of table: TOMLTable, at path: [String]) {
        let rules = ClearContainersV3.rules.filter { $0.source.table == path }
        for found in choose(table.entries, among: rules.map(\.source.name), in: path) {
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
            refuse(rule.source, entry.value.range, .wrongType, message)
        case .failure(.outside(let bounds)):
            let message = "\(rule.source) must lie between \(bounds.lowerBound) and \(bounds.upperBound); cc-runtime refused the file"
            refuse(rule.source, entry.value.range, .outOfRange, message)
        }
    }

    private mutating func requireTable(_ found: Found) -> TOMLTable? {
        if let table = found.entry.value.table { return table }
        let key = LegacyKey([], found.name)
        refuse(key, found.entry.value.range, .wrongType, "\(found.name) must be a table; cc-runtime refused the file")
        return nil
    }

    private mutating func refuse(_ key: LegacyKey, _ range: SourceRange, _ code: DiagnosticCode, _ message: String) {
        statements.append(.refused(key, range))
        report(code, .error, message, range)
    }

    private mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange?) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}

// Names in any case.
extension Reading {
    /// An entry with the usual spelling of its name.
    struct Found {
        let name: String
        let entry: TOMLEntry
    }

    /// The entries that have one of the names, in the order of the file, at most one for each name; the others are strangers.
    private mutating func choose(_ entries: [TOMLEntry], among names: [String], in path: [String]) -> [Found] {
        var chosen: [String: TOMLEntry] = [:]
        for entry in entries {
            guard let name = names.first(where: { $0.lowercased() == entry.key.lowercased() }) else { continue }
            if let other = chosen[name] {
                let message = "'\(entry.key)' and '\(other.key)' are one key to cc-runtime, which took either"
                report(.doubledKey, .warning, message, entry.keyRange)
                if other.key == name { continue }
            }
            chosen[name] = entry
        }
        var found: [Found] = []
        for entry in entries {
            guard let name = names.first(where: { $0.lowercased() == entry.key.lowercased() }) else {
                stranger(LegacyKey(path, entry.key), entry.keyRange, isTable: entry.value.table != nil, similar: names)
                continue
            }
            guard chosen[name]?.keyRange == entry.keyRange else { continue }
            if entry.key != name {
                report(.foldedKey, .note, "'\(entry.key)' is '\(name)' to cc-runtime", entry.keyRange)
            }
            found.append(Found(name: name, entry: entry))
        }
        return found
    }

    private mutating func stranger(_ key: LegacyKey, _ range: SourceRange, isTable: Bool, similar: [String]) {
        statements.append(.stranger(key, range))
        let hint = suggestion(for: key.name, in: similar)
        if isTable {
            report(.unknownTable, .warning, "unknown table '\(key)'\(hint); cc-runtime read past it", range)
        } else {
            report(.unknownKey, .warning, "unknown key '\(key.name)'\(hint); cc-runtime read past it", range)
        }
    }
}
