// SPDX-License-Identifier: Apache-2.0

package import KataBundle
internal import KataOCI
internal import KataSystem
internal import SystemPackage

extension Bundle {
    /// What is asked for and has no effect in a virtual machine, in words for the user.
    package var unappliedParts: [String] {
        var parts = (spec.process?.unappliedParts ?? []) + (spec.linux?.resources?.unappliedParts(isUpdate: false) ?? [])
        if let flags = spec.linux?.personality?.flags, !flags.isEmpty {
            parts.append("personality flags \(flags.joined(separator: ", ")) are not applied: the specification defines none")
        }
        if let limits = spec.linux?.resources?.blockIO { parts += unappliedParts(of: limits) }
        return parts
            + GroupMounts(spec.mounts ?? []).left.map {
                "mount '\($0.destination)' is not made: the guest has one hierarchy of control groups, at /sys/fs/cgroup"
            }
    }

    private func unappliedParts(of limits: LinuxBlockIO) -> [String] {
        let devices = limits.devices
        // The host is looked at for nothing else.
        let disks = devices.isEmpty ? [] : Set(BlockVolume.all(of: self).map(\.number))
        let strangers = devices.subtracting(disks).map(\.description).sorted()
        return strangers.map { "limits of the block I/O of device \($0) are not applied: it is no disk of the virtual machine" }
            + (limits.hasLeafWeight
                ? ["leaf weights of block I/O are not applied: control groups of version 2, which the guest has, know none"] : [])
    }

    /// The bundle as an older runtime read it: a namespace that it leaves out was the virtual machine's there, and not the host's.
    package var ofOlderRuntime: Bundle {
        var spec = spec
        let listed = spec.linux?.namespaces ?? []
        let own = [LinuxNamespace.Kind.pid, .network, .ipc, .uts, .mount].filter { kind in !listed.contains { $0.type == kind } }
        spec.linux?.namespaces = listed + own.map { LinuxNamespace(type: $0) }
        return Bundle(path: path, spec: spec, root: root, document: document, ignored: ignored)
    }

    /// What no virtual machine can do, found before one is booted.
    package func checkForGuest() throws(SandboxError) {
        for (type, name) in [(LinuxNamespace.Kind.pid, "process ids"), (.ipc, "System V IPC objects"), (.uts, "host name")]
        where !(spec.linux?.namespaces ?? []).contains(where: { $0.type == type }) {
            throw .impossible("share the host's \(name)", "a virtual machine has its own \(type.rawValue) namespace")
        }
        for namespace in spec.linux?.namespaces ?? [] {
            guard let path = namespace.path, !path.isEmpty else { continue }
            let names = [LinuxNamespace.Kind.network: "net", .mount: "mnt"]
            let kind = try? NamespaceFile.kind(FilePath(path))  // who uses it says why it cannot be opened
            if let kind, kind != names[namespace.type] ?? namespace.type.rawValue {
                throw .impossible("join \(namespace.type.rawValue) namespace '\(path)'", "it is a \(kind) namespace")
            }
        }
        if let label = spec.linux?.mountLabel, !label.isEmpty {
            throw .impossible("label mounts '\(label)'", "SELinux does not run in the virtual machine; set it off for this container")
        }
        if spec.linux?.intelRdt != nil {
            throw .impossible("put the container into a class of cache (intelRdt)", "resctrl of the host does not reach into its machine")
        }
        let hasOwnClocks = (spec.linux?.namespaces ?? []).contains { $0.type == .time && ($0.path ?? "").isEmpty }
        for clock in (spec.linux?.timeOffsets ?? [:]).keys.sorted() {
            if !hasOwnClocks { throw .impossible("offset the container's \(clock) clock", "that needs a time namespace of its own") }
        }
        if let device = (spec.linux?.netDevices ?? [:]).keys.sorted().first {
            throw .impossible(
                "move the network device '\(device)'", "a device of the host cannot enter a virtual machine; use a network namespace")
        }
        for mount in spec.mounts ?? [] where !(mount.uidMappings ?? []).isEmpty || !(mount.gidMappings ?? []).isEmpty {
            throw .impossible(
                "map the ids of mount '\(mount.destination)'", "the shared file system has no id-mapped mounts; change the files' owners")
        }
        guard let seccomp = spec.linux?.seccomp else { return }
        let actions = [seccomp.defaultAction] + (seccomp.syscalls ?? []).map(\.action)
        if seccomp.listenerPath != nil || actions.contains("SCMP_ACT_NOTIFY") {
            throw .impossible("pass system calls to a seccomp listener", "the listener would be outside the virtual machine")
        }
    }
}
