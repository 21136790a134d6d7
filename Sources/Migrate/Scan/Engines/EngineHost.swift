// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// An engine on a host: where it is told of runtimes.
package struct EngineHost: Sendable {
    package let engine: Engine
    package let registrations: [EngineRegistration]
    package let defaults: [DefaultRuntime]
    package let settings: [EngineSetting]
    /// The files that say so, and their texts.
    package let sources: [FilePath: SourceText]
    package let unit: String
    package let state: UnitStates.State

    init(_ engine: Engine, _ parsed: Parsed<EngineRegistrations>, _ sources: [SourceText], by survey: inout Survey) {
        survey.report(parsed.diagnostics)
        let found = parsed.partial
        self.engine = engine
        registrations = (found?.registrations ?? []).map { $0.unwrapped(by: &survey) }
        defaults = found?.defaults ?? []
        settings = found?.settings ?? []
        self.sources = Dictionary(sources.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        unit = "\(engine.rawValue).service"
        state = survey.view.facts.units?.state(of: unit) ?? .unknown
    }

    /// The registrations that call a program of an old system.
    package var legacyRegistrations: [EngineRegistration] { registrations.filter { $0.system != nil } }

    /// The name of the runtime that a container without one gets.
    package var defaultRuntime: String { defaults.last?.runtimeName ?? "runc" }

    /// podman; nil when nobody configured one. What its package says, below /usr/share, is the package's, and names our place too.
    static func podman(by survey: inout Survey) -> EngineHost? {
        let directory: FilePath = "/etc/containers"
        let dropIns = survey.names(in: directory.appending("containers.conf.d")).filter { $0.hasSuffix(".conf") }
        let names = ["libpod.conf", "containers.conf"] + dropIns.map { "containers.conf.d/\($0)" }
        let sources = names.compactMap { survey.source(directory.appending($0)) }
        return sources.isEmpty ? nil : EngineHost(.podman, Podman.registrations(sources), sources, by: &survey)
    }

    /// CRI-O; nil when there is none.
    static func crio(by survey: inout Survey) -> EngineHost? {
        let main = survey.source("/etc/crio/crio.conf")
        let directory: FilePath = "/etc/crio/crio.conf.d"
        let dropIns = survey.names(in: directory).compactMap { survey.source(directory.appending($0)) }
        let units = survey.unitFiles("crio.service")
        guard main != nil || !dropIns.isEmpty || !units.isEmpty else { return nil }
        let environment = survey.environment(["crio", "crio-network", "crio-storage"])
        let parsed = CRIO.registrations(main: main, dropIns: dropIns, units: units, environment: environment)
        return EngineHost(.crio, parsed, [main].compactMap(\.self) + dropIns + units + environment, by: &survey)
    }

    /// containerd; nil when nobody configured one.
    static func containerd(by survey: inout Survey) -> EngineHost? {
        guard let root = survey.source("/etc/containerd/config.toml") else { return nil }
        var imported: [SourceText] = []
        var pending = Containerd.importPatterns(of: root)
        while let pattern = pending.popLast() {
            let directory = pattern.removingLastComponent()
            for name in survey.names(in: directory) {
                let path = directory.appending(name)
                guard Containerd.matches(path, pattern), path != root.path, !imported.contains(where: { $0.path == path }),
                    let source = survey.source(path)
                else { continue }
                imported.append(source)
                pending += Containerd.importPatterns(of: source)
            }
        }
        let parsed = Containerd.registrations(root: root, files: imported)
        return EngineHost(.containerd, parsed, [root] + imported, by: &survey)
    }

    /// The kubelet, which calls no runtime itself but names the engine; nil when there is none.
    static func kubelet(by survey: inout Survey) -> EngineHost? {
        let units = survey.unitFiles("kubelet.service")
        let environment = survey.environment(["kubelet"]) + ["/var/lib/kubelet/kubeadm-flags.env"].compactMap { survey.source($0) }
        guard !units.isEmpty || !environment.isEmpty else { return nil }
        let flags = Kubelet.settings(units: units, environment: environment).partial?.settings ?? []
        let places = Kubelet.configurationPlaces(flags)
        let dropIns = places.directory.map { directory in
            survey.names(in: directory).filter { $0.hasSuffix(".conf") }.map { directory.appending($0) }
        }
        let configuration = ([places.file].compactMap(\.self) + (dropIns ?? [])).compactMap { survey.source($0) }
        let parsed = Kubelet.settings(units: units, environment: environment, configuration: configuration)
        return EngineHost(.kubelet, parsed, units + environment + configuration, by: &survey)
    }
}

extension [EngineHost] {
    /// The configurations that a system's programs are given, in the order of the registrations.
    func configurations(of system: LegacySystem, by survey: inout Survey) -> [FilePath] {
        let own = flatMap(\.registrations).filter { $0.system?.name == system.name }
        return system.isConfiguredByEngines
            ? own.map { $0.wrapped == nil ? $0.file : $0.binaryPath } : own.compactMap { $0.configuration(of: system, by: &survey) }
    }
}

extension EngineRegistration {
    /// The old system whose program it calls.
    var system: LegacySystem? { LegacySystem.calling(wrapped ?? binaryPath) }

    /// With the old system's program that is run by a script in its place, which people write to pass flags.
    func unwrapped(by survey: inout Survey) -> EngineRegistration {
        guard convention == .commandLine, system == nil, let script = InstalledFile.script(binaryPath, by: &survey) else { return self }
        let commands = script.split(separator: "\n").compactMap { line -> FilePath? in
            let words = line.split(whereSeparator: \.isWhitespace).map { String($0.filter { $0 != "\"" && $0 != "'" }) }
            return words.first { $0 != "exec" && !$0.contains("=") }.flatMap { $0.hasPrefix("#") ? nil : FilePath($0) }
        }
        var copy = self
        copy.wrapped = commands.first { LegacySystem.calling($0) != nil }
        return copy
    }

    /// Where its program may be: an engine looks a bare name up in its PATH.
    var places: [FilePath] {
        binaryPath.isAbsolute
            ? [binaryPath]
            : ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/opt/kata/bin"].map { FilePath($0).pushing(binaryPath) }
    }

    /// The configuration that the engine gives the program, absolute or relative to a directory of the engine's.
    func namedConfiguration(of system: LegacySystem) -> FilePath? {
        let told =
            convention == .commandLine
            ? system.configurationFlags.lazy.compactMap { LegacySystem.value(arguments, after: $0) }.first
            : settings.first { ["options.ConfigPath", "runtime_config_path"].contains($0.name) && !$0.value.isEmpty }?.value
        return told.map { FilePath($0) }
    }

    /// The same, else what a script in the program's place gives it; nil where the program looks for one itself, and for a relative path.
    func configuration(of system: LegacySystem, by survey: inout Survey) -> FilePath? {
        if let named = namedConfiguration(of: system) { return named.isAbsolute ? named : nil }
        guard let program = places.first(where: { survey.exists($0) }) else { return nil }
        return InstalledFile.configuration(namedBy: program, system.configurationFlags, by: &survey)
    }
}

extension Survey {
    /// The unit file that systemd takes and its drop-ins in the order in which they are applied.
    ///
    /// Drop-ins are ordered by name whatever directory they are in, and of equal names the highest directory's hides the others (systemd.unit(5)).
    mutating func unitFiles(_ unit: String) -> [SourceText] {
        var files: [SourceText] = []
        for directory in LegacyUnit.directories {
            let path = directory.appending(unit)
            // A link to /dev/null is systemd's word that there is no such unit.
            if look(at: path)?.kind == .device { return [] }
            guard let source = source(path) else { continue }
            files.append(source)
            break
        }
        var dropIns: [String: FilePath] = [:]
        for directory in LegacyUnit.directories {
            let place = directory.appending(unit + ".d")
            for name in names(in: place) where name.hasSuffix(".conf") && dropIns[name] == nil {
                dropIns[name] = place.appending(name)
            }
        }
        for (_, path) in dropIns.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if let source = source(path) { files.append(source) }
        }
        return files
    }

    /// The files of assignments of a service, where Debian and where Fedora has them.
    mutating func environment(_ names: [String]) -> [SourceText] {
        let directories: [FilePath] = ["/etc/default", "/etc/sysconfig"]
        return directories.flatMap { directory in names.map { directory.appending($0) } }.compactMap { source($0) }
    }
}
