// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension ClearContainersV3 {
    static func translate(_ sources: [SourceText], assets: TargetAssets) -> Translation {
        let parsed = sources.map { ($0, parse($0)) }
        var draft = TranslationDraft(dialect: dialect, sources: sources, assets: assets, diagnostics: parsed.flatMap(\.1.diagnostics))
        for (source, document) in parsed {
            for statement in document.partial?.statements ?? [] { draft.add(statement, of: source, refusedValue: .refusedValue) }
        }
        draft.addDefaults(code: .defaultWritten)
        for setting in fixedSettings {
            draft.add(setting, code: .defaultWritten)
        }
        return draft.finish()
    }
}
