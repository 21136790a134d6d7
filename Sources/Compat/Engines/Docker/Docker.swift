// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// How docker is told of runtimes: by `daemon.json`, and by the command line in its systemd unit, drop-ins, environment files and scripts.
public enum Docker {
    /// What all files together register; what keeps dockerd from starting is reported.
    ///
    /// - Parameters:
    ///   - daemonJSON: `daemon.json`, if there is one.
    ///   - units: `docker.service` and its drop-ins in the order in which systemd reads them.
    ///   - environment: files of assignments that the units name, such as `/etc/sysconfig/docker`.
    ///   - scripts: where there is no systemd, `/etc/default/docker`, `/etc/init/docker.conf` and `/etc/init.d/docker`.
    public static func registrations(
        daemonJSON: SourceText?, units: [SourceText], environment: [SourceText] = [], scripts: [SourceText] = []
    ) -> Parsed<EngineRegistrations> {
        let fromCommand = parseCommandLines(units: units, environment: environment, scripts: scripts)
        guard let daemonJSON else { return fromCommand }
        let fromFile = parseDaemonFile(daemonJSON)
        let (file, command) = (fromFile.partial ?? EngineRegistrations(), fromCommand.partial ?? EngineRegistrations())
        let joined = EngineRegistrations(
            registrations: file.registrations + command.registrations, defaults: file.defaults + command.defaults,
            settings: file.settings + command.settings
        ).withDefaultMarked()
        // What one file says of the default cannot be judged before the other is known.
        let found = (fromFile.diagnostics + fromCommand.diagnostics).filter { $0.code != .unregistered }
        return Parsed(value: joined, diagnostics: found + conflicts(file, command) + unregistered(joined))
    }

    /// The edits of `daemon.json` after which it registers a program under a name.
    ///
    /// Arguments that are there go: those of an old runtime mean nothing to another one.
    public static func edits(
        registering name: String, path: FilePath, arguments: [String] = [], asDefault: Bool, in source: SourceText
    ) throws(EngineEditError) -> [TextEdit] {
        var changes = changes(calling: path, as: name)
        let list = ["runtimes", name, "runtimeArgs"]
        changes.append(arguments.isEmpty ? .remove(list) : .set(list, .array(arguments.map { .string($0) })))
        if asDefault { changes.append(.set(["default-runtime"], .string(name))) }
        return try changes.map { EngineChange.json(source.path, $0) }.edits(in: source)
    }

    /// dockerd refuses a path beside a type.
    static func changes(calling path: FilePath, as name: String) -> [JSONChange] {
        let table = ["runtimes", name]
        return [.set(table + ["path"], .string(path.string)), .remove(table + ["runtimeType"]), .remove(table + ["options"])]
    }

    /// dockerd refuses an option that the file and the command line both give, even when both say the same.
    private static func conflicts(_ file: EngineRegistrations, _ command: EngineRegistrations) -> [Diagnostic] {
        func conflict(_ what: String, _ path: FilePath, _ range: SourceRange, _ other: FilePath, _ line: Int) -> Diagnostic {
            let message = "\(what) given here and by \(other.string):\(line); dockerd refuses to start with both"
            return Diagnostic(severity: .warning, code: .conflict, message: message, path: path, range: range)
        }
        var found: [Diagnostic] = []
        if let here = file.registrations.first, let there = command.registrations.first {
            found.append(conflict("runtimes are", here.file, here.range, there.file, there.range.start.line))
        }
        if let here = file.defaults.first, let there = command.defaults.first {
            found.append(conflict("the default runtime is", here.file, here.range, there.file, there.range.start.line))
        }
        if let here = file.setting("containerd"), let there = command.setting("--containerd") {
            found.append(conflict("containerd is", here.file, here.range, there.file, there.range.start.line))
        }
        return found
    }

    /// dockerd refuses a default that is neither built in nor registered.
    static func unregistered(_ all: EngineRegistrations) -> [Diagnostic] {
        let names = all.registrations.map(\.runtimeName)
        guard let choice = all.defaults.last, choice.runtimeName != "runc", !names.contains(choice.runtimeName) else { return [] }
        let hint = suggestion(for: choice.runtimeName, in: names)
        let message = "the default runtime '\(choice.runtimeName)' is registered nowhere\(hint)"
        return [Diagnostic(severity: .warning, code: .unregistered, message: message, path: choice.file, range: choice.range)]
    }

    /// docker 1.11 and 1.12 ran runV through a containerd of runV's own.
    static func ownContainerd(_ setting: EngineSetting) -> [Diagnostic] {
        guard setting.namesRunVsContainerd else { return [] }
        let message = "docker is told to use runV's containerd at '\(setting.value)', which has no successor"
        return [Diagnostic(severity: .warning, code: .ownContainerd, message: message, path: setting.file, range: setting.range)]
    }
}

extension EngineSetting {
    /// Whether it has docker run all its containers by runV.
    package var namesRunVsContainerd: Bool { ["--containerd", "containerd"].contains(name) && value.contains("runv") }
}
