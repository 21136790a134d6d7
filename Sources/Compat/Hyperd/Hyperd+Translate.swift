// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension Hyperd {
    static func translate(_ sources: [SourceText], assets: TargetAssets, release: ClosedRange<Release>?) -> Translation {
        let parsed = sources.map { ($0, parse($0)) }
        var draft = TranslationDraft(
            dialect: dialect, sources: sources, assets: assets, releases: release, diagnostics: parsed.flatMap(\.1.diagnostics))
        for (source, document) in parsed {
            for statement in document.partial?.statements ?? [] {
                draft.add(counted(statement, on: release, &draft, source), of: source, refusedValue: .hyperdRefusedValue)
            }
        }
        draft.addDefaults(code: .hyperdDefault, spelledOut: sizes)
        for setting in fixedSettings(assets) {
            draft.add(setting, code: .hyperdDefault)
        }
        return draft.finish()
    }

    /// A setting that the release on the host did not read had no effect; of an unknown release all are taken.
    private static func counted(
        _ statement: LegacyStatement, on release: ClosedRange<Release>?, _ draft: inout TranslationDraft, _ source: SourceText
    ) -> LegacyStatement {
        guard case .setting(let setting) = statement, let release, setting.rule.releases.common(with: release) == nil else {
            return statement
        }
        let reason = "hyperd \(setting.rule.releases.title) read it, and the host had \(release.title)"
        draft.add(
            Diagnostic(
                severity: .warning, code: .hyperdUnread, message: "\(setting.rule.source) had no effect: \(reason)", path: source.path,
                range: setting.keyRange))
        return .unread(setting, reason: reason)
    }
}
