// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import KataConfig

extension Frakti {
    /// Reads the unit or script that starts frakti, its flags as frakti read them. What frakti refused is an error.
    public static func parse(_ source: SourceText) -> Parsed<Document> {
        let found = calls(in: source)
        var diagnostics = found.diagnostics
        var reader = FlagReader(program: "frakti", grammar: .posix, codes: codes, source: source)
        for call in found.calls {
            for word in reader.read(call.arguments, rules: rules, aliases: ["h": "help"]) where !word.isCallersArguments {
                let message = "frakti made nothing of '\(word.text)'"
                diagnostics.append(
                    Diagnostic(severity: .warning, code: .fraktiWord, message: message, path: source.path, range: word.range))
            }
        }
        return Parsed(
            value: Document(source: source, statements: reader.statements, calls: found.calls.map(\.range)),
            diagnostics: diagnostics + reader.diagnostics)
    }

    private static let codes = FlagReader.Codes(
        unknown: .fraktiUnknown, malformed: .fraktiMalformed, wrongType: .fraktiType, notKnownHere: .fraktiValue, repeated: .fraktiRepeated)

    private struct Call {
        let range: SourceRange
        let arguments: [SourceWord]
    }

    private static func calls(in source: SourceText) -> (calls: [Call], diagnostics: [Diagnostic]) {
        guard source.mentions("frakti") else { return ([], []) }
        let unit = SystemdUnitDocument.parse(source)
        guard unit.partial?.sections.contains(where: { $0.name == "Service" }) == true else { return (callsInShell(source), []) }
        var diagnostics = unit.diagnostics
        var calls: [Call] = []
        for assignment in unit.partial?.effectiveAssignments(of: "ExecStart", in: "Service") ?? [] {
            let commands = assignment.commands(in: source)
            diagnostics += commands.diagnostics
            for command in commands.partial ?? [] where isFrakti(command.program) {
                calls.append(Call(range: command.programRange, arguments: command.arguments.map { SourceWord($0, in: source) }))
            }
        }
        return (calls, diagnostics)
    }

    private static func callsInShell(_ source: SourceText) -> [Call] {
        var reader = ShellReader(source)
        return reader.read().compactMap { command in
            guard let program = command.program.first, isFrakti(program.text) else { return nil }
            return Call(range: program.range, arguments: Array(command.program.dropFirst()))
        }
    }

    private static func isFrakti(_ program: String) -> Bool { program.split(separator: "/").last == "frakti" }
}
