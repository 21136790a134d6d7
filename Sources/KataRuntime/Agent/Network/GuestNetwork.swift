// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
internal import SystemPackage

/// An interface of the guest as the host wants it.
package struct InterfaceDescription: Sendable {
    /// By which it is found.
    package var linkAddress: String
    package var name: String
    /// 0 leaves the kernel's.
    package var mtu: UInt32
    package var addresses: [(address: IPAddress, prefixLength: UInt8)]
}

/// A route or a neighbour whose interface is named.
package struct NamedLink<Value: Sendable & Hashable>: Sendable, Hashable {
    package var device: String
    package var value: Value
}

/// The guest's interfaces, addresses, routes and neighbours.
///
/// What the host has once named and does not name again is taken away; what containers have made is left alone.
package actor GuestNetwork {
    /// By the interface's link-layer address.
    private var addresses: [String: [NetworkAddress]] = [:]
    private var routes: [NamedLink<NetworkRoute>] = []
    private var neighbours: [NamedLink<NetworkNeighbour>] = []

    package init() {}

    /// How long the kernel may take to find a device that was there when it started.
    private static let patience = Duration.seconds(5)

    /// Names the interface, gives it its addresses and takes it up.
    package func apply(_ interface: InterfaceDescription) async throws {
        let socket = try RouteSocket()
        let link = try await found(interface.linkAddress, socket)
        if link.name != interface.name {
            // Kernels before 6.0 rename only what is down; the name's present owner gets another one first.
            if let owner = try socket.links().first(where: { $0.name == interface.name }) {
                try socket.set(link: owner.index, name: "renamed\(owner.index)", isUp: false)
            }
            try socket.set(link: link.index, name: interface.name, isUp: false)
        }
        try socket.set(link: link.index, mtu: interface.mtu, isUp: true)
        let wanted = interface.addresses.map { NetworkAddress(link: link.index, address: $0.address, prefixLength: $0.prefixLength) }
        // First, since with the first address of a network the kernel takes the others away.
        for address in addresses[link.address, default: []] where !wanted.contains(address) { try socket.remove(address) }
        addresses[link.address] = wanted
        for address in wanted { try socket.add(address) }
    }

    private func found(_ linkAddress: String, _ socket: RouteSocket) async throws -> NetworkLink {
        let news = try DeviceNews(patience: Self.patience)
        var isInTime = true
        while true {
            if let link = try socket.links().first(where: { $0.address == linkAddress.lowercased() && !$0.isLoopback }) { return link }
            guard isInTime else { throw AgentFailure.invalid("find interface with link-layer address '\(linkAddress)': there is none") }
            isInTime = try await news.next()
        }
    }

    /// Those without a gateway first: the others are reached through them.
    package func apply(_ wanted: [NamedLink<NetworkRoute>]) throws {
        let socket = try RouteSocket()
        let links = try socket.links()
        for route in routes where !wanted.contains(route) {
            if let gone = route.placed(links) { try socket.remove(gone) }
        }
        routes = wanted
        for route in wanted.filter({ $0.value.gateway == nil }) + wanted.filter({ $0.value.gateway != nil }) {
            guard let value = route.placed(links) else { throw Self.missing(route.device) }
            try socket.add(value)
        }
    }

    package func apply(_ wanted: [NamedLink<NetworkNeighbour>]) throws {
        let socket = try RouteSocket()
        let links = try socket.links()
        for neighbour in neighbours where !wanted.contains(neighbour) {
            if let gone = neighbour.placed(links) { try socket.remove(gone) }
        }
        neighbours = wanted
        for neighbour in wanted {
            guard let value = neighbour.placed(links) else { throw Self.missing(neighbour.device) }
            try socket.add(value)
        }
    }

    private static func missing(_ name: String) -> AgentFailure { .invalid("find interface '\(name)': there is none") }
}

/// What hangs on an interface, which the kernel knows by a number.
private protocol OnLink {
    var link: Int32 { get set }
}

extension NetworkRoute: OnLink {}
extension NetworkNeighbour: OnLink {}

extension NamedLink where Value: OnLink {
    /// Nil when there is no such interface (any more).
    fileprivate func placed(_ links: [NetworkLink]) -> Value? {
        guard let link = links.first(where: { $0.name == device }) else { return nil }
        var value = value
        value.link = link.index
        return value
    }
}
