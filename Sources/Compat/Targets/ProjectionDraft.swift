// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

/// A projection in the making: the document's keys go in one after the other, then what the target asks for beyond them.
struct ProjectionDraft {
    let target: TargetDialect
    let translation: Translation
    private var root = TOMLEmission.Table()
    private var losses: [Loss] = []
    private var diagnostics: [Diagnostic] = []

    private var rules: TargetRules { target.rules }
    private var document: TranslatedDocument { translation.document }

    init(target: TargetDialect, translation: Translation) {
        self.target = target
        self.translation = translation
    }

    mutating func write() {
        for entry in document.tables.flatMap(\.entries) where !isAsset(entry.key) {
            write(entry.key, entry.value, in: entry.key.table.path, comments: entry.comments)
        }
        for entry in document.kept { write(entry) }
        writeDefaults()
        writeAssets()
        writeHypervisorName()
        for entry in rules.required where value(at: entry.key) == nil && isConfigured(entry.key.table) {
            require(entry)
        }
        for conflict in rules.conflicts { resolve(conflict) }
    }

    func finish() -> Projection {
        var preface = document.preface
        if rules.assets != nil {
            preface += ["", "Written for \(target.title), which reads it as the first of:"] + target.searchPaths.map { "  \($0.string)" }
        }
        if !losses.isEmpty {
            preface += ["", "Has no meaning there:"] + losses.map { "  \($0.key) = \($0.value): \($0.reason)" }
        }
        return Projection(
            target: target.id, emission: TOMLEmission(root: root, preface: preface), losses: losses, diagnostics: diagnostics)
    }

    private func isConfigured(_ table: [String]) -> Bool { !table.starts(with: ConfigTable.hypervisor.path) || document.configuresQEMU }

    private func isAsset(_ key: TargetKey) -> Bool {
        rules.assets != nil && key.table == .hypervisor && UpstreamAssets.keys.contains(key.name)
    }
}

// Keys, one by one.
extension ProjectionDraft {
    /// - Parameter table: where the key stands, which is not its own table when the table is another hypervisor's.
    private mutating func write(_ key: TargetKey, _ value: ConfigValue, in table: [String], comments: [String]) {
        let source = LegacyKey(table, key.name)
        switch rules.fate(of: key, in: table) {
        case .lost(let reason): lose(source, key, value, reason)
        case .implied(let always, _) where value.isSame(as: always):
            record(Loss(key: source, value: value.tomlText, reason: "it always does so", matters: false), isNew: true)
        case .implied(_, let reason): lose(source, key, value, reason)
        case .written(let place, let mapping):
            let place = place.map { LegacyKey($0.table.relocated(from: key.table.path, to: table), $0.name) } ?? source
            if place != source, document.says(place) { return lose(source, key, value, "\(place) is given too") }
            switch mapping?.apply(to: value) ?? .value(value, []) {
            case .refused(let allowed):
                let list = allowed.filter { !$0.isEmpty }.joined(separator: ", ")
                lose(source, key, value, list.isEmpty ? "it refuses the value" : "it takes only \(list)")
            case .unsupported(let remark): lose(source, key, value, remark.reason)
            case .value(let written, let changes):
                for change in changes { report(change.remark, "\(source): \(change.text)", about: source) }
                set(place, written.emission, comments: comments + changes.map(\.text))
            }
        }
    }

    /// What no unified table has: it survives where the target has the same name.
    private mutating func write(_ entry: KeptEntry) {
        let table = entry.key.table
        if table.first == "hypervisor", table.count > 1, !rules.hypervisors.contains(table[1]) {
            return lose(entry.key, nil, entry.value, "it has no hypervisor '\(table[1])'")
        }
        let hypervisorKey = TargetKey(.hypervisor, entry.key.name)
        if table.first == "hypervisor", table.count == 2, hypervisorKey.definition != nil, let value = ConfigValue(entry.value),
            !UpstreamAssets.keys.contains(entry.key.name)
        {
            return write(hypervisorKey, value, in: table, comments: entry.comments)
        }
        guard rules.vocabulary.has(entry.key.name, in: table) else { return lose(entry.key, nil, entry.value, "it has no such key") }
        if let assets = rules.assets, entry.isOfOtherHypervisor, UpstreamAssets.keys.contains(entry.key.name),
            !assets.compatible.contains(translation.dialect)
        {
            report(.upstreamAsset, .warning, "\(entry.key) is kept: \(target.title) needs a guest with its own agent", about: entry.key)
        }
        set(entry.key, entry.value, comments: entry.comments)
    }

    private mutating func lose(_ source: LegacyKey, _ key: TargetKey, _ value: ConfigValue, _ reason: String) {
        let matters = !value.isNeutral && key.definition?.defaultValue.map { !value.isSame(as: $0) } ?? true
        record(Loss(key: source, value: value.tomlText, reason: reason, matters: matters), isNew: true)
    }

    private mutating func lose(_ source: LegacyKey, _ key: TargetKey?, _ value: TOMLEmission.Value, _ reason: String) {
        let known = ConfigValue(value)
        let text = known?.tomlText ?? "a table"
        // What our own runtime has not either was reported when the legacy document was translated.
        let isNew = !translation.provenance.contains { $0.source == source && $0.fate == .dropped }
        record(Loss(key: source, value: text, reason: reason, matters: !(known?.isNeutral ?? false)), isNew: isNew)
    }

    private mutating func record(_ loss: Loss, isNew: Bool) {
        losses.append(loss)
        guard isNew else { return }
        let message = "\(loss.key) = \(loss.value) has no meaning to \(target.title): \(loss.reason)"
        report(loss.matters ? .lostKey : .lostNothing, loss.matters ? .warning : .note, message, about: loss.key)
    }

