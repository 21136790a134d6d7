// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension RunV {
    static func translate(_ sources: [SourceText], assets: TargetAssets) -> Translation {
        let parsed = sources.map { ($0, parse($0)) }
        var draft = TranslationDraft(dialect: dialect, sources: sources, assets: assets, diagnostics: parsed.flatMap(\.1.diagnostics))
        for (source, document) in parsed {
            for statement in document.partial?.environment ?? [] { draft.add(statement, of: source, refusedValue: .refusedFlag) }
        }
        let calls = parsed.flatMap { source, document in (document.partial?.calls ?? []).map { PlacedCall(source: source, call: $0) } }
        if let chosen = calls.first(where: \.call.call.isDefault) ?? calls.first(where: { !$0.call.statements.isEmpty }) ?? calls.first {
            for call in calls {
                if call.isSame(as: chosen) { add(call, to: &draft) } else { leaveOut(call, for: chosen, from: &draft) }
            }
        } else if parsed.allSatisfy({ $0.1.partial?.environment.isEmpty != false }), let first = sources.first {
            draft.add(Diagnostic(severity: .error, code: .noCall, message: "nothing in it calls runV", path: first.path))
        }
        draft.addDefaults(code: .runvDefault, spelledOut: sizes)
        for setting in fixedSettings(assets) {
            draft.add(setting, code: .runvDefault)
        }
        return draft.finish()
    }

    private static func add(_ call: PlacedCall, to draft: inout TranslationDraft) {
        if call.call.statements.isEmpty {
            draft.add(
                Diagnostic(
                    severity: .note, code: .plainCall, message: "runV is called without flags here, so its defaults held",
                    path: call.source.path, range: call.call.call.range))
        }
        for statement in call.call.statements { draft.add(statement, of: call.source, refusedValue: .refusedFlag) }
    }

    /// There is one configuration; what another call says beside it is either the same or lost.
    private static func leaveOut(_ call: PlacedCall, for chosen: PlacedCall, from draft: inout TranslationDraft) {
        let place = "\(chosen.source.path.string):\(chosen.call.call.range.start.line)"
        let differs = call.values.contains { chosen.values[$0.key] != $0.value }
        if differs {
            let message = "runV has other flags here than at \(place), whose are translated"
            draft.add(
                Diagnostic(
                    severity: .warning, code: .otherCall, message: message, path: call.source.path, range: call.call.call.range))
        }
        for statement in call.call.statements {
            // What belongs to a command is not configured, and cannot differ from it.
            guard case .setting(let setting) = statement, setting.rule.source.table.isEmpty else {
                draft.add(statement, of: call.source, refusedValue: .refusedFlag)
                continue
            }
            let isSame = chosen.values[setting.rule.source] == setting.value
            let reason = isSame ? "\(place) says the same" : "the flags at \(place) are translated"
            draft.add(.left(setting.rule.source, setting.keyRange, because: reason), of: call.source, refusedValue: .refusedFlag)
        }
    }
}

/// A call with its file.
private struct PlacedCall {
    let source: SourceText
    let call: RunV.ReadCall

    func isSame(as other: PlacedCall) -> Bool {
        source.path == other.source.path && call.call.range == other.call.call.range
    }

    /// What its flags say that are configuration.
    var values: [LegacyKey: ConfigValue] {
        let settings = call.statements.compactMap { if case .setting(let setting) = $0 { setting } else { nil } }
        return Dictionary(
            settings.filter { $0.rule.source.table.isEmpty }.map { ($0.rule.source, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}
