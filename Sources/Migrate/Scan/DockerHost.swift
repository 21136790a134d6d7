// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// A docker engine: where it is told of runtimes, and its containers.
package struct DockerHost: Sendable {
    package let registrations: [EngineRegistration]
    package let defaults: [DefaultRuntime]
    /// The files that say so, and their texts.
    package let sources: [FilePath: SourceText]
    package let dataRoot: FilePath
    /// Whether its containers outlive a restart of dockerd.
    package let keepsContainersRunning: Bool
    package let containers: [DockerContainer]
    package let unit: String
    package let state: UnitStates.State

    static let daemonConfiguration: FilePath = "/etc/docker/daemon.json"
    private static let unitName = "docker.service"

    /// The registrations that call a program of Clear Containers.
    package var legacyRegistrations: [EngineRegistration] {
        registrations.filter { $0.binaryPath.lastComponent?.string == "cc-runtime" }
    }

    /// What `--cc-config` names, in the order of the registrations; relative paths depend on dockerd's directory and are left out.
    var namedConfigurations: [FilePath] {
        legacyRegistrations.compactMap { registration in
            for (index, argument) in registration.arguments.enumerated() {
                if argument.hasPrefix("--cc-config=") { return FilePath(String(argument.dropFirst("--cc-config=".count))) }
                if argument == "--cc-config", index + 1 < registration.arguments.count {
                    return FilePath(registration.arguments[index + 1])
                }
            }
            return nil
        }.filter(\.isAbsolute)
    }

    /// The name of the runtime that a container without one gets; docker's own is runc.
    package var defaultRuntime: String { defaults.last?.runtimeName ?? "runc" }

    /// Nil when there is no docker.
    static func found(by survey: inout Survey) -> DockerHost? {
        let units = unitFiles(&survey)
        let daemon = survey.source(daemonConfiguration)
        guard daemon != nil || !units.isEmpty || survey.exists("/usr/bin/dockerd") else { return nil }
        let parsed = Docker.registrations(daemonJSON: daemon, units: units)
        survey.report(parsed.diagnostics)
        let found = parsed.partial
        let settings = daemon.flatMap { JSONDocument.parse($0).value }?.root
        // "graph" is the key's name before docker 17.05.
        let dataRoot = (settings?["data-root"] ?? settings?["graph"])?.string ?? "/var/lib/docker"
        return DockerHost(
            registrations: found?.registrations ?? [], defaults: found?.defaults ?? [],
            sources: Dictionary((units + [daemon].compactMap(\.self)).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first }),
            dataRoot: FilePath(dataRoot), keepsContainersRunning: settings?["live-restore"]?.bool ?? false,
            containers: DockerContainer.found(below: FilePath(dataRoot), by: &survey), unit: unitName,
            state: survey.view.facts.units?.state(of: unitName) ?? .unknown)
    }

    /// The unit file that systemd takes and its drop-ins in the order in which they are applied.
    ///
    /// Drop-ins are ordered by name whatever directory they are in, and of equal names the highest directory's hides the others (systemd.unit(5)).
    private static func unitFiles(_ survey: inout Survey) -> [SourceText] {
        var files: [SourceText] = []
        for directory in LegacyUnit.directories {
            guard let source = survey.source(directory.appending(unitName)) else { continue }
            files.append(source)
            break
        }
        var dropIns: [String: FilePath] = [:]
        for directory in LegacyUnit.directories {
            let place = directory.appending(unitName + ".d")
            for name in survey.names(in: place) where name.hasSuffix(".conf") && dropIns[name] == nil {
                dropIns[name] = place.appending(name)
            }
        }
        for (_, path) in dropIns.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if let source = survey.source(path) { files.append(source) }
        }
        return files
    }
}
