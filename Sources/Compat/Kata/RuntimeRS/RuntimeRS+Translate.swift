// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension RuntimeRS {
    /// - Parameter sources: the file, then its drop-ins in the order of their names.
    static func translate(_ sources: [SourceText], assets: TargetAssets) -> Translation {
        let parsed = sources.map { ($0, parse($0)) }
        var draft = TranslationDraft(
            dialect: dialect, sources: sources, assets: assets, releases: releases, diagnostics: parsed.flatMap(\.1.diagnostics))
        for (index, (source, document)) in parsed.enumerated() {
            let above = Set(parsed.dropFirst(index + 1).flatMap { $0.1.partial?.statements ?? [] }.compactMap(\.settingKey))
            for statement in document.partial?.statements ?? [] {
                draft.add(statement.under(above), of: source, refusedValue: .rustValue)
            }
        }
        reportSelection(parsed.flatMap { $0.1.partial?.statements ?? [] }, in: &draft)
        let configuresQEMU = draft.configuresQEMU
        draft.addDefaults(code: .rustDefault, rules: rules.filter { configuresQEMU || $0.source.table.first != "hypervisor" })
        return draft.finish()
    }

    /// The table of a hypervisor does not suffice: it is run only when it is named.
    private static func reportSelection(_ statements: [LegacyStatement], in draft: inout TranslationDraft) {
        let key = LegacyKey(ConfigTable.runtime.path, "hypervisor_name")
        var name = "dragonball"
        for case .setting(let setting) in statements where setting.rule.source == key {
            if case .string(let text) = setting.value, !text.isEmpty { name = text }
        }
        guard draft.configuresQEMU, name != "qemu" else { return }
        draft.report(.rustSelection, .warning, "runtime-rs runs \(name) under this file, not the QEMU that it configures")
    }
}

extension LegacyStatement {
    var settingKey: LegacyKey? { if case .setting(let setting) = self { setting.rule.source } else { nil } }

    /// The statement when drop-ins say these keys again.
    func under(_ dropIns: Set<LegacyKey>) -> LegacyStatement {
        guard case .setting(let setting) = self, dropIns.contains(setting.rule.source) else { return self }
        return .packaged(setting, reason: "a drop-in says it again, and wins")
    }
}
