// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension Step.ID {
    static func registration(_ engine: Engine) -> Step.ID { Step.ID(rawValue: "\(engine.rawValue)-registration") }
    static func restart(_ engine: Engine) -> Step.ID { Step.ID(rawValue: "\(engine.rawValue)-restart") }
    /// Of the steps that stop a sandbox; its name follows.
    static let drainPrefix = "drain-"
    static let kubeletHold = Step.ID(rawValue: "kubelet-hold")
    static let kubeletRelease = Step.ID(rawValue: "kubelet-release")
}

extension Planner {
    mutating func planEngines() {
        if let docker = scan.docker {
            checkContainers(of: docker)
            noteEndings(of: docker)
            if planRegistration(of: docker.engine, users: users(of: docker)) { planRestart(of: docker) }
        }
        for engine in scan.engines where planRegistration(of: engine, users: "") && engine.state != .inactive && engine.engine != .podman {
            // The pods of CRI-O and containerd hang on monitors of their own, and outlive it.
            steps.append(
                Step(
                    id: .restart(engine.engine), kind: .restartEngine, object: engine.unit,
                    reason: "\(engine.engine.rawValue) reads the paths of its runtimes when it starts; its pods outlive that",
                    hazards: [.restartsEngine(engine.engine)], reliesOn: [], changes: [.reloadUnits, .restartUnit(engine.unit)],
                    after: [.init(step: .registration(engine.engine), why: "it is what the restart makes known")]))
        }
    }

    mutating func holdKubelet() {
        guard let kubelet else { return }
        let isDrained = scan.sandboxes.contains {
            $0.mayRun && isPodOfKubelet($0) && policy.isStopped($0) && stay(of: $0) == nil
        }
        let isMoved = if case .moves? = fraktiKubelet { true } else { false }
        guard isDrained || isMoved else { return }
        steps.append(
            Step(
                id: .kubeletHold, kind: .holdKubelet, object: kubelet.unit,
                reason: isDrained
                    ? "it would make each drained pod anew at once, under the old runtime" : "it is told of another engine meanwhile",
                hazards: [], reliesOn: [], changes: [.stopUnit(kubelet.unit)], after: []))
    }

    mutating func releaseKubelet() {
        guard let hold = steps.first(where: { $0.id == .kubeletHold }) else { return }
        let restarts = steps.filter { $0.kind == .restartEngine || $0.kind == .pointKubelet }.map(\.id)
        steps.append(
            Step(
                id: .kubeletRelease, kind: .releaseKubelet, object: hold.object,
                reason: "it makes the pods that it answers for anew", hazards: [], reliesOn: [], changes: [.startUnit(hold.object)],
                after: (restarts + [hold.id]).map { .init(step: $0, why: "before that its pods would get the old runtime") }))
    }

