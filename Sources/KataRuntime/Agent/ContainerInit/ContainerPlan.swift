// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SystemPackage

/// The steps of a container's first process, in order: everything is decided here, and the child only acts.
///
/// Mounts are made after pivot_root, so that no symbolic link in an image leads out of it; the sources of bind mounts are
/// taken from the guest as detached trees before.
package struct ContainerPlan: Sendable, Equatable {
    package private(set) var steps: [ContainerStep] = []
    private var slotCount = 0

    package init(of container: ContainerDescription) {
        let isDeviceDirectoryBound = container.mounts.contains { $0.destination == "/dev" && $0.options.isBind }
        let clocks = container.clocks?.steps(byAgent: container.identities != nil)
        steps += clocks?.first ?? []
        if container.identities != nil { steps += [.awaitStart, .group(0), .user(0), .groups([])] }
        steps += clocks?.later ?? []
        if let shared = container.shared { steps.append(.joinContainer(namespaces: shared.namespaces & ~CL_NEW_PID)) }
        steps.append(.session)
        steps += ProcessPlan.preparation(of: container.process, writesScore: container.identities == nil)
        if (container.shared?.namespaces ?? 0) & CL_NEW_CGROUP == 0 { steps.append(.unshare(namespaces: CL_NEW_CGROUP)) }
        if container.hasOwnNetwork { steps.append(.loopbackUp) }
        // A shared host name is the other container's.
        let sharesHostName = (container.shared?.namespaces ?? 0) & CL_NEW_UTS != 0
        if !container.hostName.isEmpty, !sharesHostName { steps.append(.hostName(container.hostName)) }
        if !container.domainName.isEmpty, !sharesHostName { steps.append(.domainName(container.domainName)) }
        for parameter in container.kernelParameters {
            let file = parameter.name.split(separator: ".").joined(separator: "/")
            steps.append(.writeFile(FilePath("/proc/sys/\(file)"), parameter.value))
        }
        steps.append(.propagation("/", flags: UInt(MS_PRIVATE | MS_REC)))
        if container.identities != nil { addVisibleProcesses(container.mounts) }
        let bindSlots = addBindSources(container.mounts, container)
        let deviceSlots = isDeviceDirectoryBound ? [] : addDeviceSources(container)
        let maskSlots = addMaskSources(container.maskedPaths)
        steps.append(.enterRoot(container.root))
        for (index, mount) in container.mounts.enumerated() { add(mount, slot: bindSlots[index]) }
        if !isDeviceDirectoryBound { addDevices(container.devices, slots: deviceSlots) }
        if let size = container.process.terminal { steps.append(.terminal(size, isConsole: !isDeviceDirectoryBound)) }
        addLateDeviceFlags(container.mounts)
        addProtection(of: container, maskSlots: maskSlots)
        steps += ProcessPlan.identity(of: container.process)
        steps.append(.awaitStart)
        steps += ProcessPlan.lateFilter(of: container.process) + [.execute(container.process.arguments.first ?? "")]
    }

    /// Slots that CLinux's interpreter must have.
    package var usedSlots: Int { slotCount }

    private mutating func addSlot(_ path: FilePath, recursive: Bool) -> Int {
        steps.append(.cloneTree(path, slot: slotCount, recursive: recursive))
        slotCount += 1
        return slotCount - 1
    }

    private mutating func addBindSources(_ mounts: [MountDescription], _ container: ContainerDescription) -> [Int?] {
        var slots: [Int?] = []
        for mount in mounts {
            if mount.options.isBind {
                slots.append(addSlot(FilePath(mount.source), recursive: mount.options.isRecursive))
            } else if let source = Self.guestMount(in: container, for: mount) {
                slots.append(addSlot(source, recursive: true))
            } else {
                slots.append(nil)
            }
        }
        return slots
    }

    /// In a user namespace /proc can only be mounted while one is in sight, and /sys only together with the network namespace.
    private static func guestMount(in container: ContainerDescription, for mount: MountDescription) -> FilePath? {
        guard container.identities != nil else { return nil }
        if mount.type == "proc" { return "/proc" }
        return mount.type == "sysfs" && !container.hasOwnNetwork ? "/sys" : nil
    }

    /// The container's own /proc over the guest's, to be taken into the container's root from there.
    private mutating func addVisibleProcesses(_ mounts: [MountDescription]) {
        for mount in mounts where mount.type == "proc" {
            steps.append(
                .mount(source: "proc", "/proc", type: "proc", flags: mount.options.flags, data: mount.options.data.joined(separator: ",")))
            return
        }
    }

    /// A user namespace makes no device nodes; the agent has made them.
    private mutating func addDeviceSources(_ container: ContainerDescription) -> [Int] {
        guard container.identities != nil else { return [] }
        var slots: [Int] = []
        for index in Self.allDevices(container.devices).indices {
            slots.append(addSlot(container.deviceSource(index), recursive: false))
        }
        return slots
    }

    /// The guest's own /dev/null: the one in the image may be anything.
    private mutating func addMaskSources(_ paths: [FilePath]) -> [Int] {
        var slots: [Int] = []
        for _ in paths { slots.append(addSlot("/dev/null", recursive: false)) }
        return slots
    }

    private mutating func add(_ mount: MountDescription, slot: Int?) {
        let destination = mount.destination
        if let slot {
            steps.append(.makeTarget(destination, slot: slot))
            steps.append(.attachTree(destination, slot: slot, source: mount.source))
            if mount.options.bindFlags != 0 || mount.options.cleared != 0 {
                steps.append(.remount(destination, flags: mount.options.bindFlags, cleared: mount.options.cleared))
            }
        } else {
            // A link at /proc or /sys would have the masks below laid over something else.
            let following = !["proc", "sysfs"].contains(mount.type)
            // A tmpfs has the mode of the directory that it covers: here that of tmpfs itself.
            steps.append(.makeDirectory(destination, mode: mount.type == "tmpfs" ? 0o1777 : 0o755, following: following))
            // The container's cgroup namespace makes its own group the root of this mount.
            let isCgroup = mount.type == "cgroup" || mount.type == "cgroup2"
            let data = isCgroup ? "" : mount.options.data.joined(separator: ",")
            // Device nodes are still to be made in /dev; its read-only flag comes after them.
            let late = destination == "/dev" ? UInt(MS_RDONLY) : 0
            let below = mount.options.copiesUp ? addSlot(destination, recursive: false) : nil
            steps.append(
                .mount(
                    source: mount.source.isEmpty ? mount.type : mount.source, destination,
                    type: isCgroup ? "cgroup2" : mount.type, flags: mount.options.flags & ~late, data: data))
            if let below { steps.append(.copyTree(destination, slot: below)) }
        }
        if mount.options.recursiveAttributes != 0 {
            steps.append(.remountAll(destination, attributes: mount.options.recursiveAttributes))
        }
        for flags in mount.options.propagation { steps.append(.propagation(destination, flags: flags)) }
    }

    private mutating func addDevices(_ devices: [DeviceDescription], slots: [Int]) {
        steps.append(.makeDirectory("/dev", mode: 0o755, following: true))
        for (index, device) in Self.allDevices(devices).enumerated() {
            let directory = device.path.removingLastComponent()
            if directory != "/dev" { steps.append(.makeDirectory(directory, mode: 0o755, following: true)) }
            if slots.indices.contains(index) {
                steps += [
                    .makeTarget(device.path, slot: slots[index]), .attachTree(device.path, slot: slots[index], source: device.path.string),
                ]
            } else {
                steps.append(.makeNode(device))
            }
        }
        for (path, target) in Self.deviceLinks { steps.append(.makeLink(path, target: target)) }
    }

    private mutating func addLateDeviceFlags(_ mounts: [MountDescription]) {
        for mount in mounts where mount.destination == "/dev" && !mount.options.isBind {
            if mount.options.flags & UInt(MS_RDONLY) != 0 {
                steps.append(.remount("/dev", flags: mount.options.flags, cleared: 0))
            }
        }
    }

    private mutating func addProtection(of container: ContainerDescription, maskSlots: [Int]) {
        for path in container.readOnlyPaths { steps.append(.readOnly(path)) }
        for (path, slot) in zip(container.maskedPaths, maskSlots) { steps.append(.mask(path, slot: slot)) }
        // As runc does, and before the root may become read-only.
        steps.append(.makeDirectory(container.process.workingDirectory, mode: 0o755, following: true))
        if container.isRootReadOnly { steps.append(.remount("/", flags: UInt(MS_RDONLY), cleared: 0)) }
        if let flags = container.rootPropagation { steps.append(.propagation("/", flags: flags)) }
    }

    /// With those that every container has.
    static func allDevices(_ devices: [DeviceDescription]) -> [DeviceDescription] {
        var made: Set<FilePath> = []
        return (devices + defaultDevices).filter { made.insert($0.path).inserted }
    }

    /// runtime-spec config-linux.md, "Default Devices".
    private static let defaultDevices: [DeviceDescription] = [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
    ].map { name, major, minor in
        DeviceDescription(
            path: FilePath("/dev/\(name)"), mode: UInt32(S_IFCHR) | 0o666, major: major, minor: minor)
    }

    private static let deviceLinks: [(FilePath, String)] = [
        ("/dev/ptmx", "pts/ptmx"), ("/dev/fd", "/proc/self/fd"), ("/dev/stdin", "/proc/self/fd/0"),
        ("/dev/stdout", "/proc/self/fd/1"), ("/dev/stderr", "/proc/self/fd/2"),
    ]
}

