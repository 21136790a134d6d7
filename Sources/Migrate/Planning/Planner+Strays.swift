// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

// What still runs of an old system when nothing needs it any more. A process is ended only if its program, its command line and what it
// served all say whose it is; what is not proven stays, and the plan says why.
extension Planner {
    /// What an engine's own stop may leave of a sandbox: the engines of old did not notice a VM whose shim had died.
    ///
    /// - Returns: what its records have to wait for.
    mutating func planLeftovers(of sandbox: FoundSandbox, after drain: Step.ID) -> [Step.Predecessor] {
        switch keeper(of: sandbox) {
        case .crio?, .containerd?: break
        // Hyperd ends its VMs when it ends itself.
        case .hyperd?, .frakti?: return []
        case nil: guard case .docker = sandbox.owner else { return [] }
        }
        let ended = proven(sandbox.inEndingOrder)
        guard !ended.isEmpty else { return [] }
        let id = Step.ID(rawValue: "leftovers-\(name(of: sandbox))")
        steps.append(
            Step(
                id: id, kind: .endLeftovers, object: sandbox.id.rawValue,
                reason: "it is stopped, and what its engine did not end would go on in its files", hazards: [], reliesOn: [],
                changes: [.endLeftovers(ended.map(\.expected))],
                after: [.init(step: drain, why: "before that its workload is in them")]))
        return [.init(step: id, why: "its records are in use as long as anything of it runs")]
    }

    /// What runs of each system beside its sandboxes, once those and its units have ended.
    mutating func planStrays() {
        let strays = Dictionary(grouping: scan.strayProcesses, by: { $0.system ?? "" })
        for system in LegacySystem.all {
            // VMs of runV and hyperd look the same: without a record they may be either's.
            let kin = LegacySystem.all.filter { !Set($0.sandboxes.sockets).isDisjoint(with: system.sandboxes.sockets) }
            let machines = kin.flatMap { strays[$0.name] ?? [] }.filter { $0.role == .hypervisor }
            planStrays(of: system, strays[system.name] ?? [], machines)
        }
    }

    /// - Parameters:
    ///   - strays: its processes that name a sandbox of which there is no readable record.
    ///   - machines: the VMs among those that may be its.
    private mutating func planStrays(of system: LegacySystem, _ strays: [LegacyProcess], _ machines: [LegacyProcess]) {
        let units = steps.filter { step in
            step.kind == .retireUnit && scan.units.contains { $0.name == step.object && $0.system == system.name }
        }
        var ended: [LegacyProcess] = []
        var isKept = keepsAnything(of: system)
        for process in strays {
            if let why = need(ofStray: process, of: system, machines) {
                leave(process, because: why)
                isKept = true
            } else {
                ended.append(process)
            }
        }
        ended += helpers(of: system).filter { isUnneeded($0, of: system, isKept: isKept, hasRetired: !units.isEmpty) }
        // What hyperd ran ends when hyperd does.
        if system.daemonHoldsSandboxes, !units.isEmpty, !isKept { ended += drainedSandboxes(of: system).flatMap(\.inEndingOrder) }
        ended = proven(ended)
        guard !ended.isEmpty else { return }
        let ending = ended.filter { $0.role == .hypervisor && strays.contains($0) }.map(\.process.pid)
        steps.append(
            Step(
                id: .init(rawValue: "strays-\(system.name.lowercased().replacing(" ", with: "-"))"), kind: .endLeftovers,
                object: system.name,
                reason: ending.isEmpty
                    ? "its sandboxes and units have ended, and nothing needs them"
                    : "no record accounts for their sandboxes, and no engine knows them",
                hazards: ending.isEmpty ? [] : [.endsMachines(ending)], reliesOn: [], changes: [.endLeftovers(ended.map(\.expected))],
                after: drained.map { .init(step: $0, why: "the old system's sandboxes need its processes to the end") }
                    + units.map { .init(step: $0.id, why: "systemd ends what is its own") }))
    }

    /// What runs for the system as a whole.
    private func helpers(of system: LegacySystem) -> [LegacyProcess] {
        let known = Set(scan.sandboxes.flatMap(\.processes).map(\.process.pid))
        return (scan.processes ?? []).filter { process in
            guard process.system == system.name, process.sandbox == nil, !known.contains(process.process.pid) else { return false }
            return switch process.role {
            case .proxy, .ksmThrottler, .virtiofsd, .daemon: true
            // A command ends by itself.
            case .hypervisor, .shim, .runtime, .engine: false
            }
        }
    }

    /// - Parameters:
    ///   - isKept: whether a sandbox, a unit or a process of the system goes on.
    ///   - hasRetired: whether one of its units is retired.
    private mutating func isUnneeded(_ helper: LegacyProcess, of system: LegacySystem, isKept: Bool, hasRetired: Bool) -> Bool {
        let units = scan.units.filter { $0.system == system.name }
        if helper.role == .daemon, units.isEmpty {
            leave(helper, because: "no unit that is known here starts it, and what it runs or serves may need it")
            return false
        }
        if !isKept, helper.role != .daemon || hasRetired { return true }
        // Of a unit that stays it is said why.
        let isSaid = leftInPlace.contains { left in units.contains { left.what == "unit \($0.name)" } }
        if !isSaid {
            let what = "process \(helper.process.pid) (\(helper.role.rawValue) of \(system.name))"
            leftInPlace.append(Leftover(what: what, why: "what is left running may need it"))
        }
        return false
    }

