// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension Step.ID {
    static let dockerRegistration = Step.ID(rawValue: "docker-registration")
    static let dockerRestart = Step.ID(rawValue: "docker-restart")
}

extension Planner {
    mutating func planDocker() {
        guard let docker = scan.docker else { return }
        let pending = docker.legacyRegistrations.filter { $0.binaryPath != target(of: $0) }
        guard !pending.isEmpty else { return }
        let files = pending.map(\.file).reduce(into: [FilePath]()) { if !$0.contains($1) { $0.append($1) } }
        var changes: [Change] = []
        for file in files {
            guard let source = docker.sources[file],
                let edits = try? pending.filter({ $0.file == file }).edits(changingPathTo: { target(of: $0) }, in: [source]),
                let bytes = source.applying(edits)
            else {
                preflight.append(.uneditable(file))
                continue
            }
            changes.append(.replace(file, before: source.bytes, after: bytes))
        }
        guard !changes.isEmpty else { return }
        let names = pending.map(\.runtimeName).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let users = docker.containers.filter { names.contains($0.runtime ?? docker.defaultRuntime) }
        var predecessors = drained.map { Step.Predecessor(step: $0, why: "only the old runtime can stop or give up its own sandbox") }
        if steps.contains(where: { $0.id == .configuration }) {
            predecessors.append(.init(step: .configuration, why: "the new runtime needs it at its first call"))
        }
        steps.append(
            Step(
                id: .dockerRegistration, kind: .registerRuntime, object: files.map(\.string).joined(separator: ", "),
                reason: "docker calls the new runtime under the name \(names.joined(separator: ", "))"
                    + (users.isEmpty ? "" : ", which \(users.count) of its containers ask for"),
                hazards: [], reliesOn: observed(files), changes: changes, after: predecessors))
        planRestart(of: docker)
    }

    private func target(of registration: EngineRegistration) -> FilePath {
        layout.legacyNames.appending(registration.binaryPath.lastComponent?.string ?? "cc-runtime")
    }

    private mutating func planRestart(of docker: DockerHost) {
        // An engine that is known not to run reads its files when it starts.
        guard docker.state != .inactive else { return }
        let stopping = docker.keepsContainersRunning ? [] : docker.containers.filter(\.isRunning)
        let drainedHere = Set(steps.filter { $0.kind == .drainSandbox }.map(\.object))
        let others = stopping.filter { !drainedHere.contains($0.id) }
        var hazards: [Hazard] = [.restartsEngine(.docker)]
        for comeBack in [true, false] {
            let names = others.filter { $0.comesBack == comeBack }.map(\.name)
            if !names.isEmpty { hazards.append(.stopsContainers(names, comeBack: comeBack)) }
        }
        for sandbox in leftRunning where others.contains(where: { $0.id == sandbox.id.rawValue }) {
            preflight.append(.restartStopsSandbox(sandbox.id))
        }
        steps.append(
            Step(
                id: .dockerRestart, kind: .restartEngine, object: docker.unit,
                reason: "dockerd reads its command line and the paths of its runtimes when it starts", hazards: hazards,
                reliesOn: observed([DockerHost.daemonConfiguration]), changes: [.reloadUnits, .restartUnit(docker.unit)],
                after: [.init(step: .dockerRegistration, why: "it is what the restart makes known")]))
    }
}

extension DockerContainer {
    /// Whether docker starts it again after its own restart if it ran until then; "on-failure" does not speak of that.
    fileprivate var comesBack: Bool { startsWithDocker || restartPolicy == "unless-stopped" }

    /// Whether docker starts it whenever docker itself starts, even if somebody had stopped it.
    var startsWithDocker: Bool { restartPolicy == "always" }
}
