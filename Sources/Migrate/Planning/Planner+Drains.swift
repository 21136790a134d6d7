// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import Glibc
internal import KataText
internal import SystemPackage

extension Planner {
    /// What was stopped for the migration starts again.
    mutating func planStart(_ sandbox: FoundSandbox) {
        let changes: [Change]
        switch sandbox.owner {
        // The kubelet makes pods anew, under other names.
        case .docker where isPodOfKubelet(sandbox): return
        case .docker: changes = sandbox.dockerContainers.map { .startContainer(.docker, id: $0.id) }
        case .nobody:
            guard steps.contains(where: { $0.id == retirement(of: sandbox) && $0.kind == .moveSandbox }) else { return }
            changes = sandbox.startable.map { .startSandbox(LegacySandboxID(rawValue: $0.container.id.rawValue)) }
            if changes.isEmpty { return }
        case .forgottenByDocker, .engine: return
        }
        let before: Step.ID = steps.contains { $0.id == .restart(.docker) } ? .restart(.docker) : retirement(of: sandbox)
        steps.append(
            Step(
                id: .init(rawValue: "start-\(name(of: sandbox))"), kind: .startContainer, object: sandbox.id.rawValue,
                reason: "it ran before the migration", hazards: [], reliesOn: [], changes: changes,
                after: [.init(step: before, why: "before that the old runtime would start it")]))
    }

    mutating func ask(about sandbox: FoundSandbox) {
        preflight.append(.runningSandbox(sandbox))
        let drained =
            switch sandbox.owner {
            case .docker where isPodOfKubelet(sandbox): "it is stopped, and the kubelet makes its pod anew"
            case .docker(let container) where container.startsWithDocker:
                "it is stopped, and docker starts it when docker restarts, as its restart policy says"
            case .docker(let container): "it is stopped, and stays so until 'docker start \(container.name)'"
            case .engine(.hyperd): "it is stopped with hyperctl, and stays with hyperd"
            case .engine: "it is stopped with crictl; the kubelet makes a pod anew that it answers for, any other stays stopped"
            case .forgottenByDocker: "it is stopped, and nobody can start it again"
            case .nobody where sandbox.hasEnded: "what is left of it is stopped, and its containers have ended for good"
            case .nobody: "it is stopped, and stays so until '\(start(of: sandbox))'"
            }
        let recreated =
            switch sandbox.owner {
            case .engine, .forgottenByDocker: drained
            case .docker where isPodOfKubelet(sandbox): drained
            case .nobody where sandbox.hasEnded: drained
            default: "it is stopped, and started under the new runtime when the engine knows it"
            }
        decisions.append(
            Decision(
                sandbox: sandbox.id,
                question: sandbox.liveness == .running
                    ? "its VM runs, and a VM of the old system cannot be taken over"
                    : "its record says that it runs, and the host's processes are not known",
                answers: [
                    .init(option: "--running recreate", consequence: recreated),
                    .init(option: "--running drain", consequence: drained),
                    .init(option: "--running leave", consequence: "it goes on under the old runtime, whose files must stay"),
                ]))
    }

    mutating func planDrain(_ sandbox: FoundSandbox) -> Step.ID {
        let id = drain(of: sandbox)
        var hazards: [Hazard] = [.stopsSandbox(sandbox.id)]
        let changes: [Change]
        var after: [Step.Predecessor] = []
        if case .docker = sandbox.owner {
            let isPod = isPodOfKubelet(sandbox)
            for comeBack in [true, false] {
                let names = sandbox.dockerContainers.filter {
                    (isPod || policy.choice(for: sandbox) == .recreate || $0.startsWithDocker) == comeBack
                }.map(\.name)
                if !names.isEmpty { hazards.append(.stopsContainers(names, comeBack: comeBack)) }
            }
            changes = sandbox.dockerContainers.map { .stopContainer(.docker, id: $0.id) }
        } else if let keeper = keeper(of: sandbox) {
            changes = sandbox.pods.map { .stopPod(keeper, id: $0, endpoint: unusualEndpoint(of: keeper)) }
            requireClient(of: keeper)
        } else {
            changes = [.stopSandbox(sandbox.id, sandbox.inEndingOrder.map(\.expected))]
        }
        if isPodOfKubelet(sandbox), steps.contains(where: { $0.id == .kubeletHold }) {
            after.append(.init(step: .kubeletHold, why: "it would make the pod anew at once"))
        }
        steps.append(
            Step(
                id: id, kind: .drainSandbox, object: sandbox.id.rawValue, reason: "a running VM of the old system cannot be taken over",
                hazards: hazards, reliesOn: sandbox.observations, changes: changes, after: after))
        drained.append(id)
        return id
    }

    /// The command that starts it again once it is moved.
    func start(of sandbox: FoundSandbox) -> String {
        sandbox.startable.map { "\(layout.runtime) start \($0.container.id)" }.joined(separator: "; ")
    }

