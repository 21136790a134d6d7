// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataBundle
internal import KataConfig
package import KataOCI
package import KataSystem
internal import KataWire
package import SystemPackage

/// One virtual machine and the containers in it.
///
/// The VM starts with the first container and ends with the last. Every transition of a container is in its record
/// before anybody is told of it.
package actor Sandbox {
    package struct Place: Sendable {
        /// Where the records are.
        package let root: StateRoot
        /// The sandbox's own directory.
        package let directory: FilePath
        package let shim: ProcessIdentity

        package init(root: StateRoot, directory: FilePath, shim: ProcessIdentity) {
            self.root = root
            self.directory = directory
            self.shim = shim
        }

        package var shared: FilePath { directory.appending("shared") }
    }

    private enum Phase {
        case empty
        case booting
        case running(RunningMachine)
        case stopping
        case stopped
    }

    struct Container {
        var record: ContainerRecord
        let view: GuestView
        let disks: [PluggedVolume]
        let namespaces: [LinuxNamespace]
        let initial: Workload
        var execs: [String: Workload] = [:]
        let machine: ProcessIdentity
    }

    package nonisolated let timeline: Timeline
    let place: Place
    let boot: MachineBoot
    private var phase = Phase.empty
    /// Of the machine's interfaces.
    private var networkIdentity: NamespaceIdentity?
    /// The directory on the host that stands for the sandbox's `/dev/shm`.
    private var sharedMemorySource: String?
    /// Loopback addresses on which the guest listens for name queries.
    var nameServers: Set<IPAddress> = []
    var limits: [ContainerID: ContainerLimits] = [:]
    private(set) var podLimits = ContainerLimits()
    /// The last enlargement of the machine, which the next one waits for.
    var growth: Task<Void, any Error>?
    var containers: [ContainerID: Container] = [:]
    var memory = MemoryEvents()
    /// The cgroup path of the container whose group on the host has the machine in it.
    private(set) var machineGroup: String?

    package init(_ place: Place, boot: MachineBoot, timeline: Timeline) {
        self.place = place
        self.boot = boot
        self.timeline = timeline
    }

    /// Whether no container has come to be.
    package var isUnused: Bool { containers.isEmpty }

    /// What the guest says of itself; nil while there is none.
    package var guest: RunningMachine? {
        if case .running(let machine) = phase { machine } else { nil }
    }

    package func record(_ id: ContainerID) throws -> ContainerRecord { try container(id).record }

    // MARK: containers

    /// Boots the VM for the first container, and makes the container: its first process waits for `start`.
    ///
    /// - Parameter sharedMemory: bytes of the memory that an engine has made for its `/dev/shm`, as its creator sees it.
    package func create(_ id: ContainerID, bundle given: Bundle, caller: Caller, sharedMemory: UInt64?) async throws {
        guard containers[id] == nil else { throw SandboxError.inUse(id) }
        let bundle = place.root.isMoved(id) ? given.ofOlderRuntime : given
        try caller.check(bundle.spec.process)
        let namespaces = bundle.spec.linux?.namespaces ?? []
        let pod = try PodNamespaces(
            namespaces, among: containers.map { .init(id: $0, stub: $1.initial.stub.pid, namespaces: $1.namespaces) },
            isSandboxNetwork: { NamespaceIdentity(FilePath($0)) == networkIdentity })
        if containers.isEmpty { try checkNetworkIsFree(namespaces) }
        let volumes = BlockVolume.all(of: bundle)
        let cgroup = try (bundle.spec.linux?.cgroupsPath).map { try HostCgroup(path: $0) }
        cgroup?.add(caller.stub)
        // What it starts from now on is there as well.
        if containers.isEmpty {
            cgroup?.add(place.shim)
            machineGroup = bundle.spec.linux?.cgroupsPath
        }
        if containers.isEmpty { podLimits = ContainerLimits(podOf: bundle.spec) }
        limits[id] = ContainerLimits(bundle.spec)
        defer { if containers[id] == nil { limits[id] = nil } }
        let isFirst = containers.isEmpty
        let machine = try await readyMachine(caller)
        if !isFirst { try await grow(machine) }
        try await serveNames(bundle, machine)
        let disks = try await machine.plug(volumes)
        let view = GuestView(
            bundle, container: id, volumes: volumes, hasSeccomp: boot.hasGuestSeccomp, pod: pod,
            sharedMemory: sharedMemory.flatMap { self.sharedMemory(of: bundle, bytes: $0) })
        do {
            try machine.shares.add(view.shares, trees: caller.trees)
            var record = try place.root.record(id)
            record.rootfs = bundle.root.string
            record.configuration = boot.configurationFile.string
            record.annotations = bundle.spec.annotations ?? [:]
            record.cgroup = bundle.spec.linux?.cgroupsPath
            try await machine.agent.createContainer(
                .with {
                    $0.containerID = id.rawValue
                    $0.execID = id.rawValue
                    $0.oci = wireSpec(from: view.spec)
                    // `unappliedParts` has told of the others.
                    if $0.oci.linux.resources.hasBlockIo { $0.oci.linux.resources.blockIo.place(on: disks.addresses) }
                    $0.bundle = bundle.path.string
                    if case .made(let bytes) = view.memory { $0.storages = [.sharedMemory(bytes)] }
                    $0.add(disks, id, bundle.spec.mounts ?? [])
                })
            // What exec leaves running is not this process's output; what this process leaves ends with it.
            let workload = try workload(
                GuestProcessID(container: id.rawValue), machine, caller, bundle.spec.process, drainLimit: .seconds(10))
            let processes = ContainerRecord.Processes(shim: place.shim, stub: caller.stub, machine: machine.identity)
            record.life = .created(processes)
            try place.root.save(id, record)
            memory.begin(id)
            containers[id] = Container(
                record: record, view: view, disks: disks, namespaces: namespaces, initial: workload, machine: machine.identity)
            timeline.mark(.containerCreated)
            Task { await followExit(id, workload) }
        } catch {
            _ = try? machine.shares.remove(view.shares, of: id.rawValue)  // the first failure is the one to report
            if containers.isEmpty { await stop() } else { _ = try? await machine.unplug(disks) }
            throw error
        }
    }

    package func start(_ id: ContainerID) async throws {
        var container = try container(id)
        guard case .created(let processes) = container.record.life else {
            throw SandboxError.wrongStatus(id, container.record.status(), act: "start")
        }
        let machine = try running(id)
        await container.initial.resize(machine.agent)
        _ = try await machine.agent.startContainer(.with { $0.containerID = id.rawValue })
        timeline.mark(.processStarted)
        container = try self.container(id)
        // A short process may have ended, and been recorded, before the answer to its start arrived.
        guard case .created = container.record.life else { return }
        container.record.life = .running(processes)
        try place.root.save(id, container.record)
        containers[id] = container
    }

    /// Starts a further process in a container: in one whose own waits for `start` as well, and in a paused one, where it waits too.
    package func exec(_ id: ContainerID, exec: String, process: ProcessSpec, caller: Caller) async throws {
        let container = try container(id)
        switch container.record.life {
        case .created, .running, .paused: break
        default: throw SandboxError.wrongStatus(id, container.record.status(), act: "exec into")
        }
        guard container.execs[exec] == nil else { throw SandboxError.execInUse(id, exec) }
        try caller.check(process)
        let machine = try running(id)
        try await machine.agent.execProcess(
            .with {
                $0.containerID = id.rawValue
                $0.execID = exec
                $0.process = wireProcess(from: process.grantable)
                if let name = process.user.username, !name.isEmpty {
                    $0.stringUser = WireStringUser(name, process.user.additionalGids ?? [])
                }
            })
        let workload = try workload(
            GuestProcessID(container: id.rawValue, exec: exec), machine, caller, process, drainLimit: .seconds(1))
        containers[id]?.execs[exec] = workload
        await workload.resize(machine.agent)
        Task {
            let exit = await workload.exit.value
            containers[id]?.execs[exec] = nil
            workload.report(exit)
        }
    }

    package func kill(_ id: ContainerID, exec: String?, signal: CInt, all: Bool) async throws {
        let container = try container(id)
        if case .stopped = container.record.life { throw SandboxError.wrongStatus(id, .stopped, act: "kill") }
        let machine = try running(id)
        // An empty exec id means every process of the container.
        let target = GuestProcessID(container: id.rawValue, exec: all ? "" : exec)
        try await machine.agent.signal(target, signal)
    }

    package func wait(_ id: ContainerID, exec: String?) async throws -> WorkloadExit {
        let container = try container(id)
        guard let exec else { return await container.initial.exit.value }
        guard let workload = container.execs[exec] else { throw SandboxError.noExec(id, exec) }
        return await workload.exit.value
    }

    /// Takes the container away, and with the last one the VM. The record is left to the caller.
    package func delete(_ id: ContainerID, force: Bool) async throws -> WorkloadExit {
        let container = try container(id)
        // A machine that has just died is news to `state` before it is to the workload.
        if container.record.status() == .stopped { _ = await container.initial.exit.value }
        if container.initial.exit.current == nil {
            guard force else { throw SandboxError.wrongStatus(id, container.record.status(), act: "delete") }
            if case .running(let machine) = phase {
                // A guest that does not answer is ended with its VM below.
                _ = try? await machine.agent.signal(GuestProcessID(container: id.rawValue, exec: ""), SIGKILL)
            }
        } else if !force {
            await container.initial.drained()
        }
        containers[id] = nil
        limits[id] = nil
        if containers.isEmpty {
            await stop()
        } else if case .running(let machine) = phase {
            _ = try await machine.agent.removeContainer(.with { $0.containerID = id.rawValue })
            try machine.shares.remove(container.view.shares, of: id.rawValue)
            try await machine.unplug(container.disks)
        }
        return await container.initial.exit.value
    }

    /// Ends the VM in good order if it lets us, by force otherwise.
    package func stop() async {
        guard case .running(let machine) = phase else {
            // A VM that is still booting ends as soon as that is over.
            switch phase {
            case .empty: phase = .stopped
            case .booting: phase = .stopping
            case .running, .stopping, .stopped: break
            }
            return
        }
        phase = .stopping
        await machine.stop()
        phase = .stopped
    }

    // MARK: pieces

    /// Containers whose `/dev/shm` is one directory on the host share memory in the guest.
    private func sharedMemory(of bundle: Bundle, bytes: UInt64) -> SharedMemory? {
        guard let source = (bundle.spec.mounts ?? []).first(where: \.isSharedMemory)?.source else { return nil }
        if source == sharedMemorySource { return .joined }
        guard sharedMemorySource == nil else { return .own(bytes: bytes) }
        sharedMemorySource = source
        return .made(bytes: bytes)
    }

    /// A network namespace is the machine's for which its devices were made first.
    private func checkNetworkIsFree(_ namespaces: [LinuxNamespace]) throws {
        guard let path = namespaces.first(where: { $0.type == .network })?.path, !path.isEmpty,
            let wanted = NamespaceIdentity(FilePath(path))
        else { return }
        for record in try place.root.list().records where record.shim != place.shim {
            guard let stub = record.stub, stub.isAlive, NamespaceIdentity(FilePath("/proc/\(stub.pid)/ns/net")) == wanted else {
                continue
            }
            throw SandboxError.impossible(
                "join network namespace '\(path)'", "it belongs to another virtual machine, that of container '\(record.id)'")
        }
    }

    /// The first container's network is the machine's, and its limits decide the machine's size.
    private func readyMachine(_ caller: Caller) async throws -> RunningMachine {
        switch phase {
        case .running(let machine): return machine
        case .booting, .stopping, .stopped: throw SandboxError.notReady
        case .empty: break
        }
        phase = .booting
        networkIdentity = NamespaceIdentity(FilePath("/proc/\(caller.stub.pid)/ns/net"))
        do {
            let machine = try await boot.start(
                place, try await .attached(to: caller.stub, boot.internetworking), size, timeline)
            guard case .booting = phase else {
                await machine.stop()
                throw SandboxError.notReady
            }
            phase = .running(machine)
            followMemory(machine)
            return machine
        } catch {
            phase = .stopped
            throw error
        }
    }

    func workload(
        _ id: GuestProcessID, _ machine: RunningMachine, _ caller: Caller, _ process: ProcessSpec?, drainLimit: Duration
    ) throws -> Workload {
        try Workload(
            id, agent: machine.agent, stdio: caller.stdio, stub: caller.stub, link: StubLink(caller.stubSocket),
            isTerminal: process?.terminal ?? false, drainLimit: drainLimit)
    }

    private func followExit(_ id: ContainerID, _ workload: Workload) async {
        let exit = await workload.exit.value
        memory.hear(id, exit.outOfMemory)
        // An engine looks for it no longer than its container lives.
        await alarm(id)
        if var container = containers[id] {
            container.record.life = .stopped(status: exit.status, shim: place.shim)
            containers[id] = container
            memory.end(id)
            // With a full disk the record stays behind; the processes in it then tell the truth.
            _ = try? place.root.save(id, container.record)
        }
        workload.report(exit)
    }

    func container(_ id: ContainerID) throws(SandboxError) -> Container {
        guard let container = containers[id] else { throw .noContainer(id) }
        return container
    }

    func running(_ id: ContainerID) throws(SandboxError) -> RunningMachine {
        guard case .running(let machine) = phase else { throw .noMachine(id) }
        return machine
    }
}

