// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import Glibc
internal import KataText
internal import SystemPackage

extension Planner {
    mutating func planSandbox(_ sandbox: FoundSandbox) {
        guard sandbox.mayRun else { return planStopped(sandbox, after: []) }
        switch running {
        case nil: ask(about: sandbox)
        case .leave:
            leftRunning.append(sandbox)
            leftInPlace.append(Leftover(what: "sandbox \(sandbox.id)", why: "it runs, and is to be left"))
        case .drain, .recreate:
            let drain = planDrain(sandbox)
            planStopped(sandbox, after: [.init(step: drain, why: "its records are in use as long as it runs")])
            if running == .recreate { waiting.append(sandbox) }
        }
    }

    /// A record that says too little to move anything.
    mutating func planBrokenRecord(_ record: BrokenRecord) {
        preflight.append(.brokenRecord(record))
        leftInPlace.append(Leftover(what: "sandbox record \(record.id)", why: "it cannot be read: \(record.reason)"))
    }

    /// A process that nothing on record accounts for; its sandbox may be somebody's work.
    mutating func leave(_ process: LegacyProcess) {
        preflight.append(.strayProcess(process))
        leftInPlace.append(
            Leftover(
                what: "process \(process.process.pid) (\(process.role.rawValue) of sandbox \(process.sandbox ?? ""))",
                why: "no record that can be read accounts for it"))
    }

    /// What was stopped for the migration starts again.
    mutating func planStart(_ sandbox: FoundSandbox) {
        let id = sandbox.id.rawValue
        let change: Change
        switch sandbox.owner {
        case .docker(let container): change = .startContainer(.docker, id: container.id)
        case .nobody: change = .startSandbox(sandbox.id)
        // The kubelet makes pods anew, under other names.
        case .forgottenByDocker, .engine: return
        }
        let before: Step.ID = steps.contains { $0.id == .restart(.docker) } ? .restart(.docker) : .retirement(id)
        steps.append(
            Step(
                id: .init(rawValue: "start-\(id)"), kind: .startContainer, object: id, reason: "it ran before the migration", hazards: [],
                reliesOn: [], changes: [change], after: [.init(step: before, why: "before that the old runtime would start it")]))
    }

