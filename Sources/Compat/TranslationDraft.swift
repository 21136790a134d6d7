// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

/// A translation in the making: statements go in one after the other, then the defaults, and the whole comes out.
struct TranslationDraft {
    let dialect: Dialect
    let sources: [SourceText]
    let assets: TargetAssets
    /// What may have run on the host.
    let releases: ClosedRange<Release>
    private var entries: [ConfigTable: [TranslatedDocument.Entry]] = [:]
    private var provenance: [Provenance] = []
    private var diagnostics: [Diagnostic]
    private var leftOut: [String] = []
    private var kept: [KeptEntry] = []

    /// - Parameter releases: what may have run on the host; nil for all of the dialect's.
    init(
        dialect: Dialect, sources: [SourceText], assets: TargetAssets, releases: ClosedRange<Release>? = nil, diagnostics: [Diagnostic]
    ) {
        self.dialect = dialect
        self.sources = sources
        self.assets = assets
        self.releases = releases ?? dialect.releases
        self.diagnostics = diagnostics
    }

    /// - Parameter source: the document that says it.
    mutating func add(_ statement: LegacyStatement, of source: SourceText, refusedValue: DiagnosticCode) {
        switch statement {
        case .setting(let setting): add(setting, of: source, refusedValue: refusedValue)
        case .refused(let key, let range):
            leave(out: key, source, range, before: nil, .refused, reason: "the legacy runtime refused the value")
        case .stranger(let key, let range):
            leave(out: key, source, range, before: nil, .unknown, reason: "the legacy runtime did not know it")
        case .shadowed(let key, let range):
            leave(out: key, source, range, before: nil, .dropped, reason: "it is given in another spelling too")
        case .unread(let setting, let reason):
            leave(out: setting.rule.source, source, setting.keyRange, before: setting.value, .unknown, reason: reason)
        case .kept(let key, let value, let range):
            kept.append(KeptEntry(key: key, value: value, comments: ["from \(place(source, range)) (\(key.name))"]))
            provenance.append(
                Provenance(
                    source: key, file: source.path, range: range, target: nil, fate: .kept, before: ConfigValue(value),
                    after: ConfigValue(value), reason: "the unified format has no such table"))
        case .packaged(let setting, let reason):
            // One line for each argument that nobody chose would hide the lines that matter.
            provenance.append(
                Provenance(
                    source: setting.rule.source, file: source.path, range: setting.keyRange, target: nil, fate: .dropped,
                    before: setting.value, after: nil, reason: reason))
        case .left(let key, let range, let fate, let reason):
            leave(out: key, source, range, before: nil, fate, reason: reason)
        }
    }

    private mutating func add(_ setting: LegacySetting, of source: SourceText, refusedValue: DiagnosticCode) {
        let rule = setting.rule
        if case .dropped(let remark) = rule.fate {
            report(remark.code, remark.severity, "\(rule.source) is dropped: \(remark.reason)", source, setting.keyRange)
            leave(
                out: rule.source, source, setting.keyRange, before: setting.value, .dropped, reason: remark.reason,
                isForAll: !dialect.isCurrent)
            // A Kata of another release may have what ours has not.
            guard dialect.isCurrent else { return }
            let origin = "from \(place(source, setting.keyRange)) (\(rule.source.name))"
            kept.append(KeptEntry(key: rule.source, value: setting.value.emission, comments: [origin]))
            return
        }
        switch rule.fate.map(setting.value, assets: assets) {
        case .refused(let allowed):
            let list = allowed.filter { !$0.isEmpty }.map { "\"\($0)\"" }.joined(separator: ", ")
            report(refusedValue, .error, "\(rule.source) must be one of \(list)", source, setting.valueRange)
            leave(out: rule.source, source, setting.keyRange, before: setting.value, .refused, reason: "it must be one of \(list)")
        case .unsupported(let remark):
            let reason = "\(setting.value.tomlText) has no equivalent: \(remark.reason)"
            report(remark.code, remark.severity, "\(rule.source) \(reason)", source, setting.valueRange)
            leave(out: rule.source, source, setting.keyRange, before: setting.value, .refused, reason: reason)
        case .value(let value, let changes):
            for change in changes {
                report(change.remark.code, change.remark.severity, "\(rule.source): \(change.text)", source, setting.valueRange)
            }
            write(setting, of: source, value, changes)
        }
    }

    private mutating func write(_ setting: LegacySetting, of source: SourceText, _ value: ConfigValue, _ changes: [ValueChange]) {
        guard let target = setting.rule.fate.target else { return }
        let changed = value != setting.value
        let written = changed ? " = \(setting.value.tomlText)" : ""
        let origin = "from \(place(source, setting.keyRange)) (\(setting.rule.source.name)\(written))"
        append(target, value, comments: [origin] + changes.map(\.text), joiner: setting.rule.fate.joiner)
        let isReplaced = if case .replaced = setting.rule.fate { true } else { false }
        provenance.append(
            Provenance(
                source: setting.rule.source, file: source.path, range: setting.keyRange, target: target,
                fate: isReplaced ? .replaced : changed ? .mapped : .carried, before: setting.value, after: value,
                reason: changes.isEmpty ? nil : changes.map(\.text).joined(separator: "; ")))
    }

    /// - Parameter isForAll: whether no target takes it.
    private mutating func leave(
        out key: LegacyKey, _ source: SourceText, _ range: SourceRange, before: ConfigValue?, _ fate: Provenance.Fate, reason: String,
        isForAll: Bool = true
    ) {
        if isForAll { leftOut.append("\(place(source, range)) (\(key)): \(fate.rawValue), \(reason)") }
        provenance.append(
            Provenance(source: key, file: source.path, range: range, target: nil, fate: fate, before: before, after: nil, reason: reason))
    }

