// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataOCI
package import KataWire
internal import SystemPackage

/// What the host asks for, as values that the agent's plans take; what this agent does not have is refused here.
extension ContainerDescription {
    package init(_ spec: WireSpec) throws {
        guard spec.hasProcess, spec.hasRoot, spec.root.path.hasPrefix("/") else {
            throw AgentFailure.invalid("read container specification: no process or no absolute root path")
        }
        self.init(root: FilePath(spec.root.path))
        isRootReadOnly = spec.root.readonly
        hostName = spec.hostname
        domainName = spec.domainname
        startHooks = spec.hooks.startContainer.map {
            HookDescription(program: $0.path, arguments: $0.args, environment: $0.env, seconds: $0.timeout)
        }
        state.ociVersion = spec.version
        state.annotations = spec.annotations
        process = try ProcessDescription(spec.process)
        if spec.linux.hasSeccomp { process.filter = try SystemCallFilter(FilterProfile(spec.linux.seccomp)) }
        mounts = spec.mounts.map {
            MountDescription(source: $0.source, destination: $0.destination, type: $0.type, options: $0.options)
        }
        try read(spec.linux)
    }

    private mutating func read(_ linux: WireLinux) throws {
        maskedPaths = linux.maskedPaths.map { FilePath($0) }
        readOnlyPaths = linux.readonlyPaths.map { FilePath($0) }
        kernelParameters = linux.sysctl.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        for parameter in kernelParameters where parameter.name.contains("/") || parameter.name.contains("..") {
            throw AgentFailure.invalid("read kernel parameter '\(parameter.name)': not a name with dots")
        }
        devices = try linux.devices.map(DeviceDescription.init)
        deviceRules = try linux.resources.devices.map(DeviceFilter.Rule.init)
        if !linux.personality.isEmpty {
            guard let domain = LinuxPersonality.domains[linux.personality] else {
                throw AgentFailure.invalid("read personality '\(linux.personality)': no such execution domain")
            }
            process.personality = domain
        }
        if !linux.rootfsPropagation.isEmpty {
            guard let flags = MountOptions.propagations[linux.rootfsPropagation] else {
                throw AgentFailure.invalid("read root propagation '\(linux.rootfsPropagation)': no such kind")
            }
            rootPropagation = flags
        }
        for namespace in linux.namespaces {
            if namespace.path.hasPrefix(Self.containerPrefix) {
                try share(namespace.type, with: String(namespace.path.dropFirst(Self.containerPrefix.count)))
                continue
            }
            guard namespace.path.isEmpty else {
                throw AgentFailure.invalid("join \(namespace.type) namespace '\(namespace.path)': a host path has no meaning in the guest")
            }
            switch namespace.type {
            case "pid", "mount", "ipc", "uts", "cgroup": break
            case "network": hasOwnNetwork = true
            case "time": clocks = ClockOffsets(linux.timeOffsets)
            case "user": identities = try IdentityMaps(linux)
            default: throw AgentFailure.unsupported("make a \(namespace.type) namespace")
            }
        }
    }

    /// How the host names a namespace of another container of the guest.
    private static let containerPrefix = "container:"

    private mutating func share(_ type: String, with container: String) throws {
        let flags = [
            "pid": CL_NEW_PID, "ipc": CL_NEW_IPC, "uts": CL_NEW_UTS, "cgroup": CL_NEW_CGROUP, "time": CL_NEW_TIME,
        ]
        guard let flag = flags[type] else { throw AgentFailure.unsupported("share the \(type) namespace of container '\(container)'") }
        guard container == shared?.container ?? container else {
            throw AgentFailure.unsupported("share namespaces of container '\(container)' and of '\(shared?.container ?? "")'")
        }
        shared = (container, (shared?.namespaces ?? 0) | flag)
    }

