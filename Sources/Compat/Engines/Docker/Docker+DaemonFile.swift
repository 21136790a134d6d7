// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

extension Docker {
    /// Reads `runtimes`, `default-runtime` and `containerd` of `daemon.json`; other keys are none of our business.
    public static func parseDaemonFile(_ source: SourceText) -> Parsed<EngineRegistrations> {
        let parsed = JSONDocument.parse(source)
        guard let root = parsed.partial?.root else { return Parsed(value: nil, diagnostics: parsed.diagnostics) }
        var reading = DaemonFileReading(source: source, diagnostics: parsed.diagnostics)
        reading.read(root)
        let result = EngineRegistrations(
            registrations: reading.registrations, defaults: reading.defaults, settings: reading.settings
        ).withDefaultMarked()
        return Parsed(value: result, diagnostics: reading.diagnostics + unregistered(result))
    }
}

private struct DaemonFileReading {
    let source: SourceText
    var registrations: [EngineRegistration] = []
    var defaults: [DefaultRuntime] = []
    var settings: [EngineSetting] = []
    var diagnostics: [Diagnostic]

    init(source: SourceText, diagnostics: [Diagnostic]) {
        self.source = source
        self.diagnostics = diagnostics
    }

    mutating func read(_ root: JSONValue) {
        guard root.object != nil else {
            report(.badDaemonFile, "daemon.json must hold an object, not \(root.typeName)", root.range)
            return
        }
        if let value = root["default-runtime"], !value.isNull {
            if let name = value.string {
                defaults.append(DefaultRuntime(engine: .docker, runtimeName: name, file: source.path, range: value.range))
            } else {
                report(.badDaemonFile, "default-runtime must be a string, not \(value.typeName)", value.range)
            }
        }
        if let value = root["containerd"], let address = value.string {
            let setting = EngineSetting(
                name: "containerd", value: address, file: source.path, range: value.range,
                spelling: PathSpelling(range: value.range, quoting: .json))
            settings.append(setting)
            diagnostics += Docker.ownContainerd(setting)
        }
        guard let runtimes = root["runtimes"], !runtimes.isNull else { return }
        guard let members = runtimes.object else {
            report(.badDaemonFile, "runtimes must be an object, not \(runtimes.typeName)", runtimes.range)
            return
        }
        for member in members where runtimes.member(member.key)?.keyRange == member.keyRange {
            read(member)
        }
    }

    private mutating func read(_ member: JSONMember) {
        guard member.value.object != nil else {
            report(.badDaemonFile, "runtime '\(member.key)' must be an object, not \(member.value.typeName)", member.value.range)
            return
        }
        let range = SourceRange(start: member.keyRange.start, end: member.value.range.end)
        if let type = member.value["runtimeType"]?.string, !type.isEmpty {
            registrations.append(
                EngineRegistration(
                    engine: .docker, runtimeName: member.key, binaryPath: Containerd.shim(of: type), convention: .shim(type),
                    file: source.path, range: range, settings: configPath(of: member), place: .daemonShim))
            return
        }
        guard let path = member.value["path"], let text = path.string, !text.isEmpty else {
            report(.badDaemonFile, "runtime '\(member.key)' has no path", member.value.range)
            return
        }
        registrations.append(
            EngineRegistration(
                engine: .docker, runtimeName: member.key, binaryPath: FilePath(text), arguments: arguments(of: member), file: source.path,
                range: range, place: .path(PathSpelling(range: path.range, quoting: .json))))
    }

    private func configPath(of member: JSONMember) -> [EngineSetting] {
        guard let value = member.value["options"]?["ConfigPath"], let text = value.string else { return [] }
        let spelling = PathSpelling(range: value.range, quoting: .json)
        return [EngineSetting(name: "options.ConfigPath", value: text, file: source.path, range: value.range, spelling: spelling)]
    }

    private mutating func arguments(of member: JSONMember) -> [String] {
        guard let list = member.value["runtimeArgs"], !list.isNull else { return [] }
        let words = list.array?.map(\.string)
        guard let words, !words.contains(nil) else {
            report(.badDaemonFile, "runtimeArgs of '\(member.key)' must be an array of strings", list.range)
            return []
        }
        return words.compactMap { $0 }
    }

    private mutating func report(_ code: DiagnosticCode, _ message: String, _ range: SourceRange) {
        diagnostics.append(Diagnostic(severity: .error, code: code, message: message, path: source.path, range: range))
    }
}
