// SPDX-License-Identifier: Apache-2.0

package import KataBundle
package import KataOCI
internal import KataSystem
package import SystemPackage

/// A path of the host that the guest must see.
package struct HostShare: Sendable, Hashable {
    package let source: FilePath
    /// Below the shared directory.
    package let target: FilePath
    package let isReadOnly: Bool
    /// Whether with what is mounted below.
    package var isRecursive = true
    /// What a new overlay is mounted with; nil shows the source itself.
    package var overlay: String?
}

/// A bundle's spec as the guest agent gets it, and what the host must share for it.
///
/// A pure function of the spec: paths of the host become paths of the guest; what only the host can do is taken out.
package struct GuestView: Sendable {
    package let spec: Spec
    package let shares: [HostShare]
    /// Nil for a container that brings no memory of the host's as its `/dev/shm`.
    package let memory: SharedMemory?

    /// Where the agent mounts the shared directory.
    package static let sharedRoot = FilePath("/run/kata-containers/shared/containers")

    /// Relative paths of the spec start at the bundle (runtime-spec, Root and Mounts).
    ///
    /// - Parameters:
    ///   - volumes: the disks among its mounts.
    ///   - hasSeccomp: whether the guest installs the filter of the spec.
    ///   - pod: the namespaces that the container is in with others.
    ///   - sharedMemory: what its `/dev/shm` is; nil where files of the host are mounted there, or nothing.
    package init(
        _ bundle: Bundle, container: ContainerID, volumes: [BlockVolume] = [], hasSeccomp: Bool = true, pod: PodNamespaces? = nil,
        sharedMemory: SharedMemory? = nil
    ) {
        let original = bundle.spec
        var spec = original
        var shares: [HostShare] = []
        let rootShare = FilePath(container.rawValue).appending("rootfs")
        shares.append(HostShare(source: bundle.root, target: rootShare, isReadOnly: false))
        spec.root?.path = Self.sharedRoot.pushing(rootShare).string
        let disks = Set(volumes.compactMap { if case .mount(let index) = $0.use { index } else { nil } })
        var overlays: [HostShare] = []
        let groups = GroupMounts(original.mounts ?? [])
        spec.mounts = (original.mounts ?? []).enumerated().compactMap { index, mount in
            guard let mount = groups.inGuest(mount) else { return nil }
            if disks.contains(index) {
                let options = ["bind"] + (mount.isBind ? mount.options ?? [] : [])
                return MountSpec(
                    destination: mount.destination, type: "bind", source: BlockVolume.guestPath(container, mount: index), options: options)
            }
            if let data = mount.overlay(relativeTo: bundle.path) {
                let target = FilePath(container.rawValue).appending("overlays").appending("\(index)")
                let isReadOnly = mount.options?.contains("ro") ?? false
                overlays.append(HostShare(source: "overlay", target: target, isReadOnly: isReadOnly, overlay: data))
                let flags = (mount.options ?? []).filter { !$0.contains("=") }
                return MountSpec(
                    destination: mount.destination, type: "bind", source: Self.sharedRoot.pushing(target).string, options: ["bind"] + flags)
            }
            if let sharedMemory, mount.isSharedMemory { return sharedMemory.mount }
            guard mount.isBind, let source = mount.source else { return mount }
            let path = bundle.path.pushing(FilePath(source)).lexicallyNormalized()
            // With its own name, by which it is known in the guest's list of mounts.
            let target = FilePath(container.rawValue).appending("mounts").appending("\(shares.count)")
                .appending(path.lastComponent?.string ?? "root")
            shares.append(
                HostShare(
                    source: path, target: target,
                    isReadOnly: mount.options?.contains("ro") ?? false, isRecursive: mount.isRecursive))
            var shared = mount
            shared.source = Self.sharedRoot.pushing(target).string
            return shared
        }
        spec.linux?.namespaces = original.linux?.namespaces?.compactMap { Self.guestNamespace($0, pod) }
        spec.linux?.cgroupsPath = nil
        spec.process = original.process?.grantable
        if !hasSeccomp { spec.linux?.seccomp = nil }
        // The others are programs of the host.
        spec.hooks = original.hooks?.startContainer.map { HookSpecs(startContainer: $0) }
        self.spec = spec
        memory = original.mounts?.contains(where: \.isSharedMemory) ?? false ? sharedMemory : nil
        // Behind those whose sources a caller may have to show.
        self.shares = shares + overlays
    }

    /// The VM is the network namespace, except of a later container that asks for one of its own; the other paths name namespaces of the
    /// host, which are containers' of the guest or its own.
    private static func guestNamespace(_ namespace: LinuxNamespace, _ pod: PodNamespaces?) -> LinuxNamespace? {
        if namespace.type == .network, !(pod?.hasOwnNetwork ?? false) { return nil }
        var inside = namespace
        inside.path = pod?.owners[namespace.type].map(PodNamespaces.guestPath)
        return inside
    }
}

/// `/dev/shm` of a container for which an engine made one on the host: memory that goes through a network file system is not shared, so the
/// guest has it instead.
package enum SharedMemory: Sendable, Hashable {
    /// The container's alone.
    case own(bytes: UInt64)
    /// The sandbox's, made with this container.
    case made(bytes: UInt64)
    /// The sandbox's, made with an earlier container.
    case joined

    /// Where the guest has the sandbox's, as Kata's does.
    package static let sandboxPath = "/run/kata-containers/sandbox/shm"
    static let options = ["nosuid", "noexec", "nodev", "mode=1777"]

    var mount: MountSpec {
        switch self {
        case .own(let bytes): MountSpec(destination: "/dev/shm", type: "tmpfs", source: "shm", options: Self.options + ["size=\(bytes)"])
        case .made, .joined: MountSpec(destination: "/dev/shm", type: "bind", source: Self.sandboxPath, options: ["bind"])
        }
    }
}

extension Bundle {
    /// Bytes of the memory that an engine has made for the container's `/dev/shm`: a file system in memory, mounted for that alone. Nil
    /// where the user has files of the host mounted there, or nobody anything.
    package var sharedMemorySize: UInt64? {
        guard let source = (spec.mounts ?? []).first(where: \.isSharedMemory)?.source else { return nil }
        let place = path.pushing(FilePath(source)).lexicallyNormalized()
        // What cannot be looked at cannot be bound either, which is reported when the container is made.
        guard let own = try? FileSystem.targetStatus(place), let above = try? FileSystem.targetStatus(place.appending("..")),
            own.device != above.device
        else { return nil }
        return (try? Mounts.size(place)) ?? nil
    }
}

extension MountSpec {
    /// The layers as mount(2) takes them, with whole paths; nil for another kind of mount. The host mounts it: what the guest has of the
    /// layers goes through a network file system, on which the kernel makes no upper layer.
    func overlay(relativeTo bundle: FilePath) -> String? {
        guard type == "overlay" else { return nil }
        let words = (options ?? []).filter { $0.contains("=") }
        return words.map { word in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, ["lowerdir", "upperdir", "workdir"].contains(parts[0]) else { return word }
            let paths = parts[1].split(separator: ":").map { bundle.pushing(FilePath(String($0))).string }
            return parts[0] + "=" + paths.joined(separator: ":")
        }.joined(separator: ",")
    }

    /// Of a bind mount.
    var isRecursive: Bool { !(options ?? []).contains("bind") || (options ?? []).contains("rbind") }

    var isSharedMemory: Bool { destination == "/dev/shm" && isBind }

    var isBind: Bool {
        type == "bind" || (options ?? []).contains { $0 == "bind" || $0 == "rbind" }
    }
}
