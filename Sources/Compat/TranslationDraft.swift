// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

/// A translation in the making: statements go in one after the other, then the defaults, and the whole comes out.
struct TranslationDraft {
    let dialect: Dialect
    let source: SourceText
    let assets: TargetAssets
    private var entries: [ConfigTable: [TranslatedDocument.Entry]] = [:]
    private var provenance: [Provenance] = []
    private var diagnostics: [Diagnostic]
    private var leftOut: [String] = []

    init(dialect: Dialect, source: SourceText, assets: TargetAssets, diagnostics: [Diagnostic]) {
        self.dialect = dialect
        self.source = source
        self.assets = assets
        self.diagnostics = diagnostics
    }

    mutating func add(_ statement: LegacyStatement, refusedValue: DiagnosticCode) {
        switch statement {
        case .setting(let setting): add(setting, refusedValue: refusedValue)
        case .refused(let key, let range):
            leave(out: key, range, before: nil, .refused, reason: "the legacy runtime refused the value")
        case .stranger(let key, let range):
            leave(out: key, range, before: nil, .unknown, reason: "the legacy runtime did not know it")
        case .shadowed(let key, let range):
            leave(out: key, range, before: nil, .dropped, reason: "it is given in another spelling too")
        }
    }

    private mutating func add(_ setting: LegacySetting, refusedValue: DiagnosticCode) {
        let rule = setting.rule
        if case .dropped(let remark) = rule.fate {
            report(remark.code, remark.severity, "\(rule.source) is dropped: \(remark.reason)", setting.keyRange)
            leave(out: rule.source, setting.keyRange, before: setting.value, .dropped, reason: remark.reason)
            return
        }
        switch rule.fate.map(setting.value, assets: assets) {
        case .refused(let allowed):
            let list = allowed.filter { !$0.isEmpty }.map { "\"\($0)\"" }.joined(separator: ", ")
            report(refusedValue, .error, "\(rule.source) must be one of \(list)", setting.valueRange)
            leave(out: rule.source, setting.keyRange, before: setting.value, .refused, reason: "it must be one of \(list)")
        case .value(let value, let changes):
            for change in changes {
                report(change.remark.code, change.remark.severity, "\(rule.source): \(change.text)", setting.valueRange)
            }
            write(setting, value, changes)
        }
    }

    private mutating func write(_ setting: LegacySetting, _ value: ConfigValue, _ changes: [ValueChange]) {
        guard let target = setting.rule.fate.target else { return }
        let changed = value != setting.value
        let written = changed ? " = \(setting.value.tomlText)" : ""
        let origin = "from \(place(setting.keyRange)) (\(setting.rule.source.name)\(written))"
        append(target, value, comments: [origin] + changes.map(\.text))
        let isReplaced = if case .replaced = setting.rule.fate { true } else { false }
        provenance.append(
            Provenance(
                source: setting.rule.source, range: setting.keyRange, target: target,
                fate: isReplaced ? .replaced : changed ? .mapped : .carried, before: setting.value, after: value,
                reason: changes.isEmpty ? nil : changes.map(\.text).joined(separator: "; ")))
    }

    private mutating func leave(
        out key: LegacyKey, _ range: SourceRange, before: ConfigValue?, _ fate: Provenance.Fate, reason: String
    ) {
        leftOut.append("\(place(range)) (\(key)): \(fate.rawValue), \(reason)")
        provenance.append(Provenance(source: key, range: range, target: nil, fate: fate, before: before, after: nil, reason: reason))
    }

    private mutating func append(_ key: TargetKey, _ value: ConfigValue, comments: [String]) {
        entries[key.table, default: []].append(TranslatedDocument.Entry(key: key, value: value, comments: comments))
    }

    private mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange?) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }

    private func place(_ range: SourceRange) -> String { "\(source.path.string):\(range.start.line)" }
}

// What the legacy document does not say.
extension TranslationDraft {
    /// Writes what the legacy runtime did for each key that was not set, wherever today's default is another or is not Kata's.
    mutating func addDefaults(code: DiagnosticCode) {
        let said = Set(provenance.compactMap(\.source))
        for rule in dialect.rules where !said.contains(rule.source) {
            guard let target = rule.fate.target else { continue }
            if case .replaced(_, let role, let remark) = rule.fate {
                let reason = "in place of the default of \(rule.source): \(remark.reason)"
                writeDefault(target, .string(assets[role].string), reason)
            } else if let absent = rule.absent, case .value(let value, _) = rule.fate.map(absent, assets: assets), differs(value, target) {
                let reason = "not set in \(source.path.string), where it meant \(absent.tomlText)"
                writeDefault(target, value, reason)
                report(code, .note, "\(target) = \(value.tomlText) is written: \(reason)", nil)
            }
        }
    }

    /// Writes what was so without a key.
    mutating func add(_ setting: FixedSetting, code: DiagnosticCode) {
        guard differs(setting.value, setting.target) else { return }
        writeDefault(setting.target, setting.value, setting.reason)
        report(code, .note, "\(setting.target) = \(setting.value.tomlText) is written: \(setting.reason)", nil)
    }

    private mutating func writeDefault(_ target: TargetKey, _ value: ConfigValue, _ reason: String) {
        append(target, value, comments: [reason])
        provenance.append(
            Provenance(source: nil, range: nil, target: target, fate: .defaulted, before: nil, after: value, reason: reason))
    }

    /// A default of ours that Kata does not share is no default to rely on: the same file may be read by Kata.
    private func differs(_ value: ConfigValue, _ target: TargetKey) -> Bool {
        guard let key = target.definition, key.deviation == nil, let ours = key.defaultValue else { return true }
        return !value.isSame(as: ours)
    }

    /// The translation of all that was added.
    func finish() -> Translation {
        let tables = ConfigTable.allCases.compactMap { table in
            entries[table].map { TranslatedDocument.Table(table: table, entries: $0) }
        }
        let document = TranslatedDocument(
            preface: ["Translated from \(source.path.string), a \(dialect.title)."]
                + (leftOut.isEmpty ? [] : ["", "Left out:"] + leftOut.map { "  \($0)" }), tables: tables)
        let inOrder = diagnostics.enumerated().sorted { a, b in
            let places = (a.element.range?.start.offset ?? Int.max, b.element.range?.start.offset ?? Int.max)
            return places.0 == places.1 ? a.offset < b.offset : places.0 < places.1
        }
        return Translation(
            dialect: dialect.id, source: source, document: document, provenance: provenance, diagnostics: inOrder.map(\.element))
    }
}
