// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import KataConfig

extension RunV {
    /// Reads every call of runV in a file, its flags as runV read them. What runV refused is an error.
    public static func parse(_ source: SourceText) -> Parsed<Document> {
        if let bundle = environment(in: source) {
            return Parsed(value: Document(source: source, environment: bundle, calls: []))
        }
        let found = calls(in: source)
        guard let calls = found.partial else { return Parsed(value: nil, diagnostics: found.diagnostics) }
        var diagnostics = found.diagnostics
        let checked = calls.map { call in
            let flags = read(call, in: source)
            diagnostics += flags.diagnostics
            return ReadCall(call: call, statements: flags.statements)
        }
        return Parsed(value: Document(source: source, environment: [], calls: checked), diagnostics: diagnostics)
    }

    private static func read(_ call: Call, in source: SourceText) -> (statements: [LegacyStatement], diagnostics: [Diagnostic]) {
        var reader = FlagReader(program: "runv", grammar: .go, codes: codes, source: source)
        var diagnostics: [Diagnostic] = []
        switch call.program {
        case .containerd:
            _ = reader.read(call.arguments, rules: daemonRules + containerdRules, aliases: daemonAliases)
        case .runv:
            let rest = reader.read(call.arguments, rules: globalRules)
            if let verb = rest.first, !verb.isCallersArguments {
                if let rules = verbRules[verb.text] {
                    _ = reader.read(Array(rest.dropFirst(verb.text == "manage" ? 2 : 1)), rules: rules, aliases: daemonAliases)
                } else if !verbs.contains(verb.text), verb.unknowns.isEmpty {
                    let message = "runv took '\(verb.text)' for a command, which it had not; words behind it were no flags of its own"
                    diagnostics.append(
                        Diagnostic(severity: .error, code: .strayWord, message: message, path: source.path, range: verb.range))
                }
            }
        }
        return (withPairedFlash(reader.statements), reader.diagnostics + diagnostics)
    }

    static let codes = FlagReader.Codes(
        unknown: .unknownFlag, malformed: .malformedFlag, wrongType: .flagType, notKnownHere: .unknownValue, repeated: .repeatedFlag)

    /// With `--cbfs` beside it, `--bios` was no firmware but the other half of a flash.
    private static func withPairedFlash(_ statements: [LegacyStatement]) -> [LegacyStatement] {
        let names = statements.compactMap { if case .setting(let setting) = $0 { setting.rule.source.name } else { nil } }
        guard names.contains("cbfs") else { return statements }
        return statements.map { statement in
            guard case .setting(let setting) = statement, setting.rule.source == pairedBios.source else { return statement }
            return .setting(
                LegacySetting(rule: pairedBios, value: setting.value, keyRange: setting.keyRange, valueRange: setting.valueRange))
        }
    }
}

// What a container could say to runV.
extension RunV {
    /// `hypervisor.*` in `process.env` of an OCI bundle; nil when the file is none or says no such thing.
    private static func environment(in source: SourceText) -> [LegacyStatement]? {
        guard source.mentions("hypervisor."), source.mentions("process"),
            let root = JSONDocument.parse(source).partial?.root, let words = root["process"]?["env"]?.array
        else { return nil }
        let statements = words.compactMap { word -> LegacyStatement? in
            guard let text = word.string else { return nil }
            // runV took an entry only when one sign divided it.
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let rule = environmentRules.first(where: { $0.source.name == parts[0] }) else { return nil }
            return .setting(
                LegacySetting(rule: rule, value: .string(String(parts[1])), keyRange: word.range, valueRange: word.range))
        }
        return statements.isEmpty ? nil : statements
    }
}
