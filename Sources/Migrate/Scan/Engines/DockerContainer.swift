// SPDX-License-Identifier: Apache-2.0

internal import KataText
internal import SystemPackage

/// A container as docker itself remembers it; it names its runtime, so the name must outlive the migration.
package struct DockerContainer: Sendable, Equatable {
    package let id: String
    package let name: String
    /// Nil: docker's default at the time it is started.
    package let runtime: String?
    package let isRunning: Bool
    /// With which it ended last, as docker noted it; nil while it runs and before its first start.
    package let exitStatus: Int32?
    package let restartPolicy: String?
    /// How many seconds it may take to end when it is asked to; negative for as long as it likes.
    package let stopTimeout: Int

    /// The containers below docker's data directory; one whose record cannot be read is reported and left out.
    static func found(below dataRoot: FilePath, by survey: inout Survey) -> [DockerContainer] {
        let directory = dataRoot.appending("containers")
        var found: [DockerContainer] = []
        for id in survey.names(in: directory) {
            let place = directory.appending(id)
            guard let state = document(place.appending("config.v2.json"), &survey),
                let host = document(place.appending("hostconfig.json"), &survey)
            else { continue }
            let name = state["Name"]?.string ?? id
            let life = state["State"]
            let isRunning = life?["Running"]?.bool ?? false
            // Go's time before any, where there was none.
            let hasEnded = !isRunning && life?["FinishedAt"]?.string.map { !$0.hasPrefix("0001-") } ?? false
            found.append(
                DockerContainer(
                    id: id, name: name.hasPrefix("/") ? String(name.dropFirst()) : name,
                    runtime: host["Runtime"]?.string.flatMap { $0.isEmpty ? nil : $0 },
                    isRunning: isRunning, exitStatus: hasEnded ? life?["ExitCode"]?.integer.flatMap { Int32(exactly: $0) } : nil,
                    restartPolicy: host["RestartPolicy"]?["Name"]?.string.flatMap { $0.isEmpty ? nil : $0 },
                    stopTimeout: state["Config"]?["StopTimeout"]?.integer.flatMap { Int(exactly: $0) } ?? 10))
        }
        return found
    }

    private static func document(_ path: FilePath, _ survey: inout Survey) -> JSONValue? {
        guard let source = survey.source(path) else { return nil }
        let parsed = JSONDocument.parse(source)
        guard let document = parsed.value, document.root.object != nil else {
            survey.report(.malformedEngineRecord(path, parsed.diagnostics.first?.message ?? "not an object"))
            return nil
        }
        return document.root
    }
}

extension DockerContainer {
    /// Whether the kubelet made it, through dockershim.
    var isOfKubelet: Bool { name.hasPrefix("k8s_") }

    /// For a report.
    var state: String { isRunning ? "running" : exitStatus.map { "ended with status \($0)" } ?? "stopped" }
}
