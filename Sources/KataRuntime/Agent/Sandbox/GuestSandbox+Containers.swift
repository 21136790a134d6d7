// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

extension GuestSandbox {
    /// Builds the container up to the point where its program would run.
    package func createContainer(
        _ id: String, description: ContainerDescription, limits: CgroupLimits, storages plans: [StoragePlan]
    ) async throws {
        guard Self.isUsable(id) else { throw AgentFailure.invalid("create container '\(id)': not a container id") }
        guard containers[id] == nil, creating.insert(id).inserted else { throw AgentFailure.containerExists(id) }
        defer { creating.remove(id) }
        var storages = StorageMounts()
        do {
            try storages.add(plans)
            let container = try await launch(id, description: description, limits: limits, storages: storages)
            containers[id] = container
        } catch {
            // Why the container was not created is the failure to report.
            _ = try? storages.unmountAll()
            throw error
        }
        log.write(.info, "container created", ["container": .text(id)])
    }

    private func launch(
        _ id: String, description: ContainerDescription, limits: CgroupLimits, storages: StorageMounts
    ) async throws -> Container {
        var description = description
        description.process.environment.provideHome(
            of: description.process.user, passwordFile: passwordFile(in: description.root))
        let plan = ContainerPlan(of: description)
        guard plan.usedSlots <= CL_TREE_SLOTS else {
            throw AgentFailure.invalid("create container '\(id)': more than \(CL_TREE_SLOTS) bind mounts and masked paths")
        }
        let shared = description.shared?.namespaces ?? 0
        let namespaces = (CL_NEW_MOUNT | CL_NEW_PID | CL_NEW_IPC | CL_NEW_UTS) & ~shared
        let owner = try description.shared.map { try self.container($0.container).first }
        if let owner, owner.hasEnded { throw AgentFailure.processEnded(container: description.shared?.container ?? "", exec: "") }
        let launch = ProcessLaunch(
            name: id, steps: plan.steps, arguments: description.process.arguments,
            environment: description.process.environment.entries,
            namespaces: description.hasOwnNetwork ? namespaces | CL_NEW_NETWORK : namespaces, joining: owner?.pidfd,
            joinsProcesses: shared & CL_NEW_PID != 0)
        let cgroup = try ContainerCgroup(name: id)
        let launched: LaunchedProcess
        do {
            try cgroup.apply(limits)
            launched = try start(launch, in: cgroup.directory)
        } catch {
            // The group is empty; why the process was not started is the failure to report.
            _ = try? cgroup.remove()
            throw error
        }
        let container = Container(
            id: id, cgroup: cgroup, description: description, launched: launched, storages: storages)
        do {
            switch try await launched.report.next(loop: loop, isolation: self) {
            case .ready:
                try launched.attachTerminal(loop: loop)
                return container
            case .failed(let step, let errno): throw AgentFailure.step(step, errno)
            case .closed: throw AgentFailure.endedEarly(id)
            }
        } catch {
            container.storages = StorageMounts()
            // The failure of the container's process is the one to report.
            _ = try? await dismantle(container, seconds: 10)
            throw error
        }
    }

    /// Lets the program of a created container run.
    package func startContainer(_ id: String) async throws {
        let container = try container(id)
        guard case .created(let launched) = container.phase else { throw AgentFailure.containerStarted(id) }
        container.phase = .started
        do throws(SystemError) {
            try launched.start.writeAll([1])
        } catch {
            if error.errno == .brokenPipe { throw AgentFailure.processEnded(container: id, exec: "") }
            throw error
        }
        if case .failed(let step, let errno) = try await launched.report.next(loop: loop, isolation: self) {
            throw AgentFailure.step(step, errno)
        }
        log.write(.info, "container started", ["container": .text(id)])
    }

    /// - Parameter seconds: how long its processes may take to end; 0 means a minute, so that no call lasts for ever.
    package func removeContainer(_ id: String, seconds: UInt32) async throws {
        try await remove(try container(id), seconds: seconds == 0 ? 60 : seconds)
    }

    func remove(_ container: Container, seconds: UInt32) async throws {
        container.phase = .removing
        // Whatever is left over, the id is free only when all is undone.
        try await dismantle(container, seconds: seconds)
        containers[container.id] = nil
        log.write(.info, "container removed", ["container": .text(container.id)])
    }

    private func dismantle(_ container: Container, seconds: UInt32) async throws {
        try container.cgroup.killAll()
        _ = await container.first.exitStatus(isolation: self)
        let deadline = cl_boot_time() + UInt64(seconds) * 1_000_000_000
        while try !container.cgroup.isEmpty() {
            guard cl_boot_time() < deadline else {
                throw SystemError(call: "end the processes of", subject: container.id, errno: .init(rawValue: ETIMEDOUT))
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        container.closeStreams()
        try container.storages.unmountAll()
        try container.cgroup.remove()
    }

    private func passwordFile(in root: FilePath) -> String {
        // An image without one has no homes to offer.
        guard let directory = try? PinnedDirectory(root) else { return "" }
        return passwordFile(in: directory)
    }

    private func passwordFile(in root: borrowing PinnedDirectory) -> String {
        guard let bytes = try? root.read("etc/passwd", limit: 1 << 20) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// HOME of a user in a running container.
    func passwordFile(of container: Container) -> String {
        passwordFile(in: FilePath("/proc/\(container.first.pid)/root"))
    }

    /// runc's rule for ids; they become names of directories.
    private static func isUsable(_ id: String) -> Bool {
        guard !id.isEmpty, id.utf8.count <= 255, id != ".", id != ".." else { return false }
        return id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
