// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension Planner {
    mutating func planSandbox(_ sandbox: FoundSandbox) {
        if let why = stay(of: sandbox) {
            if sandbox.mayRun { leftRunning.append(sandbox) }
            return leave(sandbox, sandbox.mayRun ? .leftRunning : .leftToEngine, because: why)
        }
        if sandbox.owner == .nobody, let (container, why) = sandbox.obstacle {
            preflight.append(.immovable(sandbox.id, container, why))
            // Its end would be for good: whoever can say that it may end can end it.
            if sandbox.mayRun { leftRunning.append(sandbox) }
            return leave(
                sandbox, .notCarried,
                because: "\(container.map { "container \($0)" } ?? "it") cannot be made again: \(why)"
                    + (sandbox.mayRun ? "; it is left running" : ""))
        }
        guard sandbox.mayRun else { return planStopped(sandbox, after: []) }
        let choice = policy.choice(for: sandbox)
        switch choice {
        case nil:
            ask(about: sandbox)
            settle(sandbox, .undecided, because: "it runs")
        case .leave:
            leftRunning.append(sandbox)
            leave(sandbox, .leftRunning, because: "it runs, and is to be left")
        case .drain, .recreate:
            let drain = planDrain(sandbox)
            let leftovers = planLeftovers(of: sandbox, after: drain)
            planStopped(sandbox, after: [.init(step: drain, why: "its records are in use as long as it runs")] + leftovers)
            if choice == .recreate { waiting.append(sandbox) }
        }
    }

    /// A record that says too little to move anything.
    mutating func planBrokenRecord(_ record: BrokenRecord) {
        preflight.append(.brokenRecord(record))
        leftInPlace.append(Leftover(what: "sandbox record \(record.id)", why: "it cannot be read: \(record.reason)"))
        fates.append(
            SandboxFate(
                sandbox: record.id, system: LegacySystem.of(record.format)?.name ?? "", verdict: .notCarried, isDrained: false,
                reason: "its record cannot be read: \(record.reason)"))
    }

    mutating func settle(_ sandbox: FoundSandbox, _ verdict: SandboxFate.Verdict, isDrained: Bool = false, because reason: String) {
        fates.append(
            SandboxFate(sandbox: sandbox.id, system: sandbox.systemName, verdict: verdict, isDrained: isDrained, reason: reason))
    }

    mutating func leave(_ sandbox: FoundSandbox, _ verdict: SandboxFate.Verdict, isDrained: Bool = false, because reason: String) {
        leftInPlace.append(Leftover(what: "sandbox \(sandbox.id)", why: reason))
        settle(sandbox, verdict, isDrained: isDrained, because: reason)
    }

    /// - Parameter after: the drain, if there is one.
    private mutating func planStopped(_ sandbox: FoundSandbox, after: [Step.Predecessor]) {
        switch sandbox.owner {
        case .docker:
            let names = sandbox.dockerContainers.map { "'\($0.name)'" }.joined(separator: " and ")
            let reason = "docker keeps container \(names) itself and has the new runtime create it anew at its next start"
            retire(sandbox, .leftToEngine, after, reason: reason)
        case .forgottenByDocker:
            planStale(sandbox, after, reason: "docker made it and does not know it any more: nobody can start it")
        case .engine(.docker):
            leave(
                sandbox, .notCarried, isDrained: !after.isEmpty,
                because: "docker's own record of the container cannot be read: docker inspect \(sandbox.id)")
        case .engine(.podman):
            let reason = "podman keeps the container itself, and has the runtime of [engine.runtimes] in containers.conf create it anew"
            retire(sandbox, .leftToEngine, after, reason: reason)
        case .engine(let owner):
            guard let keeper = keeper(of: sandbox) else {
                return planStale(sandbox, after, reason: "it belongs to \(owner.rawValue), which is not on this host")
            }
            switch keeper {
            case .crio, .containerd:
                let reason = "\(owner.rawValue) keeps the pod itself, and the kubelet makes pods anew under the new runtime"
                retire(sandbox, .leftToEngine, after, reason: reason)
            case .frakti where sandbox.record.format == .frakti:
                planStale(sandbox, after, reason: "frakti keeps a file on it, and hyperd has no such pod")
            case .frakti:
                leave(
                    sandbox, .leftToEngine, isDrained: !after.isEmpty,
                    because: "the kubelet makes its pods anew in the engine that it now has; hyperd's record of this one stays with hyperd")
            case .hyperd:
                leave(
                    sandbox, .notCarried, isDrained: !after.isEmpty,
                    because: "its images and volumes are hyperd's own; make a manifest of its pod file: kata-migrate convert FILE")
            }
        case .nobody: move(sandbox, after)
        }
    }

    private mutating func planStale(_ sandbox: FoundSandbox, _ after: [Step.Predecessor], reason: String) {
        guard cleansStale, !sandbox.directories.isEmpty else {
            preflight.append(.staleSandbox(sandbox.id, reason))
            return leave(sandbox, .stale, isDrained: !after.isEmpty, because: reason)
        }
        retire(sandbox, .stale, after, reason: reason)
    }

    /// - Parameter after: the drain, if there is one; it rewrites or removes the records, so what they were cannot be relied on.
    private mutating func retire(
        _ sandbox: FoundSandbox, _ verdict: SandboxFate.Verdict, _ after: [Step.Predecessor], reason: String
    ) {
        settle(sandbox, verdict, isDrained: !after.isEmpty, because: reason)
        let relied = after.isEmpty ? observed(sandbox.directories) + sandbox.observations : []
        steps.append(
            Step(
                id: retirement(of: sandbox), kind: .retireRecords, object: sandbox.id.rawValue,
                reason: after.isEmpty ? reason : reason + "; this takes what the stop leaves of them", hazards: [], reliesOn: relied,
                changes: clearance(of: sandbox) + departure(of: sandbox, verdict), after: after))
        drained.append(retirement(of: sandbox))
        leaveNamespace(of: sandbox)
    }

    /// What is mounted inside the record's own directories is somebody's data, and must be out of them before they go. What else was shared
    /// with the guest is unmounted by its engine, if there is one.
    private func clearance(of sandbox: FoundSandbox) -> [Change] {
        let mounts = sandbox.mounts.filter { mount in
            sandbox.owner == .nobody || sandbox.directories.contains { mount.starts(with: $0) }
        }
        // What was mounted last lies on top.
        return mounts.reversed().map(Change.unmount)
    }

    /// What is stale goes because it is asked to.
    private func departure(of sandbox: FoundSandbox, _ verdict: SandboxFate.Verdict) -> [Change] {
        let stays = sandbox.system.sandboxes.stayUntilForgotten && verdict != .stale
        return sandbox.directories.map(stays ? Change.keep : Change.moveAway)
    }

    /// A namespace that is gone cannot be brought back by a rollback, so no step removes it.
    private mutating func leaveNamespace(of sandbox: FoundSandbox) {
        guard let namespace = sandbox.namespace else { return }
        leftInPlace.append(
            Leftover(
                what: "network namespace \(namespace)", why: "the old runtime made it for sandbox \(sandbox.id) and nobody else removes it")
        )
    }

    /// Its records go and become, where nobody else starts it again, containers that wait for their first start.
    private mutating func move(_ sandbox: FoundSandbox, _ after: [Step.Predecessor]) {
        let records = sandbox.workloads.flatMap { coldRecord(of: $0, sandbox) }
        let targets = records.compactMap { if case .create(let path, _, _) = $0 { path } else { nil } }
        if let taken = targets.first(where: { survey.exists($0) || created.contains($0) }) {
            preflight.append(.occupiedRecord(sandbox.id, taken))
            return leave(sandbox, .notCarried, isDrained: !after.isEmpty, because: "there is a container of its name already: \(taken)")
        }
        created.formUnion(targets)
        let reason = reason(forMoving: sandbox)
        noteEndings(of: sandbox)
        settle(sandbox, .moved, isDrained: !after.isEmpty, because: reason)
        let roots = sandbox.workloads.filter { $0.exitStatus == nil }.compactMap(\.rootfs)
        // A drain rewrites the state, and leaves what survives a reboot, of which the new record is made.
        let lasting = sandbox.observations.filter { after.isEmpty || $0.path.starts(with: "/var/lib") }
        let bundles = sandbox.workloads.filter { $0.hasBundle && $0.exitStatus == nil }.compactMap {
            $0.container.bundle?.appending("config.json")
        }
        let relied = observed((after.isEmpty ? sandbox.directories : []) + roots + bundles + targets) + lasting
        steps.append(
            Step(
                id: retirement(of: sandbox), kind: .moveSandbox, object: sandbox.id.rawValue, reason: reason, hazards: [],
                reliesOn: relied, changes: records + clearance(of: sandbox) + departure(of: sandbox, .moved), after: after))
        drained.append(retirement(of: sandbox))
        leaveNamespace(of: sandbox)
    }
}

extension Planner {
    /// The name of a sandbox in steps; two systems may have one of the same name.
    func name(of sandbox: FoundSandbox) -> String {
        let others = scan.sandboxes.filter { $0.id == sandbox.id }
        return others.count == 1 ? sandbox.id.rawValue : "\(sandbox.record.format.rawValue)-\(sandbox.id)"
    }

    func retirement(of sandbox: FoundSandbox) -> Step.ID { Step.ID(rawValue: "sandbox-\(name(of: sandbox))") }
}

extension FoundSandbox {
    /// Whether something would be lost if it were taken for stopped.
    var mayRun: Bool {
        switch (liveness, record.state) {
        case (.running, _): true
        case (.stopped, _): false
        case (.unknown, .stopped), (.unknown, .lost): false
        case (.unknown, _): true
        }
    }
}
