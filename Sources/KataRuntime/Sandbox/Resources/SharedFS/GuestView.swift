// SPDX-License-Identifier: Apache-2.0

package import KataOCI
package import SystemPackage

/// A path of the host that the guest must see.
package struct HostShare: Sendable, Hashable {
    package let source: FilePath
    /// Below the shared directory.
    package let target: FilePath
    package let isReadOnly: Bool
}

/// A bundle's spec as the guest agent gets it, and what the host must share for it.
///
/// A pure function of the spec: paths of the host become paths of the guest; what only the host can do is taken out.
package struct GuestView: Sendable {
    package let spec: Spec
    package let shares: [HostShare]

    /// Where the agent mounts the shared directory.
    package static let sharedRoot = FilePath("/run/kata-containers/shared/containers")

    /// Relative paths of the spec start at the bundle (runtime-spec, Root and Mounts).
    ///
    /// - Parameter hasSeccomp: whether the guest installs the filter of the spec.
    package init(_ bundle: Bundle, container: ContainerID, hasSeccomp: Bool = true) {
        let original = bundle.spec
        var spec = original
        var shares: [HostShare] = []
        let rootShare = FilePath(container.rawValue).appending("rootfs")
        shares.append(HostShare(source: bundle.root, target: rootShare, isReadOnly: false))
        spec.root?.path = Self.sharedRoot.pushing(rootShare).string
        spec.mounts = (original.mounts ?? []).map { mount in
            if mount.destination == "/dev/shm", mount.isBind { return Self.sharedMemory }
            guard mount.isBind, let source = mount.source else { return mount }
            let target = FilePath(container.rawValue).appending("mounts").appending("\(shares.count)")
            shares.append(
                HostShare(
                    source: bundle.path.pushing(FilePath(source)).lexicallyNormalized(), target: target,
                    isReadOnly: mount.options?.contains("ro") ?? false))
            var shared = mount
            shared.source = Self.sharedRoot.pushing(target).string
            return shared
        }
        spec.linux?.namespaces = original.linux?.namespaces?.compactMap(Self.guestNamespace)
        spec.linux?.cgroupsPath = nil
        if !hasSeccomp { spec.linux?.seccomp = nil }
        spec.hooks = nil
        self.spec = spec
        self.shares = shares
    }

    /// Memory shared through a network file system is none: the guest gets its own.
    private static let sharedMemory = MountSpec(
        destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"])

    /// The VM is the network namespace; the other paths name namespaces of the host, which the guest cannot join.
    private static func guestNamespace(_ namespace: LinuxNamespace) -> LinuxNamespace? {
        if namespace.type == .network { return nil }
        var own = namespace
        own.path = nil
        return own
    }
}

extension MountSpec {
    var isBind: Bool {
        type == "bind" || (options ?? []).contains { $0 == "bind" || $0 == "rbind" }
    }
}