    /// Parts of the specification that are accepted and have no effect.
    package static func unapplied(in spec: WireSpec) -> [String] {
        var names: [String] = []
        if !spec.process.apparmorProfile.isEmpty { names.append("apparmor profile") }
        if !spec.process.selinuxLabel.isEmpty || !spec.linux.mountLabel.isEmpty { names.append("selinux label") }
        return names
    }
}

extension ProcessDescription {
    package init(_ process: WireProcess) throws {
        self.init()
        guard !process.args.isEmpty, process.cwd.hasPrefix("/") else {
            throw AgentFailure.invalid("read process: no arguments or no absolute working directory")
        }
        arguments = process.args
        environment = ProcessEnvironment(process.env)
        workingDirectory = FilePath(process.cwd)
        user = process.user.uid
        group = process.user.gid
        additionalGroups = process.user.additionalGids
        capabilities.bounding = try CapabilitySets.mask(of: process.capabilities.bounding)
        capabilities.effective = try CapabilitySets.mask(of: process.capabilities.effective)
        capabilities.inheritable = try CapabilitySets.mask(of: process.capabilities.inheritable)
        capabilities.permitted = try CapabilitySets.mask(of: process.capabilities.permitted)
        capabilities.ambient = try CapabilitySets.mask(of: process.capabilities.ambient)
        limits = try process.rlimits.map { limit in
            try ResourceLimit(type: limit.type, soft: limit.soft, hard: limit.hard)
        }
        noNewPrivileges = process.noNewPrivileges
        if process.user.hasUmask { fileMask = process.user.umask }
        let scheduler = process.scheduler
        if !scheduler.policy.isEmpty {
            try scheduling.setPolicy(
                scheduler.policy, nice: scheduler.nice, priority: scheduler.priority, flags: scheduler.flags, runtime: scheduler.runtime,
                deadline: scheduler.deadline, period: scheduler.period)
        }
        if process.hasIopriority { try scheduling.setIOPriority(process.iopriority.class, process.iopriority.priority) }
        if !process.cpuaffinity.isEmpty { try scheduling.setAffinity(process.cpuaffinity) }
        if process.terminal { terminal = TerminalSize(rows: process.consoleSize.height, columns: process.consoleSize.width) }
        // proto3 cannot tell zero from nothing said, and zero is what the agent's children have.
        outOfMemoryScoreAdjustment = process.oomscoreAdj == 0 ? nil : process.oomscoreAdj
    }
}

extension DeviceDescription {
    fileprivate init(_ device: WireLinuxDevice) throws {
        let types: [String: UInt32] = ["c": UInt32(S_IFCHR), "u": UInt32(S_IFCHR), "b": UInt32(S_IFBLK), "p": UInt32(S_IFIFO)]
        guard let type = types[device.type], device.path.hasPrefix("/"), device.major >= 0, device.minor >= 0 else {
            throw AgentFailure.invalid("read device '\(device.path)' of type '\(device.type)': not a device")
        }
        let permissions = device.fileMode & 0o7777
        self.init(
            path: FilePath(device.path).lexicallyNormalized(), mode: type | (permissions == 0 ? 0o666 : permissions),
            major: UInt64(device.major), minor: UInt64(device.minor), user: device.uid, group: device.gid)
    }
}

extension IdentityMaps {
    fileprivate init(_ linux: WireLinux) throws {
        guard !linux.uidmappings.isEmpty, !linux.gidmappings.isEmpty else {
            throw AgentFailure.invalid("make a user namespace: uidMappings and gidMappings are needed")
        }
        func ranges(_ mappings: [WireLinuxIDMapping]) -> [Range] {
            mappings.map { Range(inside: $0.containerID, outside: $0.hostID, count: $0.size) }
        }
        self.init(users: ranges(linux.uidmappings), groups: ranges(linux.gidmappings))
    }
}

