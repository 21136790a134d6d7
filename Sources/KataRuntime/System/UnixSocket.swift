// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// Blocking unix stream sockets that can carry descriptors (unix(7)).
public enum UnixSocket {
    /// Most descriptors in one message.
    public static let maximumRights = Int(CL_MAX_RIGHTS)

    /// A listening socket, mode 0600; ENAMETOOLONG beyond 107 bytes of path.
    public static func listen(_ path: FilePath) throws(SystemError) -> OwnedFD {
        OwnedFD(adopting: try syscall("bind", path.string) { path.withPlatformString { cl_unix_listen($0) } })
    }

    public static func connect(_ path: FilePath) throws(SystemError) -> OwnedFD {
        OwnedFD(adopting: try syscall("connect", path.string) { path.withPlatformString { cl_unix_connect($0) } })
    }

    /// Blocks for the next connection.
    public static func accept(_ listener: SharedFD) throws(SystemError) -> OwnedFD {
        let number = listener.raw
        return OwnedFD(adopting: try syscall("accept", "\(number)") { cl_accept(number) })
    }

    /// Sends `bytes`, which must be few enough for one message, with the descriptors.
    public static func send(_ bytes: [UInt8], descriptors: [SharedFD], on socket: borrowing OwnedFD) throws(SystemError) {
        let number = socket.raw
        let numbers = descriptors.map(\.raw)
        let sent = try syscall("sendmsg", "\(number)") { cl_send_rights(number, bytes, bytes.count, numbers, numbers.count) }
        withExtendedLifetime(descriptors) {}
        if sent != bytes.count { throw SystemError(call: "sendmsg", subject: "\(number)", errno: Errno(rawValue: EMSGSIZE)) }
    }

    /// Receives one message of at most `limit` bytes; no bytes at end of file.
    public static func receive(
        upTo limit: Int, on socket: borrowing OwnedFD
    ) throws(SystemError) -> (bytes: [UInt8], descriptors: [SharedFD]) {
        let number = socket.raw
        var bytes = [UInt8](repeating: 0, count: limit)
        var numbers = [CInt](repeating: -1, count: maximumRights)
        var count = 0
        let received = try syscall("recvmsg", "\(number)") {
            count = maximumRights
            return cl_receive_rights(number, &bytes, limit, &numbers, &count)
        }
        return (Array(bytes[..<received]), numbers[..<count].map { SharedFD(OwnedFD(adopting: $0)) })
    }
}
