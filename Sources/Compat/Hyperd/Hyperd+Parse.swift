// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import KataConfig

extension Hyperd {
    /// Reads a file as hyperd did: names exactly, values with their names replaced. What hyperd refused is an error.
    public static func parse(_ source: SourceText) -> Parsed<Document> {
        let ini = HyperdINI(readingAll: source)
        var reading = HyperdReading(source: source, ini: ini)
        for line in ini.unreadable {
            reading.report(.hyperdLine, .error, "hyperd could not read this line and did not start", line)
        }
        for entry in ini.entries { reading.read(entry) }
        reading.pairFlash()
        return Parsed(value: Document(source: source, statements: reading.statements), diagnostics: reading.diagnostics)
    }
}

struct HyperdReading {
    let source: SourceText
    let ini: HyperdINI
    var statements: [LegacyStatement] = []
    var diagnostics: [Diagnostic] = []
    private let usedNames: Set<String>

    init(source: SourceText, ini: HyperdINI) {
        self.source = source
        self.ini = ini
        usedNames = ini.names
    }

    mutating func read(_ entry: HyperdINI.Entry) {
        let table = entry.section == HyperdINI.defaultSection ? [] : [entry.section]
        let key = LegacyKey(table, entry.key)
        let isPolicy = key == LegacyKey([], "VmFactoryPolicy")
        let rule = Hyperd.rules.first { $0.source == key }
        guard rule != nil || isPolicy || table == Hyperd.logTable else {
            if usedNames.contains(entry.key) {
                statements.append(.left(key, entry.keyRange, because: "its value stands where its name is used"))
                return
            }
            let names = isKnown(table) ? Hyperd.rules.filter { $0.source.table == table }.map(\.source.name) + ["VmFactoryPolicy"] : []
            report(
                .hyperdUnknown, .warning, "unknown key '\(key)'\(suggestion(for: entry.key, in: names)); hyperd read past it",
                entry.keyRange)
            statements.append(.stranger(key, entry.keyRange))
            return
        }
        if let last = ini.entry(entry.key, in: entry.section), last.keyRange != entry.keyRange {
            report(.hyperdRepeated, .note, "\(key) is given again at line \(last.line), which counts", entry.keyRange)
            statements.append(.left(key, entry.keyRange, because: "it is given again, and the last counts"))
            return
        }
        guard let text = expanded(entry, key) else { return }
        if text.isEmpty {
            statements.append(.left(key, entry.keyRange, because: "it is empty, which is as if it were not there"))
        } else if isPolicy {
            readPolicy(text, entry)
        } else if let rule {
            readValue(text, entry, rule)
        } else {
            let rule = KeyRule(
                source: key, type: .string, releases: Release(0, 5, 0)...Hyperd.master, absent: nil, fate: .dropped(Hyperd.engineLogs))
            set(rule, .string(text), entry)
        }
    }

    private func isKnown(_ table: [String]) -> Bool { table.isEmpty || table == Hyperd.logTable }

    /// [Log] was handed on as it was written.
    private mutating func expanded(_ entry: HyperdINI.Entry, _ key: LegacyKey) -> String? {
        if entry.section == Hyperd.logTable.first { return entry.value }
        do throws(HyperdINI.EndlessValue) {
            let expansion = try ini.expansion(of: entry)
            if let name = expansion.missing.first {
                report(.hyperdMissingName, .warning, "no key is called '\(name)', so nothing takes its place", entry.valueRange)
            }
            return expansion.text
        } catch {
            report(.hyperdEndless, .error, "the names in \(key) lead in a circle, and hyperd ended for it", entry.valueRange)
            statements.append(.refused(key, entry.keyRange))
            return nil
        }
    }

    private mutating func readValue(_ text: String, _ entry: HyperdINI.Entry, _ rule: KeyRule) {
        switch rule.type {
        case .boolean:
            let value = GoSyntax.boolean(text)
            if value == nil { report(.hyperdNoBoolean, .warning, "hyperd took '\(text)' for false", entry.valueRange) }
            set(rule, .boolean(value ?? false), entry)
        case .integer(let bounds):
            // Only the buffers' numbers were read with the prefixes of other bases.
            guard let value = rule.source.name.hasPrefix("Buffer") ? GoSyntax.integer(text) : Int64(text), bounds.contains(value) else {
                report(.hyperdNoNumber, .error, "\(rule.source) must be \(rule.type.name), not '\(text)'", entry.valueRange)
                statements.append(.refused(rule.source, entry.keyRange))
                return
            }
            set(rule, .integer(value), entry)
        default:
            if rule.source.name == "StorageBaseSize", Int64(text) == nil {
                report(.hyperdBaseSize, .note, "hyperd 1.0.0 took '\(text)' for 0; later releases know sizes with a unit", entry.valueRange)
            }
            set(rule, .string(text), entry)
        }
    }

    private mutating func set(_ rule: KeyRule, _ value: ConfigValue, _ entry: HyperdINI.Entry) {
        statements.append(.setting(LegacySetting(rule: rule, value: value, keyRange: entry.keyRange, valueRange: entry.valueRange)))
    }

    /// With Cbfs beside it, Bios was the other half of a flash.
    mutating func pairFlash() {
        guard ini.entry("Cbfs").map({ !$0.value.isEmpty }) == true else { return }
        statements = statements.map { statement in
            guard case .setting(let setting) = statement, setting.rule.source == Hyperd.pairedBios.source else { return statement }
            return .setting(
                LegacySetting(
                    rule: Hyperd.pairedBios, value: setting.value, keyRange: setting.keyRange, valueRange: setting.valueRange))
        }
    }

    mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange?) {
        diagnostics.report(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}