/// Who asked for a workload: its descriptors, and the stub that stands for it.
package struct Caller: Sendable {
    package let stdio: WorkloadStdio
    package let stub: ProcessIdentity
    package let stubSocket: SharedFD
    /// The container's shares as its creator sees them, for a sandbox that was there before.
    package let trees: [SharedFD]

    package init(stdio: WorkloadStdio, stub: ProcessIdentity, stubSocket: SharedFD, trees: [SharedFD] = []) {
        self.stdio = stdio
        self.stub = stub
        self.stubSocket = stubSocket
        self.trees = trees
    }

    /// A process on a terminal needs one on the host as well.
    func check(_ process: ProcessSpec?) throws(SandboxError) {
        if process?.terminal ?? false, !Terminal.isTerminal(stdio.input) { throw .noTerminal }
    }
}

extension WireStringUser {
    /// - Parameter name: `USER` or `USER:GROUP`, looked up in the container.
    fileprivate init(_ name: String, _ groups: [UInt32]) {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self = .with {
            $0.uid = String(parts[0])
            $0.gid = parts.count > 1 ? String(parts[1]) : ""
            $0.additionalGids = groups.map(String.init)
        }
    }
}

extension WireStorage {
    fileprivate static func sharedMemory(_ bytes: UInt64) -> WireStorage {
        .with {
            $0.driver = "ephemeral"
            $0.source = "shm"
            $0.fstype = "tmpfs"
            $0.options = SharedMemory.options + ["size=\(bytes)"]
            $0.mountPoint = SharedMemory.sandboxPath
        }
    }
}