    /// - Parameter joiner: between this text and what other documents said of the same key; nil where the last one said wins.
    private mutating func append(_ key: TargetKey, _ value: ConfigValue, comments: [String], joiner: Character? = nil) {
        var table = entries[key.table, default: []]
        if let place = table.firstIndex(where: { $0.key == key }) {
            let old = table[place]
            var joined = value
            if let joiner, case .string(let before) = old.value, case .string(let text) = value {
                joined = .string([before, text].filter { !$0.isEmpty }.joined(separator: String(joiner)))
            }
            table[place] = TranslatedDocument.Entry(key: key, value: joined, comments: old.comments + comments)
        } else {
            table.append(TranslatedDocument.Entry(key: key, value: value, comments: comments))
        }
        entries[key.table] = table
    }

    /// - Parameter source: nil for what no document says; the first is the one that does not say it.
    mutating func report(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ source: SourceText? = nil, _ range: SourceRange? = nil,
        notes: [String] = []
    ) {
        guard let path = (source ?? sources.first)?.path else { return }
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: path, range: range, notes: notes))
    }

    private var names: String { sources.map(\.path.string).joined(separator: ", ") }

    private func place(_ source: SourceText, _ range: SourceRange) -> String { "\(source.path.string):\(range.start.line)" }
}

// What the legacy document does not say.
extension TranslationDraft {
    /// As for the document that this becomes.
    var configuresQEMU: Bool { entries[.hypervisor] != nil || !kept.contains(where: \.isOfOtherHypervisor) }

    /// Writes what the legacy runtime did for each key that was not set, wherever today's default is another or is not Kata's.
    ///
    /// - Parameters:
    ///   - rules: those of the dialect, as they are for the releases of the draft.
    ///   - spelledOut: keys whose default is written even where today's is the same, and of releases that had it without the key.
    mutating func addDefaults(code: DiagnosticCode, rules: [KeyRule]? = nil, spelledOut: Set<LegacyKey> = []) {
        // What the legacy runtime read past, or took from elsewhere, did not keep its default away.
        let said = Set(provenance.filter { $0.fate != .unknown && $0.fate != .dropped }.compactMap(\.source))
        for rule in rules ?? dialect.rules where !said.contains(rule.source) {
            guard rule.releases.common(with: releases) != nil || spelledOut.contains(rule.source) else { continue }
            // Two keys may come to one: an image and an initrd are both the guest's root.
            guard let target = rule.fate.target, entries[target.table]?.contains(where: { $0.key == target }) != true else { continue }
            if case .replaced(_, let role, let remark) = rule.fate {
                let reason = "in place of the default of \(rule.source): \(remark.reason)"
                writeDefault(target, .string(assets[role].string), reason)
            } else if let absent = rule.absent, case .value(let value, let changes) = rule.fate.map(absent, assets: assets),
                differs(value, target) || spelledOut.contains(rule.source)
            {
                let reason = "not set in \(names), where it meant \(absent.tomlText)"
                writeDefault(target, value, reason)
                report(code, .note, "\(target) = \(value.tomlText) is written: \(reason)")
                for change in changes where change.remark.severity != .note {
                    report(change.remark.code, change.remark.severity, "\(rule.source): \(change.text)")
                }
            }
        }
    }

    /// Writes what was so without a key.
    mutating func add(_ setting: FixedSetting, code: DiagnosticCode) {
        // Of what differs between releases that may have run, nothing is known.
        if let own = setting.releases, own.common(with: releases) != releases { return }
        guard differs(setting.value, setting.target) else { return }
        writeDefault(setting.target, setting.value, setting.reason)
        report(code, .note, "\(setting.target) = \(setting.value.tomlText) is written: \(setting.reason)")
    }

    private mutating func writeDefault(_ target: TargetKey, _ value: ConfigValue, _ reason: String) {
        append(target, value, comments: [reason])
        provenance.append(
            Provenance(source: nil, file: nil, range: nil, target: target, fate: .defaulted, before: nil, after: value, reason: reason))
    }

    /// A default of ours that Kata does not share is no default to rely on: the same file may be read by Kata.
    private func differs(_ value: ConfigValue, _ target: TargetKey) -> Bool {
        guard let key = target.definition, key.deviation == nil, let ours = key.defaultValue else { return true }
        return !value.isSame(as: ours)
    }

    /// A finding that is about no statement of its own.
    mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// The translation of all that was added.
    func finish() -> Translation {
        let tables = ConfigTable.allCases.compactMap { table in
            entries[table].map { TranslatedDocument.Table(table: table, entries: $0) }
        }
        var document = TranslatedDocument(
            preface: ["Translated from \(names), a \(dialect.title)."]
                + (leftOut.isEmpty ? [] : ["", "Left out:"] + leftOut.map { "  \($0)" }), tables: tables)
        document.kept = kept
        let order = Dictionary(sources.enumerated().map { ($0.element.path, $0.offset) }) { first, _ in first }
        let places = diagnostics.enumerated().map { index, finding in
            let isPlaced = finding.range != nil
            return ((isPlaced ? finding.path.flatMap { order[$0] } : nil) ?? Int.max, finding.range?.start.offset ?? Int.max, index)
        }
        let inOrder = zip(places, diagnostics).sorted { $0.0 < $1.0 }.map(\.1)
        return Translation(
            dialect: dialect.id, sources: sources, document: document, provenance: provenance, diagnostics: inOrder)
    }
}
