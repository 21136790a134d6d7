// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataBundle
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// Makes a container: id, sandbox directory, shim, VM, stub. What one step made, the failure of a later one takes back.
struct ContainerLaunch: Sendable {
    let context: RuntimeContext
    let id: ContainerID
    let bundle: FilePath
    /// Whether the id is that of a container which waits for its first VM.
    var wakes = false

    /// What there is once the container is `created`.
    struct Created: Sendable {
        let client: ShimClient
        let stub: ChildProcess
        let notices: [String]
    }

    func create(_ console: WorkloadConsole) throws -> Created {
        let creator = try ProcessIdentity.current()
        let loaded = try Bundle.load(self.bundle)
        let bundle = wakes ? loaded.ofOlderRuntime : loaded
        try bundle.checkForGuest()
        let name = bundle.sandboxName
        let joined = name.flatMap { SandboxDirectory.serving($0) }
        let directory = try joined ?? SandboxDirectory.reserve(for: name ?? id)
        let ownDirectory = joined == nil ? directory.path : nil
        var record = ContainerRecord(
            id: id.rawValue, bundle: self.bundle, sandbox: directory.path, configuration: context.configuration, created: .now(),
            annotations: [:], life: .creating(creator: creator))
        // Whoever ends a creation that failed half-way finds what to remove.
        record.cgroup = bundle.spec.linux?.cgroupsPath
        do {
            try context.stateRoot.reserve(id, record, specification: bundle.document, wakes: wakes)
        } catch {
            if let ownDirectory { _ = try? FileSystem.removeTree(ownDirectory) }  // the id's owner is somebody else, the directory is ours
            throw error
        }
        do {
            return try launch(bundle, directory, isJoined: joined != nil, creator, console)
        } catch {
            // A shim that was started has ended by now, or was waited for in vain.
            ContainerCleanup(root: context.stateRoot, id: id, sandbox: ownDirectory, processes: [], cgroup: bundle.spec.linux?.cgroupsPath)
                .abandon()
            throw error
        }
    }

    private func launch(
        _ bundle: Bundle, _ directory: SandboxDirectory, isJoined: Bool, _ creator: ProcessIdentity, _ console: WorkloadConsole
    ) throws -> Created {
        let scope = try context.systemdCgroup ? bundle.spec.linux?.cgroupsPath.map { try SystemdScope(path: $0) } : nil
        let launch = ShimLaunch(
            root: context.root.string, sandbox: directory.path.string, container: id.rawValue, bundle: self.bundle.string,
            configuration: context.configuration?.string, legacyCall: context.legacyCall, startedNanoseconds: context.started.nanoseconds,
            creator: creator)
        let stub = try StubProcess.spawn(executable: "/proc/self/exe", inheriting: console.stub, place: try StubPlace(bundle))
        do {
            return try prepare(bundle, directory, isJoined ? nil : launch, scope, console, stub.child, stub.shimEnd)
        } catch {
            _ = try? stub.child.signal(SIGKILL)  // it may have ended with the shim
            _ = try? stub.child.wait()
            throw error
        }
    }

    /// What the guest is to see of the host's files, each as it is mounted here.
    private func trees(of bundle: Bundle, sharedMemory: UInt64?) throws -> [SharedFD] {
        let view = GuestView(
            bundle, container: id, volumes: BlockVolume.all(of: bundle), sharedMemory: sharedMemory.map { .own(bytes: $0) })
        return try view.shares.filter { $0.overlay == nil }.map {
            SharedFD(try Mounts.detached($0.source, isRecursive: $0.isRecursive))
        }
    }

    /// - Parameter launch: of a new sandbox; nil for one that serves.
    private func prepare(
        _ bundle: Bundle, _ directory: SandboxDirectory, _ launch: ShimLaunch?, _ scope: SystemdScope?, _ console: WorkloadConsole,
        _ stub: ChildProcess, _ stubSocket: SharedFD
    ) throws -> Created {
        var (shim, notices): (ProcessIdentity?, [String]) = (nil, [])
        let client: ShimClient
        if let launch { (client, shim, notices) = try ShimClient.launch(launch) } else { client = try ShimClient(directory) }
        do {
            try StubProcess.awaitReady(stubSocket)
            // The shim's machine will be where the shim is.
            try scope?.start(
                [stub.pid] + (shim.map { [$0.pid] } ?? []), address: Environment.variables()["DBUS_SYSTEM_BUS_ADDRESS"])
            // The VM finds what these make in the container's network namespace.
            let hooks = HookRun(state: state(bundle, .creating, pid: stub.pid), directory: directory.path)
            // These belonged to `start` once, and still find the state of then (runtime-spec, Prestart).
            try HookRun(state: state(bundle, .created, pid: stub.pid), directory: directory.path)
                .run(bundle.spec.hooks?.prestart, "prestart")
            try hooks.run(bundle.spec.hooks?.createRuntime, "createRuntime")
            try hooks.runInside(bundle.spec.hooks?.createContainer, "createContainer")
            let memory = bundle.sharedMemorySize
            // A sandbox of before has a view of the host's mounts of its own, in which later ones may be missing.
            let trees = launch == nil ? try self.trees(of: bundle, sharedMemory: memory) : []
            let token = try DescriptorExchange.send(
                console.stdio, stub: stub, stubSocket: stubSocket, trees: trees, to: directory.descriptorSocket)
            let request = WireCreateTaskRequest.with {
                $0.id = id.rawValue
                $0.bundle = self.bundle.string
                $0.stdioToken = token
                $0.sharedMemory = memory ?? 0
            }
            _ = try waitFor { try await client.tasks.create(request) }
            return Created(client: client, stub: stub, notices: notices + bundle.ignored + bundle.unappliedParts)
        } catch {
            // One that was asked to create ends by itself; one that was not is told, and may be gone by then.
            if shim != nil { _ = try? waitFor { try await client.tasks.shutdown(.init()) } }
            client.close()
            if let shim {
                ProcessEnd.wait(for: shim, milliseconds: 5000)
                if shim.isAlive { _ = try? shim.signal(SIGKILL) }  // it may end by itself meanwhile
                ProcessEnd.wait(for: shim, milliseconds: 5000)
            }
            throw error
        }
    }

    private func state(_ bundle: Bundle, _ status: ContainerStatus, pid: Int32) -> ContainerState {
        ContainerState(
            ociVersion: RuntimeVersion.specification, id: id, status: status, pid: pid, bundle: self.bundle.string,
            annotations: bundle.spec.annotations)
    }
}
