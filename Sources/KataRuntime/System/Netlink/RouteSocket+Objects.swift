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
                origin: reply.fixed[5])
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

/// What is to be.
extension RouteSocket {
    private static let up: UInt32 = 0x1

    /// Sets what is named, and takes the device up or down.
    public func set(link index: Int32, name: String? = nil, mtu: UInt32? = nil, alias: String? = nil, isUp: Bool) throws(SystemError) {
        let fixed = rawBytes(UInt32(0)) + rawBytes(index) + rawBytes(isUp ? Self.up : 0) + rawBytes(Self.up)
        var message = RouteMessage(16, flags: 0, fixed: fixed)
        if let name { message.add(3, text: name) }
        if let mtu, mtu > 0 { message.add(4, rawBytes(mtu)) }
        if let alias { message.add(20, text: alias) }
        try change(message, "set device \(name ?? "\(index)")")
    }

    /// A macvtap device through which all unicast frames of another one go, which may have no other on top of it.
    ///
    /// - Parameter index: of the new device.
    public func addMacvtap(_ name: String, index: Int32, over lower: NetworkLink) throws(SystemError) {
        let fixed = rawBytes(UInt32(0)) + rawBytes(index) + rawBytes(UInt32(0)) + rawBytes(UInt32(0))
        var message = RouteMessage(16, flags: RouteFlag.create | RouteFlag.exclusive, fixed: fixed)
        message.add(3, text: name)
        message.add(4, rawBytes(lower.mtu))
        message.add(5, rawBytes(lower.index))
        message.nest(18) { info in
            info.add(1, text: "macvtap")
            // MACVLAN_MODE_PASSTHRU
            info.nest(2) { $0.add(1, rawBytes(UInt32(8))) }
        }
        try change(message, "add macvtap device over \(lower.name)")
    }

    public func remove(link index: Int32) throws(SystemError) {
        let fixed = rawBytes(UInt32(0)) + rawBytes(index) + rawBytes(UInt32(0)) + rawBytes(UInt32(0))
        try change(RouteMessage(17, flags: 0, fixed: fixed), "remove device \(index)")
    }

    /// An address that is there already is no error.
    public func add(_ address: NetworkAddress) throws(SystemError) {
        // IFA_F_NODAD: an address of version 6 can be used at once.
        let flags: UInt8 = address.address.isVersion6 ? 0x02 : 0
        let fixed = [address.address.family, address.prefixLength, flags, address.scope] + rawBytes(address.link)
        var message = RouteMessage(20, flags: RouteFlag.create | RouteFlag.replace, fixed: fixed)
        message.add(2, address.address.bytes)
        message.add(1, address.address.bytes)
        if !address.address.isVersion6, address.prefixLength < 31 { message.add(4, Self.broadcast(address)) }
        try change(message, "add address \(address.address)/\(address.prefixLength)")
    }

    private static func broadcast(_ address: NetworkAddress) -> [UInt8] {
        address.address.bytes.enumerated().map { index, byte in
            let bits = min(8, max(0, Int(address.prefixLength) - index * 8))
            return byte | UInt8(0xff >> bits)
        }
    }

    /// A route that is there already is no error.
    public func add(_ route: NetworkRoute) throws(SystemError) {
        let family = UInt8(route.isVersion6 ? AF_INET6 : AF_INET)
        let length = route.destination == nil ? 0 : route.prefixLength
        let fixed = [family, length, 0, 0, 254, route.origin, route.scope, 1] + rawBytes(route.flags)
        var message = RouteMessage(24, flags: RouteFlag.create | RouteFlag.replace, fixed: fixed)
        if let destination = route.destination { message.add(1, destination.bytes) }
        message.add(4, rawBytes(route.link))
        if let gateway = route.gateway { message.add(5, gateway.bytes) }
        if let source = route.source { message.add(7, source.bytes) }
        try change(message, "add route \(route.destination.map { "\($0)/\(route.prefixLength)" } ?? "default")")
    }

    public func add(_ neighbour: NetworkNeighbour) throws(SystemError) {
        guard let bytes = LinkAddress.bytes(neighbour.linkAddress) else { return }
        let fixed = [neighbour.address.family, 0, 0, 0] + rawBytes(neighbour.link) + rawBytes(neighbour.state) + [0, 0]
        var message = RouteMessage(28, flags: RouteFlag.create | RouteFlag.replace, fixed: fixed)
        message.add(1, neighbour.address.bytes)
        message.add(2, bytes)
        try change(message, "add neighbour \(neighbour.address)")
    }
}

/// Traffic control (tc(8)).
extension RouteSocket {
    private static let ingressHandle: UInt32 = 0xffff_0000
    private static let ingressParent: UInt32 = 0xffff_fff1

    /// Sends every frame that one device receives out of another one; the host's own network stack sees none of them.
    ///
    /// An ingress queue of before is replaced.
    public func redirect(from source: Int32, to target: Int32) throws(SystemError) {
        func control(_ type: UInt16, _ flags: UInt16, handle: UInt32, parent: UInt32, info: UInt32) -> RouteMessage {
            RouteMessage(
                type, flags: flags,
                fixed: rawBytes(UInt32(0)) + rawBytes(source) + rawBytes(handle) + rawBytes(parent) + rawBytes(info))
        }
        // RTM_DELQDISC; usually there is none.
        _ = try? change(control(37, 0, handle: Self.ingressHandle, parent: Self.ingressParent, info: 0), "remove ingress queue")
        var queue = control(
            36, RouteFlag.create | RouteFlag.exclusive, handle: Self.ingressHandle, parent: Self.ingressParent, info: 0)
        queue.add(1, text: "ingress")
        try change(queue, "add ingress queue of device \(source)")
        // Priority 1, every protocol (ETH_P_ALL in network order).
        var filter = control(
            44, RouteFlag.create | RouteFlag.exclusive, handle: 0, parent: Self.ingressHandle, info: 1 << 16 | UInt32(UInt16(3).bigEndian))
        filter.add(1, text: "u32")
        filter.nest(2) { options in
            // tc_u32_sel: terminal, with one key that is nothing but zeros and matches all.
            options.add(5, [1, 0, 1, 0] + [UInt8](repeating: 0, count: 12 + 16))
            options.nest(7) { actions in
                actions.nest(1) { action in
                    action.add(1, text: "mirred")
                    action.nest(2) { parameters in
                        // tc_mirred: index, capabilities, TC_ACT_STOLEN, two counts, TCA_EGRESS_REDIR, device.
                        let numbers: [Int32] = [0, 0, 4, 0, 0, 1, target]
                        parameters.add(2, numbers.flatMap { rawBytes($0) })
                    }
                }
            }
        }
        try change(filter, "redirect device \(source) to device \(target)")
    }
}
