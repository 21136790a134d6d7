// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

/// What becomes of a kubelet that asks frakti for its pods: frakti has no successor, but the engines that have are asked in the same way.
enum FraktiKubelet {
    /// Nothing takes frakti's place here.
    case stuck(String)
    /// The operator has not said that its pods may stop.
    case waits(String)
    case moves(KubeletMove)
}

/// A kubelet that is told of another engine.
struct KubeletMove {
    let kubelet: EngineHost
    let engine: EngineHost
    let endpoint: String
    /// Of its files.
    let changes: [Change]
    /// What frakti ran in docker, as it did with pods that a VM cannot hold.
    let dockerContainers: [DockerContainer]
}

extension Planner {
    /// Nil when no kubelet asks frakti.
    mutating func judgeKubelet() -> FraktiKubelet? {
        guard let kubelet = scan.engines.first(where: { $0.engine == .kubelet }), isKubeletOfFrakti else { return nil }
        let engine: EngineHost
        switch podEngine() {
        case .success(let found): engine = found
        case .failure(let obstacle): return .stuck(obstacle.why)
        }
        guard let socket = engine.podSocket else { return .stuck("\(engine.engine.rawValue) does not listen for a kubelet") }
        let endpoint = "unix://\(socket)"
        let files = kubelet.sources.values.sorted { $0.path.string < $1.path.string }
        var changes: [Change] = []
        do throws(EngineEditError) {
            let edits = try Kubelet.edits(pointingAt: endpoint, kubelet.settings, in: files)
            for source in files {
                let own = edits.filter { $0.file == source.path }
                if !own.isEmpty, let bytes = source.applying(own) {
                    changes.append(.replace(source.path, before: source.bytes, after: bytes))
                }
            }
        } catch {
            return .stuck("its files cannot be edited (\(error))")
        }
        guard !changes.isEmpty else { return .stuck("its files cannot be edited") }
        let containers = scan.docker?.containers.filter { $0.isRunning && $0.isOfKubelet } ?? []
        let isLeft = !RunningPolicy.stopping.contains(policy.usual) && !containers.isEmpty
        if isLeft || scan.sandboxes.contains(where: { $0.mayRun && keeper(of: $0) == .frakti && !policy.isStopped($0) }) {
            return .waits(
                "its pods would go on without it; with --running drain or recreate they are stopped, and made anew by \(engine.engine.rawValue)"
            )
        }
        return .moves(
            KubeletMove(kubelet: kubelet, engine: engine, endpoint: endpoint, changes: changes, dockerContainers: containers))
    }

    private struct Obstacle: Error { let why: String }

    /// The engine that a kubelet can ask.
    private mutating func podEngine() -> Result<EngineHost, Obstacle> {
        let places: [FilePath] = ["/usr/bin", "/usr/local/bin"]
        let running = scan.engines.filter { [.crio, .containerd].contains($0.engine) && $0.podSocket != nil && $0.state != .failed }
            .filter { engine in places.contains { survey.exists($0.appending(engine.engine.rawValue)) } }
        let candidates = running.filter { $0.state != .inactive }
        if let first = candidates.first, candidates.count == 1 { return .success(first) }
        if candidates.count > 1 {
            let named = candidates.filter { !$0.legacyRegistrations.isEmpty || $0.calls(layout) }
            if let first = named.first, named.count == 1 { return .success(first) }
            return .failure(Obstacle(why: "CRI-O and containerd both could take its pods, and only you can say which"))
        }
        if let stopped = running.first {
            return .failure(Obstacle(why: "\(stopped.engine.rawValue), which could take its pods, does not run"))
        }
        return .failure(Obstacle(why: "neither CRI-O nor a containerd that listens for a kubelet is on this host"))
    }