    /// - Parameter users: a clause on who asks for the runtimes.
    /// - Returns: whether anything is to be changed.
    private mutating func planRegistration(of engine: EngineHost, users: String) -> Bool {
        for shim in engine.legacyRegistrations where shim.convention != .commandLine {
            let isThere = shim.places.contains { survey.exists($0) }
            leftInPlace.append(
                Leftover(
                    what: "\(engine.engine.rawValue) runtime \(shim.runtimeName)",
                    why: "it is called through a shim, \(shim.binaryPath)"
                        + (isThere ? "" : ", which is not on this host: it starts nothing, and is not carried")))
        }
        let pending = engine.legacyRegistrations.filter { $0.convention == .commandLine && $0.binaryPath != target(of: $0) }
        guard !pending.isEmpty else { return false }
        // It calls a runtime by the name that it noted of a container, for which the old one has to be there as long as that runs.
        let running = engine.engine == .podman ? scan.sandboxes.filter { $0.owner == .engine(.podman) && $0.mayRun } : []
        guard running.isEmpty else {
            leftInPlace.append(
                Leftover(
                    what: "podman's registrations",
                    why: "\(running.map(\.id.rawValue).joined(separator: ", ")) would be lost to podman stop"))
            return false
        }
        let files = pending.map(\.file).reduce(into: [FilePath]()) { if !$0.contains($1) { $0.append($1) } }
        var changes: [Change] = []
        for file in files {
            guard let source = engine.sources[file],
                let edits = try? pending.filter({ $0.file == file }).edits(
                    changingPathTo: target(of:), droppingArguments: { $0.system?.isConfiguredByEngines == true },
                    in: [source]),
                let bytes = source.applying(edits)
            else {
                preflight.append(.uneditable(file))
                continue
            }
            changes.append(.replace(file, before: source.bytes, after: bytes))
        }
        guard !changes.isEmpty else { return false }
        let names = pending.map(\.runtimeName).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        for path in Set(pending.map(target(of:))).sorted(by: { $0.string < $1.string })
        where survey.exists(layout.runtime) && !survey.exists(path) { preflight.append(.missingName(path)) }
        var predecessors = drained.map { Step.Predecessor(step: $0, why: "only the old runtime can stop or give up its own sandbox") }
        if steps.contains(where: { $0.id == .configuration }) {
            predecessors.append(.init(step: .configuration, why: "the new runtime needs it at its first call"))
        }
        predecessors += planCheck(of: engine.engine, changes)
        steps.append(
            Step(
                id: .registration(engine.engine), kind: .registerRuntime, object: files.map(\.string).joined(separator: ", "),
                reason: "\(engine.engine.rawValue) calls the new runtime under the name \(names.joined(separator: ", "))\(users)",
                hazards: [], reliesOn: observed(files), changes: changes, after: predecessors))
        return true
    }

    private func users(of docker: DockerHost) -> String {
        let names = docker.engine.legacyRegistrations.map(\.runtimeName)
        let count = docker.containers.count { names.contains($0.runtime ?? docker.engine.defaultRuntime) }
        return count == 0 ? "" : ", which \(count) of its containers ask for"
    }

    /// Our runtime under the name by which it is called.
    private func target(of registration: EngineRegistration) -> FilePath {
        let name = (registration.wrapped ?? registration.binaryPath).lastComponent?.string ?? ""
        return switch name {
        // Its flags, which are configuration now, do not come along; and Kata's command line is ours.
        case "runv", "kata-runtime", "kata-qemu": layout.runtime
        default: layout.legacyNames.appending(registration.legacyProgram ?? name)
        }
    }

    private mutating func planRestart(of docker: DockerHost) {
        // An engine that is known not to run reads its files when it starts.
        guard docker.engine.state != .inactive else { return }
        let stopping = docker.keepsContainersRunning ? [] : docker.containers.filter(\.isRunning)
        let drained = steps.flatMap(\.changes)
        let others = stopping.filter { !drained.contains(.stopContainer(.docker, id: $0.id)) }
        var hazards: [Hazard] = [.restartsEngine(.docker)]
        for comeBack in [true, false] {
            let names = others.filter { $0.comesBack == comeBack }.map(\.name)
            if !names.isEmpty { hazards.append(.stopsContainers(names, comeBack: comeBack)) }
        }
        for sandbox in leftRunning where others.contains(where: sandbox.dockerContainers.contains) {
            preflight.append(.restartStopsSandbox(sandbox.id))
        }
        steps.append(
            Step(
                id: .restart(.docker), kind: .restartEngine, object: docker.engine.unit,
                reason: "dockerd reads its command line and the paths of its runtimes when it starts", hazards: hazards,
                reliesOn: observed([docker.configuration]), changes: [.reloadUnits, .restartUnit(docker.engine.unit)],
                after: [.init(step: .registration(.docker), why: "it is what the restart makes known")]))
    }
}

extension DockerContainer {
    /// Whether docker starts it again after its own restart if it ran until then; "on-failure" does not speak of that.
    fileprivate var comesBack: Bool { startsWithDocker || restartPolicy == "unless-stopped" }

    /// Whether docker starts it whenever docker itself starts, even if somebody had stopped it.
    var startsWithDocker: Bool { restartPolicy == "always" }
}
