// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension ClearContainersV3 {
    static func translate(_ sources: [SourceText], assets: TargetAssets, release: ClosedRange<Release>?) -> Translation {
        let parsed = sources.map { ($0, parse($0)) }
        let documents = parsed.compactMap(\.1.partial)
        let likely = release ?? documents.reduce(releases) { $0.common(with: likelyReleases(of: $1)) ?? $0 }
        let differences = documents.flatMap { Self.differences($0, release: release, likely: likely) }
        var draft = TranslationDraft(
            dialect: dialect, sources: sources, assets: assets, releases: likely,
            diagnostics: parsed.flatMap(\.1.diagnostics) + differences)
        for (source, document) in parsed {
            for statement in document.partial?.statements ?? [] {
                draft.add(counted(statement, on: release), of: source, refusedValue: .refusedValue)
            }
        }
        draft.addDefaults(code: .defaultWritten)
        for setting in fixedSettings {
            draft.add(setting, code: .defaultWritten)
        }
        return draft.finish()
    }

    /// What a document itself tells: the packaged file that it was made from, or else the releases that read all its keys.
    private static func likelyReleases(of document: Document) -> ClosedRange<Release> {
        packagedReleases(of: document.source)?.releases ?? document.releases ?? releases
    }
}
