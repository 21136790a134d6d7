// SPDX-License-Identifier: Apache-2.0

internal import KataOCI

extension WireLinux {
    init(_ linux: LinuxSpec) {
        self.init()
        uidmappings = (linux.uidMappings ?? []).map(WireLinuxIDMapping.init)
        gidmappings = (linux.gidMappings ?? []).map(WireLinuxIDMapping.init)
        sysctl = linux.sysctl ?? [:]
        if let resources = linux.resources { self.resources = WireLinuxResources(resources) }
        cgroupsPath = linux.cgroupsPath ?? ""
        namespaces = (linux.namespaces ?? []).map(WireLinuxNamespace.init)
        devices = (linux.devices ?? []).map(WireLinuxDevice.init)
        if let seccomp = linux.seccomp { self.seccomp = WireLinuxSeccomp(seccomp) }
        rootfsPropagation = linux.rootfsPropagation ?? ""
        maskedPaths = linux.maskedPaths ?? []
        readonlyPaths = linux.readonlyPaths ?? []
        mountLabel = linux.mountLabel ?? ""
        personality = linux.personality?.domain ?? ""
        timeOffsets = (linux.timeOffsets ?? [:]).mapValues { "\($0.secs ?? 0) \($0.nanosecs ?? 0)" }
        if let schema = linux.intelRdt?.l3CacheSchema { intelRdt.l3CacheSchema = schema }
    }
}

extension WireLinuxIDMapping {
    fileprivate init(_ mapping: LinuxIDMapping) {
        self.init()
        hostID = mapping.hostID
        containerID = mapping.containerID
        size = mapping.size
    }
}

extension WireLinuxNamespace {
    fileprivate init(_ namespace: LinuxNamespace) {
        self.init()
        type = namespace.type.rawValue
        path = namespace.path ?? ""
    }
}

extension WireLinuxDevice {
    fileprivate init(_ device: LinuxDevice) {
        self.init()
        path = device.path
        type = device.type
        major = device.major ?? 0
        minor = device.minor ?? 0
        fileMode = device.fileMode ?? 0
        uid = device.uid ?? 0
        gid = device.gid ?? 0
    }
}

extension WireLinuxSeccomp {
    fileprivate init(_ seccomp: LinuxSeccomp) {
        self.init()
        defaultAction = seccomp.defaultAction
        architectures = seccomp.architectures ?? []
        flags = seccomp.flags ?? []
        if let number = seccomp.defaultErrnoRet { defaultErrno = number }
        syscalls = (seccomp.syscalls ?? []).map(WireLinuxSyscall.init)
    }
}

extension WireLinuxSyscall {
    fileprivate init(_ syscall: LinuxSyscall) {
        self.init()
        names = syscall.names
        action = syscall.action
        if let number = syscall.errnoRet { errnoRet = .errnoret(number) }
        args = (syscall.args ?? []).map { argument in
            var wire = WireLinuxSeccompArg()
            wire.index = UInt64(argument.index)
            wire.value = argument.value
            wire.valueTwo = argument.valueTwo ?? 0
            wire.op = argument.op
            return wire
        }
    }
}
