// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SystemPackage

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
        var message = Self.message(address, flags: address.address.isVersion6 ? 0x02 : 0)
        if !address.address.isVersion6, address.prefixLength < 31 { message.add(4, Self.broadcast(address)) }
        try change(message, "add address \(address.address)/\(address.prefixLength)")
    }

    /// An address that is not there is no error; routes that need it go with it.
    public func remove(_ address: NetworkAddress) throws(SystemError) {
        let name = "\(address.address)/\(address.prefixLength)"
        try change(Self.message(address, removing: true), "remove address \(name)", unless: .addressNotAvailable)
    }

    private static func message(_ address: NetworkAddress, flags: UInt8 = 0, removing: Bool = false) -> RouteMessage {
        let fixed = [address.address.family, address.prefixLength, flags, address.scope] + rawBytes(address.link)
        var message = RouteMessage(removing ? 21 : 20, flags: removing ? 0 : RouteFlag.create | RouteFlag.replace, fixed: fixed)
        message.add(2, address.address.bytes)
        message.add(1, address.address.bytes)
        return message
    }

    private static func broadcast(_ address: NetworkAddress) -> [UInt8] {
        address.address.bytes.enumerated().map { index, byte in
            let bits = min(8, max(0, Int(address.prefixLength) - index * 8))
            return byte | UInt8(0xff >> bits)
        }
    }

    /// A route that is there already is no error. One to the same destination stays: it comes first when its metric is the same.
    public func add(_ route: NetworkRoute) throws(SystemError) {
        try change(Self.message(route), "add route \(Self.name(route))", unless: .fileExists)
    }

    /// A route that is not there is no error: it may have gone with an address.
    public func remove(_ route: NetworkRoute) throws(SystemError) {
        try change(Self.message(route, removing: true), "remove route \(Self.name(route))", unless: .noSuchProcess)
    }

    private static func name(_ route: NetworkRoute) -> String { route.destination.map { "\($0)/\(route.prefixLength)" } ?? "default" }

    static func message(_ route: NetworkRoute, removing: Bool = false) -> RouteMessage {
        let family = UInt8(route.isVersion6 ? AF_INET6 : AF_INET)
        let length = route.destination == nil ? 0 : route.prefixLength
        let fixed = [family, length, 0, 0, 254, route.origin, route.scope, 1] + rawBytes(route.flags)
        var message = RouteMessage(removing ? 25 : 24, flags: removing ? 0 : RouteFlag.create | RouteFlag.append, fixed: fixed)
        if let destination = route.destination { message.add(1, destination.bytes) }
        message.add(4, rawBytes(route.link))
        if let gateway = route.gateway { message.add(5, gateway.bytes) }
        if route.metric != 0 { message.add(6, rawBytes(route.metric)) }
        if let source = route.source { message.add(7, source.bytes) }
        return message
    }

    public func add(_ neighbour: NetworkNeighbour) throws(SystemError) {
        guard let bytes = LinkAddress.bytes(neighbour.linkAddress) else { return }
        var message = Self.message(neighbour)
        message.add(2, bytes)
        try change(message, "add neighbour \(neighbour.address)")
    }

    /// A neighbour that is not there is no error.
    public func remove(_ neighbour: NetworkNeighbour) throws(SystemError) {
        try change(Self.message(neighbour, removing: true), "remove neighbour \(neighbour.address)", unless: .noSuchFileOrDirectory)
    }

    private static func message(_ neighbour: NetworkNeighbour, removing: Bool = false) -> RouteMessage {
        let fixed = [neighbour.address.family, 0, 0, 0] + rawBytes(neighbour.link) + rawBytes(neighbour.state) + [0, 0]
        var message = RouteMessage(removing ? 29 : 28, flags: removing ? 0 : RouteFlag.create | RouteFlag.replace, fixed: fixed)
        message.add(1, neighbour.address.bytes)
        return message
    }

    /// - Parameter expected: what it says when there is nothing to be done.
    private func change(_ message: RouteMessage, _ what: String, unless expected: Errno) throws(SystemError) {
        do throws(SystemError) {
            try change(message, what)
        } catch {
            guard error.errno == expected else { throw error }
        }
    }
}
