// SPDX-License-Identifier: Apache-2.0

package import KataOCI

/// A container's specification as the agent's messages carry it.
///
/// The messages cannot tell an absent number, flag or string from zero, false or empty, except for a system call's errno. What Kata's
/// messages have no field for has one of ours, or stays on the host: id-mapped mounts, `netDevices`, the seccomp listener,
/// the flags of `personality`, of which the kernel knows none, and all of `intelRdt` but its L3 schema.
package func wireSpec(from spec: Spec) -> WireSpec {
    var wire = WireSpec()
    wire.version = spec.ociVersion
    if let process = spec.process { wire.process = wireProcess(from: process) }
    if let root = spec.root {
        wire.root.path = root.path
        wire.root.readonly = root.readonly ?? false
    }
    wire.hostname = spec.hostname ?? ""
    wire.domainname = spec.domainname ?? ""
    wire.mounts = (spec.mounts ?? []).map(WireMount.init)
    if let hooks = spec.hooks { wire.hooks = WireHooks(hooks) }
    wire.annotations = spec.annotations ?? [:]
    if let linux = spec.linux { wire.linux = WireLinux(linux) }
    return wire
}

/// A process of a container as the agent's messages carry it.
package func wireProcess(from process: ProcessSpec) -> WireProcess {
    var wire = WireProcess()
    wire.terminal = process.terminal ?? false
    if let size = process.consoleSize {
        wire.consoleSize.height = size.height
        wire.consoleSize.width = size.width
    }
    wire.user.uid = process.user.uid
    wire.user.gid = process.user.gid
    wire.user.additionalGids = process.user.additionalGids ?? []
    wire.user.username = process.user.username ?? ""
    if let umask = process.user.umask { wire.user.umask = umask }
    wire.args = process.args ?? []
    wire.env = process.env ?? []
    wire.cwd = process.cwd
    if let capabilities = process.capabilities { wire.capabilities = WireLinuxCapabilities(capabilities) }
    wire.rlimits = (process.rlimits ?? []).map(WirePOSIXRlimit.init)
    wire.noNewPrivileges = process.noNewPrivileges ?? false
    wire.apparmorProfile = process.apparmorProfile ?? ""
    wire.oomscoreAdj = Int64(process.oomScoreAdj ?? 0)
    wire.selinuxLabel = process.selinuxLabel ?? ""
    if let scheduler = process.scheduler { wire.scheduler = WireScheduler(scheduler) }
    if let priority = process.ioPriority {
        wire.iopriority.class = priority.class
        wire.iopriority.priority = Int32(clamping: priority.priority)
    }
    // A process in the guest starts in its cgroup: what holds until then is over at once.
    if let affinity = process.execCPUAffinity { wire.cpuaffinity = affinity.final ?? affinity.initial ?? "" }
    return wire
}

extension WireScheduler {
    fileprivate init(_ scheduler: Scheduler) {
        self.init()
        policy = scheduler.policy
        nice = scheduler.nice ?? 0
        priority = scheduler.priority ?? 0
        flags = scheduler.flags ?? []
        runtime = scheduler.runtime ?? 0
        deadline = scheduler.deadline ?? 0
        period = scheduler.period ?? 0
    }
}

extension WireLinuxCapabilities {
    fileprivate init(_ capabilities: LinuxCapabilities) {
        self.init()
        bounding = capabilities.bounding ?? []
        effective = capabilities.effective ?? []
        inheritable = capabilities.inheritable ?? []
        permitted = capabilities.permitted ?? []
        ambient = capabilities.ambient ?? []
    }
}

extension WirePOSIXRlimit {
    fileprivate init(_ limit: ResourceLimit) {
        self.init()
        type = limit.type
        hard = limit.hard
        soft = limit.soft
    }
}

extension WireMount {
    fileprivate init(_ mount: MountSpec) {
        self.init()
        destination = mount.destination
        source = mount.source ?? ""
        type = mount.type ?? ""
        options = mount.options ?? []
    }
}

extension WireHooks {
    fileprivate init(_ hooks: HookSpecs) {
        self.init()
        prestart = (hooks.prestart ?? []).map(WireHook.init)
        poststart = (hooks.poststart ?? []).map(WireHook.init)
        poststop = (hooks.poststop ?? []).map(WireHook.init)
        createRuntime = (hooks.createRuntime ?? []).map(WireHook.init)
        createContainer = (hooks.createContainer ?? []).map(WireHook.init)
        startContainer = (hooks.startContainer ?? []).map(WireHook.init)
    }
}

extension WireHook {
    fileprivate init(_ hook: HookSpec) {
        self.init()
        path = hook.path
        args = hook.args ?? []
        env = hook.env ?? []
        timeout = Int64(hook.timeout ?? 0)
    }
}
