// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
package import SystemPackage

/// A docker engine and its containers.
package struct DockerHost: Sendable {
    package let engine: EngineHost
    /// daemon.json, wherever dockerd is told that it is.
    package let configuration: FilePath
    package let dataRoot: FilePath
    /// Whether its containers outlive a restart of dockerd.
    package let keepsContainersRunning: Bool
    package let containers: [DockerContainer]

    static let usualConfiguration: FilePath = "/etc/docker/daemon.json"

    /// Nil when there is no docker.
    static func found(by survey: inout Survey) -> DockerHost? {
        let units = survey.unitFiles("docker.service")
        let environment = survey.environment(["docker"])
        // Without a unit an init script reads them, and puts their variables on the command line.
        let scripts = units.isEmpty ? environment : []
        let flags = Docker.parseCommandLines(units: units, environment: environment, scripts: scripts).partial
        let configuration = flags?.path("--config-file") ?? usualConfiguration
        let daemon = survey.source(configuration)
        guard daemon != nil || !units.isEmpty || survey.exists("/usr/bin/dockerd") else { return nil }
        let parsed = Docker.registrations(daemonJSON: daemon, units: units, environment: environment, scripts: scripts)
        let file = daemon.flatMap { JSONDocument.parse($0).value }?.root
        // "graph" is the name before docker 17.05. dockerd does not start when the file and its command line both say it.
        let told = ["--data-root", "--graph", "-g"].lazy.compactMap { flags?.path($0) }.first
        let dataRoot = told ?? ["data-root", "graph"].lazy.compactMap { file?[$0]?.path }.first ?? "/var/lib/docker"
        return DockerHost(
            engine: EngineHost(.docker, parsed, units + environment + [daemon].compactMap(\.self), by: &survey),
            configuration: configuration, dataRoot: dataRoot,
            keepsContainersRunning: flags?.setting("--live-restore").map { ["true", "t", "1"].contains($0.value.lowercased()) }
                ?? file?["live-restore"]?.bool ?? false,
            containers: DockerContainer.found(below: dataRoot, by: &survey))
    }
}

extension EngineRegistrations {
    /// What an option says, where that is a whole path: dockerd looks for any other from a directory that nobody knows.
    fileprivate func path(_ option: String) -> FilePath? {
        setting(option).map { FilePath($0.value) }.flatMap { $0.isAbsolute ? $0 : nil }
    }
}

extension JSONValue {
    fileprivate var path: FilePath? { string.map { FilePath($0) }.flatMap { $0.isAbsolute ? $0 : nil } }
}
