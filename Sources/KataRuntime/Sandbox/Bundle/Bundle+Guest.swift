// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
internal import KataSystem

extension Bundle {
    /// What no virtual machine can do, found before one is booted.
    package func checkForGuest() throws(SandboxError) {
        for (type, name) in [(LinuxNamespace.Kind.pid, "process ids"), (.ipc, "System V IPC objects"), (.uts, "host name")]
        where !(spec.linux?.namespaces ?? []).contains(where: { $0.type == type }) {
            throw .impossible("share the host's \(name)", "a virtual machine has its own \(type.rawValue) namespace")
        }
        if let label = spec.linux?.mountLabel, !label.isEmpty {
            throw .impossible("label mounts '\(label)'", "SELinux does not run in the virtual machine; set it off for this container")
        }
        guard let seccomp = spec.linux?.seccomp else { return }
        let actions = [seccomp.defaultAction] + (seccomp.syscalls ?? []).map(\.action)
        if seccomp.listenerPath != nil || actions.contains("SCMP_ACT_NOTIFY") {
            throw .impossible("pass system calls to a seccomp listener", "the listener would be outside the virtual machine")
        }
    }
}
