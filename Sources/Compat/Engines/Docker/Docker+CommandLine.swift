// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

extension Docker {
    /// Reads `--add-runtime`, `--default-runtime` and `--containerd` of the `ExecStart=` that is in force, and of scripts; and as settings
    /// what else says where dockerd keeps its containers, and whether they outlive it: `--data-root`, which was `--graph` and `-g` before
    /// docker 17.05, `--live-restore`, and `--config-file`.
    ///
    /// - Parameters:
    ///   - units: `docker.service` and its drop-ins in the order in which systemd reads them; one of them alone is read as if it were all.
    ///   - environment: files of assignments that the units name.
    ///   - scripts: files of assignments and init scripts, where there is no systemd.
    public static func parseCommandLines(
        units: [SourceText], environment: [SourceText] = [], scripts: [SourceText] = []
    ) -> Parsed<EngineRegistrations> {
        let command = EngineCommandLine(of: [], units: units, environment: environment)
        var reading = CommandReading(diagnostics: command.diagnostics)
        for word in command.unknownVariables {
            let message = "options may also come from \(word.text), which no file at hand sets"
            reading.report(.variable, .note, message, word.range, word.file)
        }
        for words in [command.words] + scripts.map({ ScriptWords($0).words }) { reading.read(words) }
        let result = reading.result.withDefaultMarked()
        return Parsed(value: result, diagnostics: reading.diagnostics + unregistered(result))
    }
}

private struct CommandReading {
    var result = EngineRegistrations()
    var diagnostics: [Diagnostic]

    mutating func read(_ words: [CommandWord]) {
        let (flags, lacking) = words.flags(
            ["add-runtime", "default-runtime", "containerd", "data-root", "graph", "g", "config-file"], switches: ["live-restore"],
            letters: ["g"])
        for word in lacking { report(.badRuntimeOption, .error, "\(word.text) lacks its value", word.range, word.file) }
        for flag in flags {
            switch flag.name {
            case "add-runtime": addRuntime(flag)
            case "containerd":
                result.settings.append(flag.setting)
                diagnostics += Docker.ownContainerd(flag.setting)
            case "data-root", "graph", "g", "config-file", "live-restore": result.settings.append(flag.setting)
            default:
                result.defaults.append(
                    DefaultRuntime(engine: .docker, runtimeName: flag.value, file: flag.file, range: flag.word.range))
            }
        }
    }

    private mutating func addRuntime(_ flag: CommandFlag) {
        let raw = flag.rawValue()
        let name = raw.prefix { $0 != UInt8(ascii: "=") }
        guard !name.isEmpty, raw.count > name.count + 1 else {
            report(.badRuntimeOption, .error, "--add-runtime takes name=path, not '\(flag.value)'", flag.word.range, flag.file)
            return
        }
        guard let spelling = flag.spelling(behind: name.count + 1) else {
            report(.badRuntimeOption, .error, "the path of '\(flag.value)' is written with escapes", flag.word.range, flag.file)
            return
        }
        let path = String(decoding: flag.rawValue(behind: name.count + 1), as: UTF8.self)
        result.registrations.append(
            EngineRegistration(
                // In lower case, other than names in daemon.json (opts/runtime.go).
                engine: .docker, runtimeName: flag.word.resolved(String(decoding: name, as: UTF8.self)).lowercased(),
                binaryPath: FilePath(flag.word.resolved(path)), file: flag.file, range: flag.range, place: .path(spelling)))
    }

    mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange, _ file: FilePath) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: file, range: range))
    }
}
