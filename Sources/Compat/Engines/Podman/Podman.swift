// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

extension DiagnosticCode {
    static let badPodmanValue: DiagnosticCode = "PODMAN001"
}

/// How podman is told of runtimes: by `[engine.runtimes]` of containers.conf(5), and before 2.0 by `[runtimes]` of libpod.conf.
public enum Podman {
    /// What the files register together: of a name that several give, the last one counts.
    ///
    /// podman takes the first program of a list that is there, so that what stands first is what it calls.
    ///
    /// - Parameter sources: in the order in which podman reads them.
    public static func registrations(_ sources: [SourceText]) -> Parsed<EngineRegistrations> {
        var result = EngineRegistrations()
        var diagnostics: [Diagnostic] = []
        for source in sources {
            let parsed = TOMLDocument.parse(source, as: Engine.podman.grammars(of: nil))
            diagnostics += parsed.diagnostics
            guard let root = parsed.partial?.root else { continue }
            let (engine, isOld) = (root["engine"]?.table, root["engine"]?.table == nil)
            for entry in (isOld ? root["runtimes"] : engine?["runtimes"])?.table?.entries ?? [] {
                guard let programs = entry.value.array, let first = programs.first, let path = first.path, !path.isEmpty else {
                    let found = entry.value.array == nil ? "not \(entry.value.typeName)" : "and begins with none"
                    let message = "runtime '\(entry.key)' must be a list of paths, \(found)"
                    diagnostics.append(
                        Diagnostic(severity: .error, code: .badPodmanValue, message: message, path: source.path, range: entry.value.range))
                    continue
                }
                result.registrations.removeAll { $0.runtimeName == entry.key }
                result.registrations.append(
                    EngineRegistration(
                        engine: .podman, runtimeName: entry.key, binaryPath: path, file: source.path,
                        range: SourceRange(start: entry.keyRange.start, end: entry.value.range.end),
                        place: .path(PathSpelling(range: first.range, quoting: .toml))))
            }
            if let choice = (isOld ? root["runtime"] : engine?["runtime"]), let name = choice.string, !name.isEmpty {
                result.defaults.append(DefaultRuntime(engine: .podman, runtimeName: name, file: source.path, range: choice.range))
            }
        }
        return Parsed(value: result.withDefaultMarked(), diagnostics: diagnostics)
    }

    static func recognises(_ source: SourceText) -> Bool {
        let names = [source.path.lastComponent?.string, source.path.removingLastComponent().lastComponent?.string]
        return names[0] == "containers.conf" || names[0] == "libpod.conf" || names[1] == "containers.conf.d"
    }

    /// What reading podman's files reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .badPodmanValue, title: "a runtime that podman refuses", severity: .error,
            explanation:
                "Below [engine.runtimes] of containers.conf each name has a list of paths, of which podman takes the first that is "
                + "there. It does not start with anything else.",
            remedy: "Write name = [\"/path\"].")
    ]
}
