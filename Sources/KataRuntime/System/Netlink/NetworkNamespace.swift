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

    /// Device and inode name a namespace.
    public static func isSame(_ first: FilePath, _ second: FilePath) throws(SystemError) -> Bool {
        let (left, right) = (try FileSystem.targetStatus(first), try FileSystem.targetStatus(second))
        return left?.inode == right?.inode && left?.device == right?.device
    }
}

/// A TAP device with the descriptor through which a VM uses it; it is gone when nobody holds that any more.
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
        self.name = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
