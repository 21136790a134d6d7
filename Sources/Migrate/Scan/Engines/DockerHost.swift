// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
package import SystemPackage

/// A docker engine and its containers.
package struct DockerHost: Sendable {
    package let engine: EngineHost
    package let dataRoot: FilePath
    /// Whether its containers outlive a restart of dockerd.
    package let keepsContainersRunning: Bool
    package let containers: [DockerContainer]

    static let daemonConfiguration: FilePath = "/etc/docker/daemon.json"

    /// Nil when there is no docker.
    static func found(by survey: inout Survey) -> DockerHost? {
        let units = survey.unitFiles("docker.service")
        let daemon = survey.source(daemonConfiguration)
        guard daemon != nil || !units.isEmpty || survey.exists("/usr/bin/dockerd") else { return nil }
        let environment = survey.environment(["docker"])
        let parsed = Docker.registrations(daemonJSON: daemon, units: units, environment: environment)
        let settings = daemon.flatMap { JSONDocument.parse($0).value }?.root
        // "graph" is the key's name before docker 17.05.
        let dataRoot = (settings?["data-root"] ?? settings?["graph"])?.string ?? "/var/lib/docker"
        return DockerHost(
            engine: EngineHost(.docker, parsed, units + environment + [daemon].compactMap(\.self), by: &survey),
            dataRoot: FilePath(dataRoot), keepsContainersRunning: settings?["live-restore"]?.bool ?? false,
            containers: DockerContainer.found(below: FilePath(dataRoot), by: &survey))
    }
}
