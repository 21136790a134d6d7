// SPDX-License-Identifier: Apache-2.0

internal import KataHypervisor
package import KataOCI
internal import KataSystem
package import KataWire

extension Sandbox {
    /// Stops every process of the container where it is, until `resume`.
    package func pause(_ id: ContainerID) async throws {
        let container = try container(id)
        guard case .running(let processes) = container.record.life else {
            throw SandboxError.wrongStatus(id, container.record.status(), act: "pause")
        }
        _ = try await running(id).agent.pauseContainer(.with { $0.containerID = id.rawValue })
        try settle(id, .paused(processes))
    }

    package func resume(_ id: ContainerID) async throws {
        let container = try container(id)
        guard case .paused(let processes) = container.record.life else {
            throw SandboxError.wrongStatus(id, container.record.status(), act: "resume")
        }
        _ = try await running(id).agent.resumeContainer(.with { $0.containerID = id.rawValue })
        try settle(id, .running(processes))
    }

    /// A container that has ended meanwhile stays so.
    private func settle(_ id: ContainerID, _ life: ContainerRecord.Life) throws {
        guard var container = containers[id] else { return }
        if case .stopped = container.record.life { return }
        container.record.life = life
        try place.root.save(id, container.record)
        containers[id] = container
    }

    /// What the containers need of the machine.
    var size: SandboxSize { SandboxSize(limits.values, pod: podLimits) }

    /// Gives the machine what its containers may use, as far as it can grow; it never becomes smaller.
    func grow(_ machine: RunningMachine) async throws {
        guard let hotplug = machine.machine.hotplug else { return }
        let previous = growth
        let task = Task {
            _ = await previous?.result
            let added = try await hotplug.grow(to: size.added(to: machine.base))
            guard added.memoryMiB > 0 || added.processors > 0 else { return }
            _ = try await machine.agent.onlineCPUMem(
                .with {
                    $0.wait = true
                    $0.nbCpus = UInt32(clamping: added.processors)
                    $0.cpuOnly = added.memoryMiB == 0
                })
        }
        growth = task
        try await task.value
    }

    /// Sets the limits that are named; the others stay.
    package func update(_ id: ContainerID, _ resources: WireLinuxResources) async throws {
        let machine = try live(id, act: "update")
        var resources = resources
        if resources.hasBlockIo {
            let strangers = resources.blockIo.place(on: try container(id).disks.addresses)
            if let device = strangers.map(\.description).min() {
                throw SandboxError.impossible("limit the block I/O of device \(device)", "it is no disk of the container's virtual machine")
            }
        }
        limits[id] = limits[id, default: ContainerLimits()].updated(resources)
        try await grow(machine)
        _ = try await machine.agent.updateContainer(
            .with { [resources] in
                $0.containerID = id.rawValue
                $0.resources = resources
            })
    }

    package func stats(_ id: ContainerID) async throws -> WireStatsContainerResponse {
        try await live(id, act: "measure").agent.statsContainer(.with { $0.containerID = id.rawValue })
    }

    package func processes(_ id: ContainerID) async throws -> (host: [Int32], guest: [WireGuestProcess]) {
        let machine = try live(id, act: "list the processes of")
        let guest = try await machine.agent.listProcesses(.with { $0.containerID = id.rawValue }).processes
        let container = try container(id)
        return ([container.initial.stub.pid] + container.execs.values.map(\.stub.pid).sorted(), guest)
    }

    private func live(_ id: ContainerID, act: String) throws -> RunningMachine {
        if case .stopped = try container(id).record.life { throw SandboxError.wrongStatus(id, .stopped, act: act) }
        return try running(id)
    }
}