    private mutating func ask(about sandbox: FoundSandbox) {
        preflight.append(.runningSandbox(sandbox))
        let drained =
            switch sandbox.owner {
            case .docker(let container) where container.startsWithDocker:
                "it is stopped, and docker starts it when docker restarts, as its restart policy says"
            case .docker(let container): "it is stopped, and stays so until 'docker start \(container.name)'"
            case .engine: "it is stopped with crictl; the kubelet makes a pod anew that it answers for, any other stays stopped"
            default: "it is stopped, and stays so until '\(layout.runtime) start \(sandbox.id)'"
            }
        let recreated =
            if case .engine = sandbox.owner { drained } else { "it is stopped, and started under the new runtime when the engine knows it" }
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

    private mutating func planDrain(_ sandbox: FoundSandbox) -> Step.ID {
        let id = Step.ID(rawValue: "drain-\(sandbox.id)")
        var hazards: [Hazard] = [.stopsSandbox(sandbox.id)]
        let change: Change
        var after: [Step.Predecessor] = []
        switch sandbox.owner {
        case .docker(let container):
            hazards.append(.stopsContainers([container.name], comeBack: running == .recreate || container.startsWithDocker))
            change = .stopContainer(.docker, id: container.id)
        case .engine where podEngine(of: sandbox) != nil:
            change = .stopPod(podEngine(of: sandbox) ?? .crio, id: sandbox.id.rawValue)
            if steps.contains(where: { $0.id == .kubeletHold }) {
                after.append(.init(step: .kubeletHold, why: "it would make the pod anew at once"))
            }
            let places: [FilePath] = ["/usr/local/bin/crictl", "/usr/bin/crictl"]
            let isMissing = !places.contains { survey.exists($0) }
            if isMissing, !preflight.contains(where: { $0.code == Diagnostic.missingCrictl.code }) { preflight.append(.missingCrictl) }
        default:
            change = .stopSandbox(sandbox.id, sandbox.endingOrder)
        }
        steps.append(
            Step(
                id: id, kind: .drainSandbox, object: sandbox.id.rawValue, reason: "a running VM of the old system cannot be taken over",
                hazards: hazards, reliesOn: sandbox.observations, changes: [change], after: after))
        drained.append(id)
        return id
    }

    private mutating func planStopped(_ sandbox: FoundSandbox, after: [Step.Predecessor]) {
        switch sandbox.owner {
        case .docker(let container):
            retire(
                sandbox, after,
                reason: "docker keeps container '\(container.name)' itself and has the new runtime create it anew at its next start")
        case .forgottenByDocker:
            retire(sandbox, after, reason: "docker made it and does not know it any more: nobody can start it")
        case .engine(let owner) where podEngine(of: sandbox) != nil:
            retire(
                sandbox, after,
                reason: "\(owner.rawValue) keeps the pod itself, and the kubelet makes pods anew under the new runtime")
        case .engine(let owner):
            preflight.append(.foreignOwner(sandbox.id, owner))
            leftInPlace.append(
                Leftover(what: "sandbox \(sandbox.id)", why: "it belongs to \(owner.rawValue), which is not on this host"))
        case .nobody: move(sandbox, after)
        }
    }

    /// - Parameter after: the drain, if there is one; it rewrites or removes the records, so what they were cannot be relied on.
    private mutating func retire(_ sandbox: FoundSandbox, _ after: [Step.Predecessor], reason: String) {
        let relied = after.isEmpty ? observed(sandbox.directories) + sandbox.observations : []
        steps.append(
            Step(
                id: .retirement(sandbox.id.rawValue), kind: .retireRecords, object: sandbox.id.rawValue,
                reason: after.isEmpty ? reason : reason + "; this takes what the stop leaves of them", hazards: [], reliesOn: relied,
                changes: sandbox.directories.map(Change.moveAway), after: after))
        drained.append(.retirement(sandbox.id.rawValue))
        leaveNamespace(of: sandbox)
    }

    private mutating func move(_ sandbox: FoundSandbox, _ after: [Step.Predecessor]) {
        for container in sandbox.record.containers {
            guard container.spec != nil, let rootfs = container.rootfs, survey.look(at: rootfs)?.kind == .directory else {
                preflight.append(.immovable(sandbox.id, container))
                leftInPlace.append(Leftover(what: "sandbox \(sandbox.id)", why: "container \(container.id) cannot be made again"))
                return
            }
        }
        let roots = sandbox.record.containers.compactMap(\.rootfs)
        // A drain rewrites the state, and leaves the configuration, of which the new record is made.
        let lasting = sandbox.observations.filter { after.isEmpty || $0.path.starts(with: Virtcontainers.configurationRoot) }
        let records = sandbox.record.containers.flatMap { coldRecord(of: $0, sandbox) }
        let targets = records.compactMap { if case .create(let path, _, _) = $0 { path } else { nil } }
        if let taken = targets.first(where: { survey.exists($0) }) {
            preflight.append(.occupiedTarget(taken))
            return
        }
        let bundles = sandbox.record.containers.compactMap { $0.bundle?.appending("config.json") }.filter { survey.exists($0) }
        let relied = observed((after.isEmpty ? sandbox.directories : []) + roots + bundles + targets) + lasting
        steps.append(
            Step(
                id: .retirement(sandbox.id.rawValue), kind: .moveSandbox, object: sandbox.id.rawValue,
                reason: "no engine owns it: it becomes a created container, whose VM boots at '\(layout.runtime) start \(sandbox.id)'",
                hazards: [], reliesOn: relied,
                changes: records + sandbox.directories.map(Change.moveAway), after: after))
        drained.append(.retirement(sandbox.id.rawValue))
        leaveNamespace(of: sandbox)
    }

    /// A container that is created and has no VM yet, as the new runtime keeps it: `record.json`, and where the bundle has gone the
    /// specification that the old record holds, which makes the directory a bundle.
    private mutating func coldRecord(of container: LegacyContainer, _ sandbox: FoundSandbox) -> [Change] {
        let place = layout.coldRecords.appending(container.id.rawValue)
        let bundle = container.bundle.flatMap { survey.exists($0.appending("config.json")) ? $0 : nil }
        var changes = [
            Change.create(
                place.appending("record.json"),
                bytes: Array(
                    ReportValue.object([
                        "version": .integer(1), "id": .string(container.id.rawValue), "bundle": .path(bundle ?? place),
                        "rootfs": .path(container.rootfs), "origin": .string("Clear Containers \(sandbox.record.releases.title)"),
                        "annotations": .object(container.annotations.mapValues(ReportValue.string)),
                    ]).rendered.utf8), mode: 0o600)
        ]
        if bundle == nil, let spec = container.spec, let rootfs = container.rootfs {
            // Environments of containers hold secrets.
            changes.append(.create(place.appending("config.json"), bytes: spec.namingRoot(rootfs), mode: 0o600))
        }
        return changes
    }

    /// A namespace that is gone cannot be brought back by a rollback, so no step removes it.
    private mutating func leaveNamespace(of sandbox: FoundSandbox) {
        guard let namespace = sandbox.namespace else { return }
        leftInPlace.append(
            Leftover(
                what: "network namespace \(namespace)", why: "the old runtime made it for sandbox \(sandbox.id) and nobody else removes it")
        )
    }
}

extension Step.ID {
    fileprivate static func retirement(_ sandbox: String) -> Step.ID { Step.ID(rawValue: "sandbox-\(sandbox)") }
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

extension FoundSandbox {
    /// The shims first: they hand the signal to the workload, so that it ends as it would under an engine. The VM, then what served it.
    fileprivate var endingOrder: [ExpectedProcess] {
        let order: [LegacyProcess.Role] = [.shim, .hypervisor, .proxy]
        return order.flatMap { role in
            processes.filter { $0.role == role }.map {
                ExpectedProcess(
                    pid: $0.process.pid, startTime: $0.process.startTime, arguments: $0.process.arguments, signal: SIGTERM)
            }
        }
    }
}

extension SourceText {
    /// The specification with an absolute root: it was relative to a bundle that is gone.
    fileprivate func namingRoot(_ rootfs: FilePath) -> [UInt8] {
        guard let root = JSONDocument.parse(self).value?.root["root"]?["path"] else { return bytes }
        let edit = TextEdit(file: path, range: root.range, replacement: ReportValue.path(rootfs).rendered.trimmingLineFeed)
        return applying([edit]) ?? bytes
    }
}

extension String {
    fileprivate var trimmingLineFeed: String { last == "\n" ? String(dropLast()) : self }
}