    /// Lists that two keys contribute to are joined.
    private mutating func set(_ key: LegacyKey, _ value: TOMLEmission.Value, comments: [String]) {
        var entry = TOMLEmission.Entry(key.name, value, above: comments)
        if case .array(let added) = value, let old = self.entry(at: key), case .array(let present) = old.value {
            entry.value = .array(present + added.filter { !present.contains($0) })
            entry.above = old.above + comments
        }
        root.set(at: key.table, entry)
    }

    private func entry(at key: LegacyKey) -> TOMLEmission.Entry? {
        var table = root
        for name in key.table {
            guard case .table(let inner)? = table[name] else { return nil }
            table = inner
        }
        return table.entry(key.name)
    }

    private func value(at key: LegacyKey) -> TOMLEmission.Value? { entry(at: key)?.value }
}

// What the document does not say.
extension ProjectionDraft {
    /// A key that is not set means our default; where the target's is another, ours is written.
    private mutating func writeDefaults() {
        for key in ConfigKey.all.map({ TargetKey($0.table, $0.name) }) {
            guard let theirs = rules.defaults[key], document.value(of: key) == nil, isConfigured(key.table.path),
                let ours = key.definition?.defaultValue, !ours.isSame(as: theirs)
            else { continue }
            let reason = "not set, which means \(ours.tomlText) here and \(theirs.tomlText) to \(target.title)"
            write(key, ours, in: key.table.path, comments: [reason])
            report(.defaultSpeltOut, .note, "\(key) = \(ours.tomlText) is written: \(reason)", about: nil)
        }
    }

    private mutating func writeAssets() {
        guard let assets = rules.assets, document.configuresQEMU else { return }
        let table = ConfigTable.hypervisor.path
        let isCompatible = assets.compatible.contains(translation.dialect)
        var said: Set<String> = []
        for account in translation.provenance where isCompatible {
            guard let key = account.source, key.table == table, UpstreamAssets.keys.contains(key.name), account.fate != .refused,
                case .string(let text)? = account.before, !text.isEmpty
            else { continue }
            let place = account.file.map { file in "from \(file.string):\(account.range?.start.line ?? 0) (\(key.name))" }
            set(key, .string(text), comments: place.map { [$0] } ?? [])
            said.insert(key.name)
        }
        if said.contains("initrd") { said.insert("image") }
        let isCloned = document.value(of: TargetKey(.factory, "enable_template")) == .boolean(true)
        let root = isCloned ? assets.templateInitrd.map { ("initrd", $0) } : nil
        if root != nil, said.contains("image") { said.insert("initrd") }
        for (name, file) in [("path", assets.hypervisor), ("kernel", assets.kernel), root ?? ("image", assets.image)]
        where !said.contains(name) {
            // A document of the target's own family that leaves a file to the default means the target's default.
            if isCompatible, name == "path" || name == "kernel" { continue }
            let reason = "\(target.title) needs a guest with its own agent; this is where it is installed"
            set(LegacyKey(table, name), .string(file.string), comments: [reason])
            report(.upstreamAsset, .warning, "\(LegacyKey(table, name)) = \"\(file.string)\" is written: \(reason)", about: nil)
        }
    }

    private mutating func writeHypervisorName() {
        guard let key = rules.hypervisorName, value(at: key) == nil else { return }
        let others = document.kept.filter(\.isOfOtherHypervisor).map { $0.key.table[1] }
        let name = document.configuresQEMU ? "qemu" : others.first { rules.hypervisors.contains($0) }
        guard let name else { return }
        require(RequiredEntry(key: key, value: .string(name), reason: "without it \(target.title) runs dragonball"))
    }

    private mutating func require(_ entry: RequiredEntry) {
        set(entry.key, entry.value.emission, comments: [entry.reason])
        report(.requiredKey, .note, "\(entry.key) = \(entry.value.tomlText) is written: \(entry.reason)", about: nil)
    }

    private mutating func resolve(_ conflict: TargetConflict) {
        guard let kept = value(at: conflict.kept).flatMap(ConfigValue.init), let lost = value(at: conflict.lost).flatMap(ConfigValue.init),
            !kept.isNeutral, !lost.isNeutral
        else { return }
        root.remove(conflict.lost.name, at: conflict.lost.table)
        record(Loss(key: conflict.lost, value: lost.tomlText, reason: conflict.reason, matters: true), isNew: true)
    }

    private mutating func report(_ remark: Remark, _ message: String, about key: LegacyKey?) {
        report(remark.code, remark.severity, message, about: key)
    }

    /// - Parameter key: in the unified document; the finding is placed where the legacy document says it.
    private mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, about key: LegacyKey?) {
        let account = key.flatMap { key in
            translation.provenance.first { $0.target.map { LegacyKey($0.table.path, $0.name) == key } ?? ($0.source == key) }
        }
        diagnostics.append(
            Diagnostic(
                severity: severity, code: code, message: message, path: account?.file ?? translation.sources.first?.path,
                range: account?.range))
    }
}

extension TranslatedDocument {
    fileprivate func says(_ key: LegacyKey) -> Bool {
        ConfigTable.allCases.first { $0.path == key.table }.map { value(of: TargetKey($0, key.name)) != nil } ?? false
    }
}

extension [String] {
    /// The path with another beginning, if it begins so.
    fileprivate func relocated(from old: [String], to new: [String]) -> [String] {
        starts(with: old) ? new + dropFirst(old.count) : self
    }
}

extension TOMLEmission.Table {
    fileprivate mutating func remove(_ name: String, at path: [String]) {
        guard let first = path.first else { return remove(name) }
        guard var entry = entry(first), case .table(var inner) = entry.value else { return }
        inner.remove(name, at: Array(path.dropFirst()))
        entry.value = .table(inner)
        set(entry)
    }
}
