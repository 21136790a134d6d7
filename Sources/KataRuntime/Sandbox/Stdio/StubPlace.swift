// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataBundle
internal import KataOCI
internal import KataSystem
internal import SystemPackage

/// Where a container's stub lives: in the container's network namespace on the host, which engines furnish through the stub's
/// pid (`libnetwork-setkey`), and with the container's root and volumes as its file system, and nothing of the host: engines
/// enter its mount namespace (`podman cp`) and take what they find there for the container.
package struct StubPlace: Sendable, Hashable {
    private struct Bind: Hashable {
        let isReadOnly: Bool
        let isRecursive: Bool
        let source: String
        let destination: String
    }

    /// A path, or `Self.newNetwork`.
    private let network: String
    private let root: String
    private let binds: [Bind]

    private static let newNetwork = "new"

    package init(_ bundle: Bundle) throws(SandboxError) {
        guard let namespace = bundle.spec.linux?.namespaces?.first(where: { $0.type == .network }) else { throw .hostNetwork }
        network = namespace.path ?? Self.newNetwork
        if let path = namespace.path {
            let isHosts: Bool
            do throws(SystemError) {
                isHosts = try NamespaceIdentity(of: FilePath(path)) == NamespaceIdentity(of: "/proc/self/ns/net")
            } catch {
                throw .unusableNetwork(path, error)
            }
            if isHosts { throw .hostNetwork }
        }
        root = bundle.root.string
        binds = (bundle.spec.mounts ?? []).compactMap { mount in
            guard mount.isBind, !GroupMounts.bindsGroups(mount), let source = mount.source else { return nil }
            return Bind(
                isReadOnly: (mount.options ?? []).contains("ro"), isRecursive: mount.isRecursive,
                source: bundle.path.pushing(FilePath(source)).lexicallyNormalized().string, destination: mount.destination)
        }
    }

    /// - Parameter arguments: of a stub, after its name; nil when there are none.
    init?(arguments: [String]) {
        guard arguments.count >= 2 else { return nil }
        network = arguments[0]
        root = arguments[1]
        let words = arguments.dropFirst(2)
        binds = stride(from: words.startIndex, to: words.endIndex - 2, by: 3).map {
            let options = words[$0].split(separator: ",")
            return Bind(
                isReadOnly: options.contains("ro"), isRecursive: options.contains("rbind"), source: words[$0 + 1],
                destination: words[$0 + 2])
        }
    }

    var arguments: [String] {
        [network, root]
            + binds.flatMap {
                [($0.isRecursive ? "rbind" : "bind") + ($0.isReadOnly ? ",ro" : ",rw"), $0.source, $0.destination]
            }
    }

    /// Moves the calling process, which must have one thread.
    func enter() throws(SystemError) {
        if network == Self.newNetwork {
            try NetworkNamespace.leave()
        } else {
            try NetworkNamespace.enter(try OwnedFD.open(FilePath(network), O_RDONLY))
        }
        try Mounts.leaveNamespace()
        try Mounts.bind(FilePath(root), on: FilePath(root), readOnly: false)
        let top = try OwnedFD.open(FilePath(root), CL_O_PATH | O_DIRECTORY)
        for bind in binds {
            // The shim refuses what cannot be read, with the reason.
            guard let status = try? FileSystem.targetStatus(FilePath(bind.source)) else { continue }
            guard let target = Self.target(bind.destination, isDirectory: status.kind == .directory, in: top) else { continue }
            // What cannot be shown here is still in the guest.
            _ = try? Mounts.bind(
                FilePath(bind.source), on: FilePath("/proc/self/fd/\(target.raw)"), readOnly: bind.isReadOnly, isRecursive: bind.isRecursive
            )
        }
        Self.showProcess(in: top)
        try syscall("pivot_root", root) { cl_pivot_root(root) }
    }

    /// A /proc with the calling process and none of the host's: `podman top` enters the mount namespace and lists what is there, with the
    /// clock of `uptime` and `stat`. An image without a /proc shows nothing.
    private static func showProcess(in top: borrowing OwnedFD) {
        guard let below = open("/proc", CL_O_PATH | O_DIRECTORY, in: top),
            (try? Mounts.memory(on: FilePath("/proc/self/fd/\(below.raw)"))) != nil,
            let place = open("/proc", CL_O_PATH | O_DIRECTORY, in: top)
        else { return }
        let own = "\(getpid())"
        mkdirat(place.raw, own, 0o555)
        for name in [own, "uptime", "stat"] {
            guard let target = open("/proc/" + name, name == own ? CL_O_PATH | O_DIRECTORY : O_WRONLY | O_CREAT, in: top) else { continue }
            // What is not shown is missing in a list for people.
            _ = try? Mounts.bind(FilePath("/proc/" + name), on: FilePath("/proc/self/fd/\(target.raw)"), isRecursive: false)
        }
    }

    /// Opens a mount point, and makes it as the guest would. A link of the image does not lead out of it.
    private static func target(_ destination: String, isDirectory: Bool, in top: borrowing OwnedFD) -> OwnedFD? {
        if let found = open(destination, CL_O_PATH, in: top) { return found }
        let components = FilePath(destination).components.map(\.string)
        for count in components.indices where isDirectory || count < components.count - 1 {
            guard let parent = open("/" + components[..<count].joined(separator: "/"), CL_O_PATH | O_DIRECTORY, in: top) else { return nil }
            _ = mkdirat(parent.raw, components[count], 0o755)  // most are there
        }
        return open(destination, isDirectory ? CL_O_PATH : O_WRONLY | O_CREAT, in: top)
    }

    private static func open(_ path: String, _ flags: CInt, in top: borrowing OwnedFD) -> OwnedFD? {
        let mode: UInt64 = flags & O_CREAT == 0 ? 0 : 0o644
        let number = cl_open_in_root(top.raw, path, UInt64(flags | O_CLOEXEC), mode)
        return number < 0 ? nil : OwnedFD(adopting: number)
    }
}
