// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension RuntimeRS {
    /// Reads a file as runtime-rs does: names exactly as they are spelt, and some tables that allow no unknown key.
    ///
    /// - Parameter isTrial: whether the findings do not matter.
    static func parse(_ source: SourceText, isTrial: Bool = false) -> Parsed<Document> {
        let toml = TOMLDocument.parse(source, grammar: .toml11)
        guard let document = toml.partial else { return Parsed(value: nil, diagnostics: toml.diagnostics) }
        var reading = Reading(source: source, isTrial: isTrial, diagnostics: toml.diagnostics)
        reading.read(document.root)
        return Parsed(value: Document(statements: reading.inOrder, strangers: reading.strangers), diagnostics: reading.diagnostics)
    }

    fileprivate static let rulesByTable = Dictionary(grouping: rules, by: \.source.table)
}

/// One pass over a document, from the outer tables to the keys.
private struct Reading: TableReading {
    let source: SourceText
    let voice = TableVoice(
        refusal: "runtime-rs refuses the file", passedOver: "runtime-rs reads past it without a word, so it has no effect",
        wrongType: .rustType, outOfRange: .rustType, unknownKey: .rustStranger, unknownTable: .rustStranger)
    let isTrial: Bool
    var statements: [LegacyStatement] = []
    var diagnostics: [Diagnostic]
    var strangers = 0

    init(source: SourceText, isTrial: Bool, diagnostics: [Diagnostic]) {
        self.source = source
        self.isTrial = isTrial
        self.diagnostics = diagnostics
    }

    mutating func read(_ root: TOMLTable) {
        for entry in root.entries {
            switch entry.key {
            case "hypervisor": readHypervisors(entry)
            case "agent": for inner in tables(of: entry, at: ["agent"]) { readAgent(inner) }
            case "runtime": if let table = table(of: entry, at: ["runtime"]) { readKeys(table, at: ["runtime"]) }
            default: passOver(LegacyKey([], entry.key), entry, similar: ["hypervisor", "agent", "runtime"])
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
                refuse(LegacyKey(["hypervisor"], inner.key), inner, .rustHypervisor, message, at: inner.keyRange)
            }
        }
    }

    private mutating func readAgent(_ entry: TOMLEntry) {
        let path = ["agent", entry.key]
        guard entry.key == "kata" else { return passOver(LegacyKey(["agent"], entry.key), entry, similar: ["kata"]) }
        if let table = table(of: entry, at: path) { readKeys(table, at: path) }
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
                passOver(LegacyKey(path, entry.key), entry, similar: rules.map(\.source.name))
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
        let named = message + suggestion(for: entry.key, in: similar)
        refuse(LegacyKey(path, entry.key), entry, .rustDenied, named, at: entry.keyRange)
    }

    private mutating func tables(of entry: TOMLEntry, at path: [String]) -> [TOMLEntry] { table(of: entry, at: path)?.entries ?? [] }

    private mutating func passOver(_ key: LegacyKey, _ entry: TOMLEntry, similar: [String]) {
        strangers += 1
        stranger(key, entry, similar: similar)
    }
}
