// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension RuntimeRS {
    /// Reads a file as runtime-rs does: names exactly as they are spelt, and some tables that allow no unknown key.
    static func parse(_ source: SourceText) -> Parsed<Document> {
        let toml = TOMLDocument.parse(source)
        guard let document = toml.partial else { return Parsed(value: nil, diagnostics: toml.diagnostics) }
        var reading = Reading(source: source, diagnostics: toml.diagnostics)
        reading.read(document.root)
        let statements = reading.statements.enumerated().sorted { a, b in
            (a.element.range.start.offset, a.offset) < (b.element.range.start.offset, b.offset)
        }
        return Parsed(
            value: Document(statements: statements.map(\.element), strangers: reading.strangers), diagnostics: reading.diagnostics)
    }

    fileprivate static let rulesByTable = Dictionary(grouping: rules, by: \.source.table)
}

/// One pass over a document, from the outer tables to the keys.
private struct Reading {
    let source: SourceText
    var statements: [LegacyStatement] = []
    var diagnostics: [Diagnostic]
    var strangers = 0

    init(source: SourceText, diagnostics: [Diagnostic]) {
        self.source = source
        self.diagnostics = diagnostics
    }

    mutating func read(_ root: TOMLTable) {
        for entry in root.entries {
            switch entry.key {
            case "hypervisor": readHypervisors(entry)
            case "agent": for inner in tables(of: entry, at: ["agent"]) { readAgent(inner) }
            case "runtime": if let table = table(of: entry, at: ["runtime"]) { readKeys(table, at: ["runtime"]) }
            default: stranger(LegacyKey([], entry.key), entry, similar: ["hypervisor", "agent", "runtime"])
            }
        }
    }

    private mutating func readHypervisors(_ entry: TOMLEntry) {
        for inner in tables(of: entry, at: ["hypervisor"]) {
            let path = ["hypervisor", inner.key]
            if inner.key == "qemu" {
                if let table = table(of: inner, at: path) { readKeys(table, at: path) }
            } else if RuntimeRS.hypervisors.contains(inner.key) {
                if let table = table(of: inner, at: path) { keep(table, at: path) }
            } else {
                strangers += 1
                let message = "runtime-rs has no hypervisor '\(inner.key)' and refuses the file"
                refuse(LegacyKey(["hypervisor"], inner.key), inner, .rustHypervisor, message)
            }
        }
    }

    private mutating func readAgent(_ entry: TOMLEntry) {
        let path = ["agent", entry.key]
        guard entry.key == "kata" else { return stranger(LegacyKey(["agent"], entry.key), entry, similar: ["kata"]) }
        if let table = table(of: entry, at: path) { readKeys(table, at: path) }
    }

    /// A table of another hypervisor stays as it is.
    private mutating func keep(_ table: TOMLTable, at path: [String]) {
        for entry in table.entries {
            if let inner = entry.value.table, inner.origin != .inline {
                keep(inner, at: path + [entry.key])
            } else {
                statements.append(.kept(LegacyKey(path, entry.key), TOMLEmission.Value(entry.value), entry.keyRange))
            }
        }
    }

    private mutating func readKeys(_ table: TOMLTable, at path: [String]) {
        let rules = RuntimeRS.rulesByTable[path] ?? []
        for entry in table.entries {
            if let inner = entry.value.table, RuntimeRS.tables.contains(path + [entry.key]) {
                readKeys(inner, at: path + [entry.key])
            } else if let inner = entry.value.table, RuntimeRS.reads("uid", in: path + [entry.key]) {
                readUser(inner, at: path + [entry.key])
            } else if let rule = rules.first(where: { $0.source.name == entry.key }) {
                readValue(of: entry, by: rule)
            } else if RuntimeRS.deniesUnknownKeys(in: path) {
                deny(entry, in: path, similar: rules.map(\.source.name))
            } else {
                stranger(LegacyKey(path, entry.key), entry, similar: rules.map(\.source.name))
            }
        }
    }

    private mutating func readUser(_ table: TOMLTable, at path: [String]) {
        for entry in table.entries {
            if RuntimeRS.reads(entry.key, in: path) {
                statements.append(.kept(LegacyKey(path, entry.key), TOMLEmission.Value(entry.value), entry.keyRange))
            } else {
                deny(entry, in: path, similar: Array(RuntimeRS.rootlessUserKeys))
            }
        }
    }

    private mutating func deny(_ entry: TOMLEntry, in path: [String], similar: [String]) {
        strangers += 1
        let message = "[\(path.joined(separator: "."))] has no key '\(entry.key)', and runtime-rs refuses the file for it"
        refuse(LegacyKey(path, entry.key), entry, .rustDenied, message + suggestion(for: entry.key, in: similar))
    }

    private mutating func readValue(of entry: TOMLEntry, by rule: KeyRule) {
        switch rule.type.check(entry.value) {
        case .success(let value):
            statements.append(.setting(LegacySetting(rule: rule, value: value, keyRange: entry.keyRange, valueRange: entry.value.range)))
        case .failure(.otherType(let found)):
            refuse(rule.source, entry, .rustType, "\(rule.source) must be \(rule.type.name), not \(found); runtime-rs refuses the file")
        case .failure(.outside(let bounds)):
            let message = "\(rule.source) must lie between \(bounds.lowerBound) and \(bounds.upperBound); runtime-rs refuses the file"
            refuse(rule.source, entry, .rustType, message)
        }
    }

    private mutating func tables(of entry: TOMLEntry, at path: [String]) -> [TOMLEntry] { table(of: entry, at: path)?.entries ?? [] }

    private mutating func table(of entry: TOMLEntry, at path: [String]) -> TOMLTable? {
        if let table = entry.value.table { return table }
        let key = LegacyKey(path.dropLast(), path.last ?? entry.key)
        refuse(key, entry, .rustType, "\(key) must be a table, not \(entry.value.typeName); runtime-rs refuses the file")
        return nil
    }

    private mutating func refuse(_ key: LegacyKey, _ entry: TOMLEntry, _ code: DiagnosticCode, _ message: String) {
        statements.append(.refused(key, entry.keyRange))
        report(code, .error, message, entry.keyRange)
    }

    private mutating func stranger(_ key: LegacyKey, _ entry: TOMLEntry, similar: [String]) {
        strangers += 1
        statements.append(.stranger(key, entry.keyRange))
        let name = entry.value.table != nil ? "table '\(key)'" : "key '\(key.name)'"
        report(
            .rustStranger, .warning, "unknown \(name)\(suggestion(for: key.name, in: similar))", entry.keyRange,
            notes: ["runtime-rs reads past it without a word, so it has no effect"])
    }

    private mutating func report(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange?, notes: [String] = []
    ) {
        diagnostics.append(
            Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range, notes: notes))
    }
}
