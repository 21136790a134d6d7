// SPDX-License-Identifier: Apache-2.0

package import KataOCI

extension ProcessSpec {
    /// What of a process is asked for and has no effect in a virtual machine, in words for the user.
    package var unappliedParts: [String] {
        var parts: [String] = []
        if let profile = apparmorProfile, !profile.isEmpty, profile != "unconfined" {
            parts.append(
                "AppArmor profile '\(profile)' is not applied: the guest's kernel has no AppArmor, the virtual machine confines instead")
        }
        if let label = selinuxLabel, !label.isEmpty {
            parts.append("SELinux label '\(label)' is not applied: the guest's kernel has no SELinux, the virtual machine confines instead")
        }
        return parts + (capabilities?.unappliedParts ?? [])
    }
}

extension LinuxCapabilities {
    fileprivate var unappliedParts: [String] {
        let asked = Set([bounding, effective, inheritable, permitted, ambient].flatMap { $0 ?? [] })
        let unknown = asked.filter { !Self.names.contains($0.uppercased()) }.sorted()
        let granted = grantable
        let sets = [
            ("effective", effective, granted.effective, "not permitted"),
            ("inheritable", inheritable, granted.inheritable, "not in the bounding set"),
            ("ambient", ambient, granted.ambient, "not both permitted and inheritable"),
        ]
        return unknown.map { "capability '\($0)' is not granted: Linux has none of this name" }
            + sets.compactMap { set, asked, granted, reason in
                let left = (asked ?? []).filter { !unknown.contains($0) && !(granted ?? []).contains($0.uppercased()) }
                return left.isEmpty ? nil : "capabilities that are \(reason) are not made \(set): \(left.joined(separator: ", "))"
            }
    }
}

extension LinuxResources {
    /// What of resources is asked for and has no effect in the guest, whose kernel has control groups of version 2 alone.
    ///
    /// - Parameter isUpdate: whether they are for a container that is there.
    package func unappliedParts(isUpdate: Bool) -> [String] {
        let parts: [(String, isAsked: Bool, reason: String)] = [
            ("devices", isUpdate && !(devices ?? []).isEmpty, "a container keeps the device rules that it was made with"),
            ("memory.swappiness", memory?.swappiness != nil, "control groups of version 2 have none of their own"),
            ("memory.kernel", (memory?.kernel ?? 0) > 0, "memory.limit counts the kernel's memory as well"),
            ("memory.kernelTCP", (memory?.kernelTCP ?? 0) > 0, "memory.limit counts the buffers of sockets as well"),
            ("memory.disableOOMKiller", memory?.disableOOMKiller ?? false, "control groups of version 2 always end a process"),
            ("memory.checkBeforeUpdate", memory?.checkBeforeUpdate ?? false, "the guest's kernel reclaims what is above a new limit"),
            ("cpu.realtimeRuntime", (cpu?.realtimeRuntime ?? 0) != 0, Self.noRealTime),
            ("cpu.realtimePeriod", (cpu?.realtimePeriod ?? 0) != 0, Self.noRealTime),
            ("network.classID", (network?.classID ?? 0) != 0, Self.noPacketClasses),
            ("network.priorities", !(network?.priorities ?? []).isEmpty, Self.noPacketClasses),
        ]
        return parts.filter { $0.isAsked }.map { "linux.resources.\($0.0) is not applied: \($0.reason)" }
    }

    package static var noRealTime: String { "the guest's kernel shares no real-time processor time out among groups" }
    private static var noPacketClasses: String { "control groups of version 2 do not mark packets" }
}
