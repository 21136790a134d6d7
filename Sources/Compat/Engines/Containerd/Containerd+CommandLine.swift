// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

extension Containerd {
    /// Reads `--runtime`, `--runtime-args` and `--shim` of containerd before 1.0, which had no file; later ones know none of the three.
    ///
    /// - Parameters:
    ///   - units: the unit that starts containerd and its drop-ins, in the order in which systemd reads them.
    ///   - environment: files of assignments that the units name.
    ///   - scripts: init scripts, where there is no systemd.
    public static func parseCommandLines(
        units: [SourceText], environment: [SourceText] = [], scripts: [SourceText] = []
    ) -> Parsed<EngineRegistrations> {
        let programs: Set = ["containerd", "docker-containerd", "docker-containerd-current"]
        let command = EngineCommandLine(of: programs, units: units, environment: environment)
        var result = EngineRegistrations()
        var diagnostics = command.diagnostics
        for words in [command.words] + scripts.map({ ScriptWords($0).words }) {
            // The value of --runtime-args may itself begin with dashes: the next word is taken whatever it is.
            let (flags, lacking) = words.flags(["runtime", "r", "runtime-args", "shim", "config", "c", "state-dir"])
            diagnostics += lacking.map {
                Diagnostic(
                    severity: .error, code: .badContainerdValue, message: "\($0.text) lacks its value", path: $0.file, range: $0.range)
            }
            result.settings += flags.filter { ["shim", "config", "c", "state-dir"].contains($0.name) }.map(\.setting)
            guard let runtime = flags.last(where: { $0.name == "runtime" || $0.name == "r" }), let spelling = runtime.spelling() else {
                continue
            }
            let arguments = flags.filter { $0.name == "runtime-args" }
            result.registrations.append(
                EngineRegistration(
                    engine: .containerd, runtimeName: "runtime", binaryPath: FilePath(runtime.value), arguments: arguments.map(\.value),
                    isDefault: true, file: runtime.file, range: runtime.range, settings: arguments.map(\.setting),
                    place: .path(spelling)))
        }
        for word in command.unknownVariables {
            let message = "options may also come from \(word.text), which no file at hand sets"
            diagnostics.append(Diagnostic(severity: .note, code: .containerdVariable, message: message, path: word.file, range: word.range))
        }
        return Parsed(value: result, diagnostics: diagnostics)
    }
}
