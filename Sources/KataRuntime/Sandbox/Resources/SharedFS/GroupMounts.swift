// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
internal import SystemPackage

/// Control groups of the host that are bound at their usual place, for a system manager in the container (podman's `--systemd`, docker's
/// `-v /sys/fs/cgroup:/sys/fs/cgroup`). They count nothing in the guest, whose one hierarchy shows each container its own group instead.
struct GroupMounts {
    private static let place = FilePath("/sys/fs/cgroup")
    /// Hierarchies of version 1 that the guest does not have.
    let left: [MountSpec]

    init(_ mounts: [MountSpec]) {
        left = mounts.filter { Self.bindsGroups($0) && !Self.isPlace($0.destination) }
    }

    /// The mount as the guest makes it; nil for one that is left out.
    func inGuest(_ mount: MountSpec) -> MountSpec? {
        var result = mount
        if Self.bindsGroups(mount) {
            guard Self.isPlace(mount.destination) else { return nil }
            result.type = "cgroup"
            result.source = "cgroup"
            result.options?.removeAll { $0 == "bind" || $0 == "rbind" }
        } else if mount.type == "cgroup" || mount.type == "cgroup2", left.contains(where: { !($0.options ?? []).contains("ro") }) {
            // A manager makes groups in the hierarchy that it is given to write to.
            result.options?.removeAll { $0 == "ro" }
        }
        return result
    }

    static func bindsGroups(_ mount: MountSpec) -> Bool {
        mount.isBind && [mount.destination, mount.source ?? ""].allSatisfy { FilePath($0).lexicallyNormalized().starts(with: place) }
    }

    private static func isPlace(_ destination: String) -> Bool { FilePath(destination).lexicallyNormalized() == place }
}
