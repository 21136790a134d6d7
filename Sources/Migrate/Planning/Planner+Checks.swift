// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension Step.ID {
    static func check(_ engine: Engine) -> Step.ID { Step.ID(rawValue: "\(engine.rawValue)-check") }
}

extension Planner {
    /// Names of runtimes stay registered, so that docker's own records of containers stay as they are. A name that is registered no more
    /// was of no use before the migration either.
    mutating func checkContainers(of docker: DockerHost) {
        // dockerd makes the first itself, and takes a shim's name for the shim.
        let known = Set(["runc"] + docker.engine.registrations.map(\.runtimeName))
        for container in docker.containers {
            guard let runtime = container.runtime, !known.contains(runtime), !runtime.hasPrefix("io.containerd.") else { continue }
            preflight.append(.unknownRuntime(runtime, of: container, layout))
        }
    }

    /// An engine that refused its new configuration would not start again, so it is asked before anything else is done.
    ///
    /// - Parameter changes: of its files.
    /// - Returns: what the registration has to wait for.
    mutating func planCheck(of engine: Engine, _ changes: [Change]) -> [Step.Predecessor] {
        var checked: [Change] = []
        let file = engine == .docker ? scan.docker?.configuration : EngineCheck.file(of: engine)
        for case .replace(let path, _, let after) in changes {
            if path == file {
                checked.append(.check(engine, path, after))
            } else {
                preflight.append(.unchecked(engine, path))
            }
        }
        guard !checked.isEmpty else { return [] }
        steps.insert(
            Step(
                id: .check(engine), kind: .checkConfiguration, object: engine.rawValue,
                reason: "what \(engine.rawValue) refuses is not given to it: it would not start again", hazards: [],
                reliesOn: observed(changes.compactMap(\.backedUp)), changes: checked, after: []), at: 0)
        return [Step.Predecessor(step: .check(engine), why: "it has to accept the file")]
    }
}
