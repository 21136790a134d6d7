// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SystemPackage

/// Sockets of version 4 of the Internet Protocol (ip(7), udp(7), tcp(7)).
public enum InternetSocket {
    public enum Kind: Sendable {
        case datagram, stream
    }

    /// Who sent a datagram.
    public struct Peer: Sendable, Hashable {
        /// In network order.
        fileprivate let host: UInt32
        fileprivate let port: UInt16
    }

    /// Non-blocking, and listening when it is for streams; EAFNOSUPPORT for an address of version 6.
    public static func bind(_ kind: Kind, _ address: IPAddress, port: UInt16) throws(SystemError) -> OwnedFD {
        let host = try word(address)
        return OwnedFD(
            adopting: try syscall("bind", "\(address):\(port)") { cl_internet_bind(kind == .stream ? 1 : 0, host, port) })
    }

    /// Blocking; a call on it fails with EAGAIN after `seconds`.
    public static func connect(_ kind: Kind, _ address: IPAddress, port: UInt16, seconds: UInt32) throws(SystemError) -> OwnedFD {
        let host = try word(address)
        return OwnedFD(
            adopting: try syscall("connect", "\(address):\(port)") { cl_internet_connect(kind == .stream ? 1 : 0, host, port, seconds) })
    }

    /// Non-blocking, from a non-blocking listener.
    public static func accept(_ listener: SharedFD) throws(SystemError) -> OwnedFD {
        OwnedFD(adopting: try syscall("accept", "\(listener.raw)") { cl_accept_nonblocking(listener.raw) })
    }

    public static func receive(upTo limit: Int, on socket: SharedFD) throws(SystemError) -> (bytes: [UInt8], peer: Peer) {
        var bytes = [UInt8](repeating: 0, count: limit)
        var (host, port): (UInt32, UInt16) = (0, 0)
        let count = try syscall("recvfrom", "\(socket.raw)") { cl_receive_from(socket.raw, &bytes, limit, &host, &port) }
        return (Array(bytes[..<count]), Peer(host: host, port: port))
    }

    public static func send(_ bytes: [UInt8], to peer: Peer, on socket: SharedFD) throws(SystemError) {
        try syscall("sendto", "\(socket.raw)") { cl_send_to(socket.raw, bytes, bytes.count, peer.host, peer.port) }
    }

    private static func word(_ address: IPAddress) throws(SystemError) -> UInt32 {
        guard !address.isVersion6 else { throw SystemError(call: "socket", subject: "\(address)", errno: .addressFamilyNotSupported) }
        return address.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }
}
