// SPDX-License-Identifier: Apache-2.0

package import KataOCI

/// A container's specification as the agent's messages carry it.
///
/// The messages cannot tell an absent number, flag or string from zero, false or empty, except for a system call's errno. What Kata's
/// messages have no field for stays on the host: `linux.resources.unified` and `rdma`, `cpu.burst` and `idle`, id-mapped mounts,
/// `netDevices`, `personality`, `timeOffsets`, the seccomp listener, `process.scheduler`, `ioPriority`,
/// `execCPUAffinity` and `user.umask`, `domainname`, and all of `intelRdt` but its L3 schema.
package func wireSpec(from spec: Spec) -> WireSpec {
    var wire = WireSpec()
    wire.version = spec.ociVersion
    if let process = spec.process { wire.process = wireProcess(from: process) }
    if let root = spec.root {
        wire.root.path = root.path
        wire.root.readonly = root.readonly ?? false
    }
    wire.hostname = spec.hostname ?? ""
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
    wire.args = process.args ?? []
    wire.env = process.env ?? []
    wire.cwd = process.cwd
    if let capabilities = process.capabilities { wire.capabilities = WireLinuxCapabilities(capabilities) }
    wire.rlimits = (process.rlimits ?? []).map(WirePOSIXRlimit.init)
    wire.noNewPrivileges = process.noNewPrivileges ?? false
    wire.apparmorProfile = process.apparmorProfile ?? ""
    wire.oomscoreAdj = Int64(process.oomScoreAdj ?? 0)
    wire.selinuxLabel = process.selinuxLabel ?? ""
    return wire
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
