// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

extension Docker {
    /// Reads `--add-runtime` and `--default-runtime` of the `ExecStart=` that is in force.
    ///
    /// - Parameter units: `docker.service` and its drop-ins in the order in which systemd reads them; one of them alone is read as if it
    ///   were all.
    public static func parseUnits(_ units: [SourceText]) -> Parsed<EngineRegistrations> {
        var reading = UnitReading()
        for unit in units {
            let parsed = SystemdUnitDocument.parse(unit)
            reading.diagnostics += parsed.diagnostics
            reading.take(parsed.partial?.assignments(of: "ExecStart", in: "Service") ?? [], of: unit)
        }
        for (source, assignment) in reading.inForce {
            let commands = assignment.commands(in: source)
            reading.diagnostics += commands.diagnostics
            for command in commands.partial ?? [] {
                reading.read(command.arguments, of: source)
            }
        }
        let result = EngineRegistrations(registrations: reading.registrations, defaults: reading.defaults).withDefaultMarked()
        return Parsed(value: result, diagnostics: reading.diagnostics + unregistered(result))
    }
}

private struct UnitReading {
    var inForce: [(SourceText, SystemdAssignment)] = []
    var registrations: [EngineRegistration] = []
    var defaults: [DefaultRuntime] = []
    var diagnostics: [Diagnostic] = []

    /// An empty assignment takes back those before it, in whatever file they stand.
    mutating func take(_ assignments: [SystemdAssignment], of source: SourceText) {
        for assignment in assignments {
            if assignment.value.isEmpty {
                inForce = []
            } else {
                inForce.append((source, assignment))
            }
        }
    }

    mutating func read(_ words: [SystemdWord], of source: SourceText) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word.text.hasPrefix("$"), !word.text.hasPrefix("$$") {
                let message = "options may also come from \(word.text), which is not looked at"
                report(.variable, .note, message, word.range, source)
            }
            for option in Option.allCases {
                if word.text == option.rawValue {
                    guard let value = rest.popFirst() else {
                        report(.badRuntimeOption, .error, "\(option.rawValue) lacks its value", word.range, source)
                        break
                    }
                    take(option, value, from: 0, start: word.range.start, source)
                } else if word.text.hasPrefix(option.rawValue + "=") {
                    take(option, word, from: option.rawValue.utf8.count + 1, start: word.range.start, source)
                }
            }
        }
    }

    private enum Option: String, CaseIterable {
        case addRuntime = "--add-runtime"
        case defaultRuntime = "--default-runtime"
    }

    /// - Parameter offset: where in the UTF-8 of the word the value begins.
    private mutating func take(_ option: Option, _ word: SystemdWord, from offset: Int, start: SourcePosition, _ source: SourceText) {
        let value = String(decoding: word.text.utf8.dropFirst(offset), as: UTF8.self)
        let range = SourceRange(start: start, end: word.range.end)
        switch option {
        case .defaultRuntime:
            defaults.append(DefaultRuntime(engine: .docker, runtimeName: resolved(value[...]), file: source.path, range: word.range))
        case .addRuntime:
            let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                report(.badRuntimeOption, .error, "--add-runtime takes name=path, not '\(value)'", word.range, source)
                return
            }
            let spelling = spelling(of: word, pathLength: parts[1].utf8.count, source)
            registrations.append(
                EngineRegistration(
                    engine: .docker, runtimeName: resolved(parts[0]), binaryPath: FilePath(resolved(parts[1])), arguments: [],
                    isDefault: false,
                    file: source.path, range: range, path: spelling))
        }
    }

    /// systemd.service(5), "Command lines": `%%` and `$$` stand for one each. What other specifiers stand for is not known here.
    private func resolved(_ text: Substring) -> String {
        var result = ""
        var rest = text[...]
        while let letter = rest.popFirst() {
            result.append(letter)
            if letter == "%" || letter == "$", rest.first == letter { rest.removeFirst() }
        }
        return result
    }

    /// Of a word that is written as it is only the path has to change, of one with quotes or escapes the whole word.
    private func spelling(of word: SystemdWord, pathLength: Int, _ source: SourceText) -> PathSpelling {
        guard source.text(of: word.range) == word.text else {
            let prefix = String(decoding: word.text.utf8.dropLast(pathLength), as: UTF8.self)
            return PathSpelling(range: word.range, quoting: .unit(prefix: prefix))
        }
        let start = source.position(at: word.range.end.offset - pathLength)
        return PathSpelling(range: SourceRange(start: start, end: word.range.end), quoting: .unit(prefix: ""))
    }

    private mutating func report(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange, _ source: SourceText
    ) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}