    /// After the engine has been told of the new runtime, and before the kubelet wakes.
    mutating func planKubelet() {
        switch fraktiKubelet {
        case nil: return
        case .stuck(let why)?, .waits(let why)?:
            preflight.append(.kubeletStays(why))
            leftInPlace.append(Leftover(what: "the kubelet's --container-runtime-endpoint, which is frakti's", why: why))
        case .moves(let move)?:
            let files = move.changes.compactMap(\.backedUp)
            for file in files { preflight.append(.unchecked(.kubelet, file)) }
            if !move.engine.calls(layout), move.engine.legacyRegistrations.isEmpty { preflight.append(.podsWithoutVM(move.engine.engine)) }
            let isUnit = files.contains { file in LegacyUnit.directories.contains { file.starts(with: $0) } }
            let engine = steps.filter { [.registration(move.engine.engine), .restart(move.engine.engine)].contains($0.id) }
            steps.append(
                Step(
                    id: .registration(.kubelet), kind: .pointKubelet, object: move.endpoint,
                    reason: "frakti and hyperd have no successor: \(move.engine.engine.rawValue) runs the node's pods from now on",
                    hazards: [],
                    reliesOn: observed(files), changes: move.changes + (isUnit ? [.reloadUnits] : []),
                    after: drained.map { .init(step: $0, why: "frakti's pods are stopped through frakti") }
                        + engine.map { .init(step: $0.id, why: "the pods need the new runtime at once") }))
        }
    }

    /// What frakti ran in docker holds the ports of what takes its place.
    mutating func stopContainersOfFrakti() {
        guard case .moves(let move)? = fraktiKubelet, !move.dockerContainers.isEmpty else { return }
        let id = Step.ID(rawValue: "frakti-containers")
        let isHeld = steps.contains { $0.id == .kubeletHold }
        steps.append(
            Step(
                id: id, kind: .stopContainers, object: "frakti",
                reason: "frakti ran them in docker, where the kubelet no longer looks: their places and ports are needed",
                hazards: [.stopsContainers(move.dockerContainers.map(\.name), comeBack: true)], reliesOn: [],
                changes: move.dockerContainers.map { .stopContainer(.docker, id: $0.id) },
                after: isHeld ? [.init(step: .kubeletHold, why: "it would start them anew at once")] : []))
        drained.append(id)
    }

    var isKubeletOfFrakti: Bool { fraktiEndpoint != nil }

    /// As the kubelet names it.
    private var fraktiEndpoint: String? {
        scan.engines.filter { $0.engine == .kubelet }.flatMap(\.settings)
            .last { Kubelet.isEndpoint($0) && $0.value.contains("frakti") }?.value
    }

    /// Where a keeper of pods listens, if that is not where it usually does.
    func unusualEndpoint(of keeper: PodKeeper) -> String? {
        switch keeper {
        case .crio: scan.engines.first { $0.engine == .crio }?.unusualEndpoint
        case .containerd: scan.engines.first { $0.engine == .containerd }?.unusualEndpoint
        case .frakti:
            fraktiEndpoint.map { $0.hasPrefix("/") ? "unix://\($0)" : $0 }.flatMap { $0 == keeper.usualEndpoint ? nil : $0 }
        case .hyperd: nil
        }
    }
}

extension EngineHost {
    /// Where it listens for a kubelet; nil when it does not.
    var podSocket: FilePath? {
        let units = LegacyUnit.directories + ["/etc/default", "/etc/sysconfig"]
        let files = sources.values.filter { source in !units.contains { source.path.starts(with: $0) } }
        let main = EngineCheck.file(of: engine)
        // Drop-ins and imports count after the file that has them.
        let ordered = files.sorted { a, b in
            (a.path == main) != (b.path == main) ? a.path == main : a.path.string.utf8.lexicographicallyPrecedes(b.path.string.utf8)
        }
        return engine.podSocket(in: ordered, settings)
    }

    /// The address of that, if it is not the one that the engine usually has.
    var unusualEndpoint: String? {
        let keeper: PodKeeper? =
            switch engine {
            case .crio: .crio
            case .containerd: .containerd
            case .docker, .podman, .kubelet: nil
            }
        guard let keeper, let socket = podSocket, "unix://\(socket)" != keeper.usualEndpoint else { return nil }
        return "unix://\(socket)"
    }

    /// Whether it calls the new runtime already.
    fileprivate func calls(_ layout: TargetLayout) -> Bool {
        registrations.contains { $0.binaryPath == layout.runtime || $0.binaryPath.starts(with: layout.legacyNames) }
    }
}