    private func drainedSandboxes(of system: LegacySystem) -> [FoundSandbox] {
        let stopped = Set(steps.filter { $0.kind == .drainSandbox }.map(\.id))
        return scan.sandboxes.filter { $0.systemName == system.name && stopped.contains(drain(of: $0)) }
    }

    /// Whether a sandbox or a unit of the system goes on.
    private func keepsAnything(of system: LegacySystem) -> Bool {
        let stopped = Set(drainedSandboxes(of: system).map(\.id))
        if scan.sandboxes.contains(where: { $0.systemName == system.name && $0.mayRun && !stopped.contains($0.id) }) { return true }
        let left = Set(leftInPlace.map(\.what))
        return scan.units.contains { $0.system == system.name && left.contains("unit \($0.name)") }
    }

    /// Why a process of a sandbox without a record must go on; nil when nobody needs it.
    private func need(ofStray process: LegacyProcess, of system: LegacySystem, _ machines: [LegacyProcess]) -> String? {
        if scan.brokenRecords.contains(where: { $0.id.rawValue == process.sandbox && $0.format == system.sandboxes.format }) {
            return "the record of its sandbox is there, and cannot be read"
        }
        if let container = scan.docker?.containers.first(where: { $0.id == process.sandbox }) {
            return "docker has container '\(container.name)' of that name"
        }
        if scan.processes?.contains(where: { $0.role == .daemon && $0.system == system.name }) == true {
            return "\(system.name) runs, and may hold it"
        }
        // A VM may run in the very process.
        if process.process.executable.lastComponent?.string.hasPrefix("containerd-shim-") == true {
            return "containerd ends it with its container"
        }
        if leftRunning.contains(where: { $0.systemName == system.name }) {
            return "other sandboxes of \(system.name) are left running, and it may be theirs"
        }
        if cleansStale { return nil }
        if process.role == .hypervisor { return "no record accounts for it, and a workload may be in it; --clean-stale ends it" }
        // A shim that names a container alone may be any VM's.
        let name = process.sandbox ?? ""
        let isExact = process.process.arguments.contains { $0.contains("/\(name)/") }
        let hasMachine = machines.contains { !isExact || $0.sandbox == name }
        return hasMachine ? "no record accounts for it, and a VM runs that may need it; --clean-stale ends it" : nil
    }

    /// Those whose owner is certain; the others are left, and it is said why.
    private mutating func proven(_ processes: [LegacyProcess]) -> [LegacyProcess] {
        processes.filter { process in
            guard let doubt = doubt(about: process) else { return true }
            leave(process, because: doubt)
            return false
        }
    }

    /// What is missing for it to be certain whose a process is; nil when nothing is.
    private func doubt(about process: LegacyProcess) -> String? {
        let (program, arguments) = (process.process.executable, process.process.arguments)
        if program.isEmpty { return "the kernel does not show which program it runs, and its command line is its own claim" }
        guard let system = LegacySystem.all.first(where: { $0.name == process.system }) else { return "it is an engine's" }
        if programs[system.name]?.contains(program) == true { return nil }
        // A hypervisor may be any; the directories of the old system on its command line are no chance.
        let places = (system.sandboxes.directories + system.sandboxes.shared + system.sandboxes.sockets).map { $0.string + "/" }
        if arguments.contains(where: { argument in places.contains { argument.contains($0) } }) { return nil }
        return "its program \(program) is at no place of \(system.name), and its command line names none"
    }

    /// A process that stays.
    private mutating func leave(_ process: LegacyProcess, because why: String) {
        let name = "\(process.role.rawValue) of \(process.sandbox.map { "sandbox \($0)" } ?? process.system ?? "nobody")"
        preflight.append(.strayProcess(process, name, why))
        leftInPlace.append(Leftover(what: "process \(process.process.pid) (\(name))", why: why))
    }
}

extension HostScan {
    /// Where each system's programs are, by the system's name: at its own places, where it was found, and where engines call it.
    var programs: [String: Set<FilePath>] {
        var programs: [String: Set<FilePath>] = [:]
        for system in LegacySystem.all { programs[system.name] = Set((system.files + system.machine.files).map(\.path)) }
        for system in systems {
            programs[system.name, default: []].formUnion(system.files.flatMap { [$0.seen.path, $0.seen.target].compactMap(\.self) })
        }
        for called in allEngines.flatMap(\.legacyRegistrations) {
            if let system = called.system { programs[system.name, default: []].insert(called.wrapped ?? called.binaryPath) }
        }
        return programs
    }
}