extension DeviceFilter.Rule {
    fileprivate init(_ rule: WireLinuxDeviceCgroup) throws {
        let kinds: [String: DeviceFilter.Kind?] = ["": nil, "a": nil, "b": .block, "c": .character, "u": .character]
        guard let kind = kinds[rule.type], let access = DeviceFilter.Access(letters: rule.access), (-1...0xfffff).contains(rule.major),
            (-1...0xfffff).contains(rule.minor)
        else { throw AgentFailure.invalid("read device rule '\(rule.type) \(rule.major):\(rule.minor) \(rule.access)': not a rule") }
        self.init(
            allows: rule.allow, kind: kind, major: rule.major < 0 ? nil : UInt32(rule.major),
            minor: rule.minor < 0 ? nil : UInt32(rule.minor), access: access)
    }
}

extension FilterProfile {
    fileprivate init(_ seccomp: WireLinuxSeccomp) {
        self.init(
            defaultAction: seccomp.defaultAction, defaultErrno: seccomp.hasDefaultErrno ? seccomp.defaultErrno : nil,
            architectures: seccomp.architectures, flags: seccomp.flags,
            rules: seccomp.syscalls.map { call in
                var errno: UInt32?
                if case .errnoret(let number) = call.errnoRet { errno = number }
                return Rule(
                    names: call.names, action: call.action, errno: errno,
                    conditions: call.args.map {
                        Condition(index: UInt32(clamping: $0.index), comparison: $0.op, value: $0.value, valueTwo: $0.valueTwo)
                    })
            })
    }
}

extension CgroupLimits {
    package init(_ resources: WireLinuxResources) throws {
        self.init()
        memory = resources.memory.limit
        memoryReservation = resources.memory.reservation
        memoryAndSwap = resources.memory.swap
        cpuShares = resources.cpu.shares
        cpuQuota = resources.cpu.quota
        cpuPeriod = resources.cpu.period
        cpus = resources.cpu.cpus
        memoryNodes = resources.cpu.mems
        processes = resources.pids.limit
        if resources.cpu.hasBurst { cpuBurst = resources.cpu.burst }
        if resources.cpu.hasIdle { cpuIdle = resources.cpu.idle != 0 }
        blockWeight = resources.blockIo.weight
        diskWeights = resources.blockIo.weightDevice.filter { $0.weight != 0 }.map { disk in
            (device: "\(disk.major):\(disk.minor)", weight: disk.weight)
        }
        let throttles = [
            ("rbps", resources.blockIo.throttleReadBpsDevice), ("wbps", resources.blockIo.throttleWriteBpsDevice),
            ("riops", resources.blockIo.throttleReadIopsdevice), ("wiops", resources.blockIo.throttleWriteIopsdevice),
        ]
        diskRates = throttles.flatMap { key, devices in devices.map { (device: "\($0.major):\($0.minor)", key: key, rate: $0.rate) } }
        rdma = resources.rdma.sorted { $0.key < $1.key }.map { device, limit in
            let words =
                (limit.hasHandles ? ["hca_handle=\(limit.handles)"] : []) + (limit.hasObjects ? ["hca_object=\(limit.objects)"] : [])
            return (device, words.joined(separator: " "))
        }
        unified = resources.unified.sorted { $0.key < $1.key }.map { (file: $0.key, value: $0.value) }
        for entry in unified where entry.file.contains("/") || !entry.file.contains(".") {
            throw AgentFailure.invalid("read unified resource '\(entry.file)': not a file of a control group")
        }
        hugePages = resources.hugepageLimits.map { (pageSize: $0.pagesize, limit: $0.limit) }
    }
}

extension StorageDescription {
    package init(_ storage: WireStorage) throws {
        guard !storage.hasFsGroup else {
            throw AgentFailure.unsupported("mount storage at '\(storage.mountPoint)' with a group")
        }
        self.init(
            driver: storage.driver, source: storage.source, fileSystem: storage.fstype, options: storage.options,
            mountPoint: FilePath(storage.mountPoint))
    }
}
