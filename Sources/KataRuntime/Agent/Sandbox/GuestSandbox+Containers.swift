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
            watchMemory(of: container)
            try await runGuestHooks(.prestart, container)
        } catch {
            // Why the container was not created is the failure to report.
            if let container = containers[id] {
                _ = try? await remove(container, seconds: 10)
            } else {
                _ = try? storages.unmountAll()
            }
            throw error
        }
        log.write(.info, "container created", ["container": .text(id)])
    }

    private func launch(
        _ id: String, description: ContainerDescription, limits: CgroupLimits, storages: StorageMounts
    ) async throws -> Container {
        var description = description
        description.process.environment.provideHome(of: description.process.user, users: users(in: description.root))
        let plan = ContainerPlan(of: description)
        guard plan.usedSlots <= CL_TREE_SLOTS else {
            throw AgentFailure.invalid("create container '\(id)': more than \(CL_TREE_SLOTS) bind mounts and masked paths")
        }
        let shared = description.shared?.namespaces ?? 0
        if description.identities != nil { try makeDevices(of: description) }
        let namespaces = (CL_NEW_MOUNT | CL_NEW_PID | CL_NEW_IPC | CL_NEW_UTS) & ~shared
        let owner = try description.shared.map { try self.container($0.container).first }
        if let owner, owner.hasEnded { throw AgentFailure.processEnded(container: description.shared?.container ?? "", exec: "") }
        var launch = ProcessLaunch(
            name: id, steps: plan.steps, arguments: description.process.arguments,
            environment: description.process.environment.entries,
            namespaces: namespaces | (description.hasOwnNetwork ? CL_NEW_NETWORK : 0) | (description.identities == nil ? 0 : CL_NEW_USER),
            joining: owner?.pidfd,
            joinsProcesses: shared & CL_NEW_PID != 0)
        launch.streamOwner = description.identities?.outside(user: description.process.user)
        let cgroup = try ContainerCgroup(name: id)
        let launched: LaunchedProcess
        do {
            try cgroup.apply(limits)
            try cgroup.apply(DeviceFilter(description.deviceRules))
            launched = try start(launch, in: cgroup.directory)
        } catch {
            // The group is empty; why the process was not started is the failure to report.
            _ = try? cgroup.remove()
            throw error
        }
        let container = Container(
            id: id, cgroup: cgroup, description: description, launched: launched, storages: storages)
        do {
            var message = try await launched.report.next(loop: loop, isolation: self)
            if let identities = description.identities, message == .ready {
                try prepare(launched.process.pid, description.process, identities)
                try description.clocks?.write(of: launched.process.pid)
                try launched.start.writeAll([1])
                message = try await launched.report.next(loop: loop, isolation: self)
            }
            switch message {
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

    /// What a process in a user namespace has no right to do for itself.
    private func prepare(_ pid: pid_t, _ process: ProcessDescription, _ identities: IdentityMaps) throws(SystemError) {
        try identities.write(of: pid)
        if let score = process.outOfMemoryScoreAdjustment { try CgroupTree.write("\(score)", to: FilePath("/proc/\(pid)/oom_score_adj")) }
        for limit in process.limits {
            var value = rlimit(rlim_cur: rlim_t(limit.soft), rlim_max: rlim_t(limit.hard))
            try syscall("prlimit", "\(pid)") { cl_set_limit(pid, limit.resource, &value) }
        }
    }

    private func makeDevices(of description: ContainerDescription) throws(SystemError) {
        try FileSystem.makeDirectory(description.deviceDirectory)
        for (index, device) in ContainerPlan.allDevices(description.devices).enumerated() {
            let path = description.deviceSource(index).string
            try syscall("mknod", path) { mknod(path, device.mode, dev_t(device.device)) }
            try syscall("chmod", path) { chmod(path, device.mode & 0o7777) }
            // An id that the container does not have is nobody's there, as it is elsewhere.
            let owner = description.identities?.outside(user: device.user) ?? 0
            let group = description.identities?.outside(group: device.group) ?? 0
            try syscall("chown", path) { chown(path, owner, group) }
        }
    }

    /// Lets the program of a created container run.
    package func startContainer(_ id: String) async throws {
        let container = try container(id)
        guard case .created(let launched) = container.phase else { throw AgentFailure.containerStarted(id) }
        do {
            try await runStartHooks(of: container)
        } catch {
            // The lifecycle goes on with the container stopped.
            try container.cgroup.killAll()
            throw error
        }
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
        do {
            try await runGuestHooks(.poststart, container)
        } catch {
            log.write(.warning, "guest hook failed", ["container": .text(id), "error": .text("\(error)")])
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
        do {
            try await runGuestHooks(.poststop, container)
        } catch {
            log.write(.warning, "guest hook failed", ["container": .text(container.id), "error": .text("\(error)")])
        }
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
        container.memoryWatch?.stop()
        container.closeStreams()
        try container.storages.unmountAll()
        try container.cgroup.remove()
        if container.description.identities != nil { try FileSystem.removeTree(container.description.deviceDirectory) }
    }

    private func watchMemory(of container: Container) {
        // A kernel that does not count memory does not end processes for a limit.
        guard let watch = try? MemoryWatch(container.cgroup.path, loop: loop) else { return }
        container.memoryWatch = watch
        Task { await watch.run(isolation: self) { reportOutOfMemory(container.id) } }
    }

    /// The users that an image has; one without the files has none to offer.
    private func users(in root: FilePath) -> UserLookup {
        guard let directory = try? PinnedDirectory(root) else { return UserLookup(passwordFile: "", groupFile: "") }
        func text(_ file: FilePath) -> String {
            (try? directory.read(file, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        return UserLookup(passwordFile: text("etc/passwd"), groupFile: text("etc/group"))
    }

    /// The users of a running container.
    func users(of container: Container) -> UserLookup { users(in: FilePath("/proc/\(container.first.pid)/root")) }

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
