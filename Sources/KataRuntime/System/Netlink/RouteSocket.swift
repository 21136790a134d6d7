// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SystemPackage

/// A route netlink socket (rtnetlink(7)): network devices, addresses, routes and traffic control.
///
/// It belongs to the network namespace of the thread that made it, whoever uses it later. One request at a time.
public struct RouteSocket: Sendable {
    private let descriptor: SharedFD

    public init() throws(SystemError) {
        descriptor = SharedFD(OwnedFD(adopting: try syscall("socket", "route netlink") { cl_route_socket() }))
    }

    /// - Parameter what: the subject of an error.
    func change(_ message: RouteMessage, _ what: String) throws(SystemError) {
        var acknowledged = message.bytes
        let flags: UInt16 = rawNumber(acknowledged[6...]) ?? 0
        acknowledged.replaceSubrange(6..<8, with: rawBytes(flags | RouteFlag.acknowledge))
        try descriptor.writeAll(acknowledged)
        _ = try replies(fixedLength: 0, what)
    }

    /// All objects of a kind.
    func dump(_ message: RouteMessage, fixedLength: Int, _ what: String) throws(SystemError) -> [RouteReply] {
        try descriptor.writeAll(message.bytes)
        return try replies(fixedLength: fixedLength, what)
    }

    private func replies(fixedLength: Int, _ what: String) throws(SystemError) -> [RouteReply] {
        var found: [RouteReply] = []
        while true {
            let datagram = try receive()
            var rest = datagram[...]
            while let length: UInt32 = rawNumber(rest), length >= RouteMessage.headerLength, Int(length) <= rest.count,
                let type: UInt16 = rawNumber(rest.dropFirst(4))
            {
                let body = rest.prefix(Int(length)).dropFirst(RouteMessage.headerLength)
                switch type {
                case 2:  // NLMSG_ERROR; 0 acknowledges
                    let number: Int32 = rawNumber(body) ?? 0
                    if number == 0 { return found }
                    throw SystemError(call: "netlink", subject: what, errno: Errno(rawValue: -number))
                case 3: return found  // NLMSG_DONE
                default: found.append(RouteReply(type: type, body: body, fixedLength: fixedLength))
                }
                rest = rest.dropFirst((Int(length) + 3) & ~3)
            }
        }
    }

    /// The kernel's dumps come in datagrams of at most 32 KiB.
    private static let largest = 1 << 17

    private func receive() throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.largest)
        let count = try descriptor.withRaw { raw throws(SystemError) in
            try syscall("recv", "route netlink") { cl_route_receive(raw, &bytes, Self.largest) }
        }
        guard count <= Self.largest else { throw SystemError(call: "recv", subject: "route netlink", errno: .messageTooLong) }
        return Array(bytes.prefix(Int(count)))
    }
}
