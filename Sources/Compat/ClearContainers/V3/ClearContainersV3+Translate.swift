// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension ClearContainersV3 {
    static func translate(_ source: SourceText, assets: TargetAssets) -> Translation {
        let parsed = parse(source)
        var draft = TranslationDraft(dialect: dialect, source: source, assets: assets, diagnostics: parsed.diagnostics)
        for statement in parsed.partial?.statements ?? [] {
            draft.add(statement, refusedValue: .refusedValue)
        }
        draft.addDefaults(code: .defaultWritten)
        for setting in fixedSettings {
            draft.add(setting, code: .defaultWritten)
        }
        return draft.finish()
    }
}
