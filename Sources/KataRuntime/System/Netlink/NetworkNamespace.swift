// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// Network namespaces (network_namespaces(7)).
public enum NetworkNamespace {
    /// Moves the calling thread.
    public static func enter(_ namespace: borrowing OwnedFD) throws(SystemError) {
        try syscall("setns", "network namespace") { cl_setns(namespace.raw, CL_CLONE_NEWNET) }
    }

    /// Moves the calling thread into a new one.
    public static func leave() throws(SystemError) { try syscall("unshare", "network namespace") { cl_unshare(CL_CLONE_NEWNET) } }
}

/// Which namespace a file names, whatever its kind: device and inode do (namespaces(7)).
public struct NamespaceIdentity: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64

    /// Nil for a file that is not there.
    public init?(of path: FilePath) throws(SystemError) {
        guard let status = try FileSystem.targetStatus(path) else { return nil }
        (device, inode) = (status.device, status.inode)
    }

    /// Nil for one that cannot be looked at, too: who joins it says why.
    public init?(_ path: FilePath) {
        guard let identity = try? NamespaceIdentity(of: path) else { return nil }
        self = identity
    }
}

/// Namespaces of all kinds (namespaces(7)).
public enum NamespaceFile {
    /// The kind, as /proc/PID/ns names it; nil for a file that is no namespace.
    public static func kind(_ path: FilePath) throws(SystemError) -> String? {
        let file = try OwnedFD.open(path, O_RDONLY)
        let type = cl_namespace_type(file.raw)
        return type < 0 ? nil : kinds[type]
    }

    /// CLONE_NEW* of linux/sched.h.
    private static let kinds: [Int32: String] = [
        0x0002_0000: "mnt", 0x0200_0000: "cgroup", 0x0400_0000: "uts", 0x0800_0000: "ipc", 0x1000_0000: "user", 0x2000_0000: "pid",
        0x4000_0000: "net", 0x0000_0080: "time",
    ]
}

/// A TAP device with the descriptor through which a VM uses it; it is gone when nobody holds that any more, unless it is a macvtap device.
public struct TapDevice: Sendable {
    public let descriptor: SharedFD
    public let name: String

    /// In the calling thread's network namespace.
    ///
    /// - Parameter pattern: such as `tap%d`, at most 15 bytes.
    public init(pattern: String) throws(SystemError) {
        var name = pattern.utf8.prefix(15).map { CChar(bitPattern: $0) }
        name += [CChar](repeating: 0, count: 16 - name.count)
        descriptor = SharedFD(OwnedFD(adopting: try syscall("ioctl TUNSETIFF", pattern) { cl_open_tap(&name) }))
        self.name = Self.text(name)
    }

    /// That of a macvtap device of the calling thread's network namespace.
    public init(macvtap link: NetworkLink) throws(SystemError) {
        var name = [CChar](repeating: 0, count: 16)
        var address = [UInt8](repeating: 0, count: 6)
        let opened = try syscall("open", "/dev/tap\(link.index)") { cl_open_macvtap(link.index, &name, &address) }
        descriptor = SharedFD(OwnedFD(adopting: opened))
        self.name = Self.text(name)
        // The node of that number may be that of a device in another namespace.
        guard self.name == link.name, LinkAddress.text(address) == link.address else {
            throw SystemError(call: "open", subject: "/dev/tap\(link.index) of '\(link.name)'", errno: .noSuchAddressOrDevice)
        }
    }

    private static func text(_ name: [CChar]) -> String {
        String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
