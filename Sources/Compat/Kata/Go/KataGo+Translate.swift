// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension KataGo {
    /// - Parameter sources: the file, then its drop-ins in the order of their names.
    static func translate(
        _ sources: [SourceText], of generation: Generation, assets: TargetAssets, release: ClosedRange<Release>?
    ) -> Translation {
        let all = allTables[generation.id] ?? [:]
        let first = sources.map { parse($0, as: generation, rules: all, release: release, isTrial: true) }
        let likely =
            release
            ?? first.compactMap(\.partial).reduce(generation.releases) { releases, document in
                document.releases(of: generation).flatMap { releases.common(with: $0) } ?? releases
            }
        // Once more, by what the keys meant to the releases that are left.
        let rules = rules(of: generation, at: likely)
        let tables = Dictionary(grouping: rules, by: \.source.table)
        let parsed = sources.map { ($0, parse($0, as: generation, rules: tables, release: release)) }
        var draft = TranslationDraft(
            dialect: dialects.first { $0.id == generation.id } ?? dialects[0], sources: sources, assets: assets, releases: likely,
            diagnostics: parsed.flatMap(\.1.diagnostics))
        reportDropIns(sources, generation, likely, in: &draft)
        for (index, (source, document)) in parsed.enumerated() {
            let above = parsed.dropFirst(index + 1).flatMap { $0.1.partial?.statements ?? [] }.compactMap(\.settingKey)
            for statement in document.partial?.statements ?? [] {
                let counted = counted(statement, release, laidOver: Set(above))
                if case .unread(let setting, let reason) = counted {
                    draft.report(.goUnread, .warning, "\(setting.rule.source) had no effect: \(reason)", source, setting.keyRange)
                }
                draft.add(counted, of: source, refusedValue: .goValue)
            }
        }
        reportChoice(parsed.flatMap { $0.1.partial?.statements ?? [] }, in: &draft)
        let configuresQEMU = draft.configuresQEMU
        draft.addDefaults(code: .goDefault, rules: rules.filter { configuresQEMU || $0.source.table.first != "hypervisor" })
        return draft.finish()
    }

    private static func reportDropIns(
        _ sources: [SourceText], _ generation: Generation, _ releases: ClosedRange<Release>, in draft: inout TranslationDraft
    ) {
        guard let since = generation.dropIns, releases.upperBound >= since else {
            for source in sources.dropFirst() { draft.report(.goNoDropIns, .warning, "Kata before 2.5 reads no drop-ins", source) }
            return
        }
    }

    /// Go looks at the tables in no order, and the last one that it looks at is run.
    private static func reportChoice(_ statements: [LegacyStatement], in draft: inout TranslationDraft) {
        let tables = statements.map(\.key.table).filter { $0.count == 2 && $0[0] == "hypervisor" }.map { $0[1] }
        guard Set(tables).count > 1 else { return }
        let names = Set(tables).sorted().joined(separator: " and ")
        draft.report(.goChoice, .warning, "the file configures \(names), and Kata runs either, as chance has it")
    }

    /// What a release did not read, or a drop-in says again, does not count.
    private static func counted(_ statement: LegacyStatement, _ release: ClosedRange<Release>?, laidOver: Set<LegacyKey>) -> LegacyStatement
    {
        guard case .setting(let setting) = statement else { return statement }
        if let release, setting.rule.releases.common(with: release) == nil {
            return .unread(setting, reason: "Kata \(release.title) did not read it, only \(setting.rule.releases.title)")
        }
        return statement.under(laidOver)
    }
}
