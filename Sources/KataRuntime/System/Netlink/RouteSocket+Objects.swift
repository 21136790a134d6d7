// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SystemPackage

/// What there is.
extension RouteSocket {
    public func links() throws(SystemError) -> [NetworkLink] {
        // ifinfomsg: family, type, index, flags, change.
        let request = RouteMessage(18, flags: RouteFlag.dump, fixed: [UInt8](repeating: 0, count: 16))
        return try dump(request, fixedLength: 16, "list devices").compactMap { reply in
            guard reply.type == 16, let index: Int32 = rawNumber(reply.fixed[4...]) else { return nil }
            return NetworkLink(
                index: index, name: reply.text(3) ?? "", hardwareType: rawNumber(reply.fixed[2...]) ?? 0,
                flags: rawNumber(reply.fixed[8...]) ?? 0, mtu: reply.number(4) ?? 0, address: LinkAddress.text(reply[1] ?? []),
                kind: reply.nested(18)[1].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } ?? "",
                master: reply.number(10) ?? 0, mode: reply.nested(18, 2)[1].flatMap { rawNumber($0[...]) } ?? 0,
                alias: reply.text(20) ?? "")
        }
    }

    public func addresses() throws(SystemError) -> [NetworkAddress] {
        // ifaddrmsg: family, prefix length, flags, scope, index.
        let request = RouteMessage(22, flags: RouteFlag.dump, fixed: [UInt8](repeating: 0, count: 8))
        return try dump(request, fixedLength: 8, "list addresses").compactMap { reply in
            // IFA_LOCAL differs from IFA_ADDRESS, which is then the peer's, on point-to-point devices.
            guard reply.type == 20, let index: Int32 = rawNumber(reply.fixed[4...]),
                let address = (reply[2] ?? reply[1]).flatMap({ IPAddress(bytes: $0) })
            else { return nil }
            return NetworkAddress(link: index, address: address, prefixLength: reply.fixed[1], scope: reply.fixed[3])
        }
    }

    /// Unicast routes of the main table.
    public func routes() throws(SystemError) -> [NetworkRoute] {
        // rtmsg: family, prefix lengths of destination and source, tos, table, protocol, scope, type, flags.
        let request = RouteMessage(26, flags: RouteFlag.dump, fixed: [UInt8](repeating: 0, count: 12))
        return try dump(request, fixedLength: 12, "list routes").compactMap { reply in
            let table: UInt32 = reply.number(15) ?? UInt32(reply.fixed[4])
            guard reply.type == 24, table == 254, reply.fixed[7] == 1, let link: Int32 = reply.number(4) else { return nil }
            return NetworkRoute(
                link: link, destination: reply[1].flatMap { IPAddress(bytes: $0) }, prefixLength: reply.fixed[1],
                gateway: reply[5].flatMap { IPAddress(bytes: $0) }, source: reply[7].flatMap { IPAddress(bytes: $0) },
                scope: reply.fixed[6], flags: rawNumber(reply.fixed[8...]) ?? 0, isVersion6: reply.fixed[0] == UInt8(AF_INET6),
                origin: reply.fixed[5], metric: reply.number(6) ?? 0)
        }
    }

    public func neighbours() throws(SystemError) -> [NetworkNeighbour] {
        // ndmsg: family and three bytes, index, state, flags, type.
        let request = RouteMessage(30, flags: RouteFlag.dump, fixed: [UInt8](repeating: 0, count: 12))
        return try dump(request, fixedLength: 12, "list neighbours").compactMap { reply in
            guard reply.type == 28, let link: Int32 = rawNumber(reply.fixed[4...]), let state: UInt16 = rawNumber(reply.fixed[8...]),
                let address = reply[1].flatMap({ IPAddress(bytes: $0) })
            else { return nil }
            return NetworkNeighbour(link: link, address: address, linkAddress: LinkAddress.text(reply[2] ?? []), state: state)
        }
    }
}