/// The steps that every process of a container takes, the first one and later ones.
package enum ProcessPlan {
    /// The steps of a process that joins a running container.
    ///
    /// - Parameters:
    ///   - joinsUsers: whether the container has a user namespace, in which the process begins as root.
    ///   - joinsClocks: whether it has a time namespace.
    package static func joining(
        _ process: ProcessDescription, joinsUsers: Bool = false, joinsClocks: Bool = false
    ) -> [ContainerStep] {
        // /proc/self/oom_score_adj is written while the guest's /proc is still in sight.
        [.session] + preparation(of: process)
            + [
                .joinContainer(
                    namespaces: CL_NEW_MOUNT | CL_NEW_IPC | CL_NEW_UTS | CL_NEW_CGROUP | CL_NEW_NETWORK | (joinsUsers ? CL_NEW_USER : 0)
                        | (joinsClocks ? CL_NEW_TIME : 0))
            ] + (joinsUsers ? [.group(0), .user(0)] : [])
            + (process.terminal.map { [.terminal($0, isConsole: false)] } ?? [])
            + identity(of: process) + lateFilter(of: process) + [.execute(process.arguments.first ?? "")]
    }

    /// The steps of a process of the guest itself.
    package static func outside(_ process: ProcessDescription) -> [ContainerStep] {
        [.session] + (process.terminal.map { [.terminal($0, isConsole: false)] } ?? []) + identity(of: process)
            + [.execute(process.arguments.first ?? "")]
    }

    /// With no_new_privs the filter comes last, so that it need not allow what prepares the process.
    static func lateFilter(of process: ProcessDescription) -> [ContainerStep] {
        guard process.noNewPrivileges, let filter = process.filter else { return [] }
        return [.filter(filter)]
    }

    /// - Parameter writesScore: false where the agent has written it for the process.
    static func preparation(of process: ProcessDescription, writesScore: Bool = true) -> [ContainerStep] {
        (!writesScore ? [] : process.outOfMemoryScoreAdjustment.map { [.writeFile("/proc/self/oom_score_adj", "\($0)")] } ?? [])
            + process.scheduling.steps
    }

    /// From root with all capabilities to who the process is to be; the order is capabilities(7)'s.
    static func identity(of process: ProcessDescription) -> [ContainerStep] {
        let program = process.program ?? process.arguments.first ?? ""
        var steps: [ContainerStep] = [
            .ownStreams(user: process.user), .fileMask(process.fileMask), .workingDirectory(process.workingDirectory),
        ]
        if let personality = process.personality { steps.append(.personality(personality)) }
        // After everything that opens files or mounts, before root's right to raise limits goes.
        steps += process.limits.map(ContainerStep.limit)
        // Without no_new_privs the filter takes CAP_SYS_ADMIN, which goes with what follows.
        if !process.noNewPrivileges, let filter = process.filter { steps.append(.filter(filter)) }
        steps += [
            .bound(process.capabilities.bounding), .groups(process.additionalGroups), .group(process.group),
            .user(process.user), .capabilities(process.capabilities), .ambient(process.capabilities.ambient),
        ]
        if process.noNewPrivileges { steps.append(.noNewPrivileges) }
        steps.append(.findProgram(program, candidates: process.environment.candidates(for: program)))
        return steps
    }
}