    func drain(of sandbox: FoundSandbox) -> Step.ID { Step.ID(rawValue: "drain-\(name(of: sandbox))") }

    private mutating func requireClient(of keeper: PodKeeper) {
        let places: [FilePath] = ["/usr/local/bin", "/usr/bin"]
        guard !places.contains(where: { survey.exists($0.appending(keeper.client)) }) else { return }
        let finding = keeper == .hyperd ? Diagnostic.missingHyperctl : .missingCrictl
        if !preflight.contains(where: { $0.code == finding.code }) { preflight.append(finding) }
    }
}

// Whose a sandbox is.
extension Planner {
    /// Who stops a pod, if the one that made it is on this host.
    func keeper(of sandbox: FoundSandbox) -> PodKeeper? {
        guard case .engine(let owner) = sandbox.owner else { return nil }
        switch owner {
        case .crio where hasEngine(.crio): return .crio
        case .containerd where hasEngine(.containerd): return .containerd
        case .frakti where hasSystem(.frakti): return .frakti
        case .hyperd where hasSystem(.hyperd): return .hyperd
        case .docker, .dockershim, .podman, .unknown, .crio, .containerd, .frakti, .hyperd: return nil
        }
    }

    /// The kubelet, unless it is known not to run.
    var kubelet: EngineHost? { scan.engines.first { $0.engine == .kubelet && $0.state != .inactive } }

    /// Whether the kubelet would make it anew as soon as it is gone.
    func isPodOfKubelet(_ sandbox: FoundSandbox) -> Bool {
        guard kubelet != nil else { return false }
        switch keeper(of: sandbox) {
        case .crio, .containerd, .frakti: return true
        case .hyperd: return false
        // The kubelet's own part that spoke to docker until Kubernetes 1.24.
        case nil: return sandbox.dockerContainers.contains(where: \.isOfKubelet)
        }
    }

    private func hasEngine(_ engine: Engine) -> Bool { scan.engines.contains { $0.engine == engine } }

    /// Whether a daemon of hyper.sh is on the host: its guest's files alone may be runV's.
    private func hasSystem(_ system: LegacySystem) -> Bool {
        scan.systems.contains { found in
            found.name == system.name && (!found.units.isEmpty || found.files.contains { $0.role == .daemon })
        }
    }

    /// Why nothing is done to a sandbox; nil when something can be.
    ///
    /// Whoever goes on calling the old runtime would make the pod anew under it at once.
    func stay(of sandbox: FoundSandbox) -> String? {
        if sandbox.owner == .engine(.podman), sandbox.mayRun {
            return "podman made it: stop it with 'podman stop \(sandbox.id)', and plan again"
        }
        if case .docker(let container) = sandbox.owner, sandbox.systemName == LegacySystem.runV.name,
            let told = scan.docker?.engine.settings.first(where: \.namesRunVsContainerd)
        {
            return "docker has runV's containerd at '\(told.value)' run it, and would have it run again there: "
                + "give docker its own containerd while '\(container.name)' is stopped, and plan again"
        }
        switch keeper(of: sandbox) {
        case .frakti:
            guard case .stuck(let why)? = fraktiKubelet else { return nil }
            return "the kubelet asks frakti for its pods, and \(why): give it another --container-runtime-endpoint, and plan again"
        case .crio, .containerd:
            let engine: Engine = keeper(of: sandbox) == .crio ? .crio : .containerd
            let registrations = scan.engines.filter { $0.engine == engine }.flatMap(\.registrations)
            let own = registrations.filter { $0.system?.name == sandbox.systemName }
            guard let shim = own.first else {
                let isDone = registrations.contains { $0.binaryPath == layout.runtime }
                return isDone
                    ? nil : "\(engine.rawValue) calls nothing that is known here as \(sandbox.systemName), and would go on doing it"
            }
            guard !own.contains(where: { $0.convention == .commandLine }) else { return nil }
            return "\(engine.rawValue) goes on calling \(shim.binaryPath), a shim, for it"
        case .hyperd, nil: return nil
        }
    }
}

extension FoundSandbox {
    /// Those that can run again.
    fileprivate var startable: [Workload] { workloads.filter { $0.exitStatus == nil } }

    /// Whether all its containers had ended before the migration.
    var hasEnded: Bool { !workloads.isEmpty && startable.isEmpty }

    /// The shims first: they hand the signal to the workload, so that it ends as it would under an engine. The VM, then what served it.
    var inEndingOrder: [LegacyProcess] {
        let order: [LegacyProcess.Role] = [.shim, .hypervisor, .virtiofsd, .proxy, .runtime]
        return order.flatMap { role in processes.filter { $0.role == role } }
    }
}

extension LegacyProcess {
    /// How it is known when it is to be ended.
    var expected: ExpectedProcess {
        ExpectedProcess(pid: process.pid, startTime: process.startTime, arguments: process.arguments, signal: SIGTERM)
    }
}
