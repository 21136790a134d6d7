// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension Frakti {
    static func translate(_ sources: [SourceText], assets: TargetAssets) -> Translation {
        let parsed = sources.map { ($0, parse($0)) }
        var draft = TranslationDraft(dialect: dialect, sources: sources, assets: assets, diagnostics: parsed.flatMap(\.1.diagnostics))
        // Of a unit and its drop-ins, the last that starts frakti says how.
        let chosen = parsed.lastIndex { $0.1.partial?.calls.isEmpty == false }
        for (index, (source, document)) in parsed.enumerated() {
            for statement in document.partial?.statements ?? [] {
                guard index != chosen, case .setting(let setting) = statement, let chosen else {
                    draft.add(statement, of: source, refusedValue: .fraktiType)
                    continue
                }
                let reason = "\(parsed[chosen].0.path.string) starts frakti in another way"
                draft.add(.left(setting.rule.source, setting.keyRange, because: reason), of: source, refusedValue: .fraktiType)
            }
        }
        if chosen == nil, let first = sources.first {
            draft.add(Diagnostic(severity: .error, code: .fraktiNoCall, message: "nothing in it starts frakti", path: first.path))
        }
        draft.addDefaults(code: .fraktiDefault, spelledOut: sizes)
        for setting in fixedSettings(assets) {
            draft.add(setting, code: .fraktiDefault)
        }
        return draft.finish()
    }
}
