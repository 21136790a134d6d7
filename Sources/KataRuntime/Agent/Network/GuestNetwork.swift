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
package struct NamedLink<Value: Sendable>: Sendable {
    package var device: String
    package var value: Value
}

/// The guest's interfaces, addresses, routes and neighbours.
package struct GuestNetwork: Sendable {
    private let socket: RouteSocket

    package init() throws(SystemError) { socket = try RouteSocket() }

    /// How long the kernel may take to find a device that was there when it started.
    private static let patience = Duration.seconds(5)

    /// Names the interface, gives it its addresses and takes it up.
    package func apply(_ interface: InterfaceDescription) async throws {
        let link = try await found(interface.linkAddress)
        if link.name != interface.name {
            // Kernels before 6.0 rename only what is down; the name's present owner gets another one first.
            if let owner = try socket.links().first(where: { $0.name == interface.name }) {
                try socket.set(link: owner.index, name: "renamed\(owner.index)", isUp: false)
            }
            try socket.set(link: link.index, name: interface.name, isUp: false)
        }
        try socket.set(link: link.index, mtu: interface.mtu, isUp: true)
        for (address, prefixLength) in interface.addresses {
            try socket.add(NetworkAddress(link: link.index, address: address, prefixLength: prefixLength))
        }
    }

    private func found(_ linkAddress: String) async throws -> NetworkLink {
        let news = try DeviceNews(patience: Self.patience)
        var isInTime = true
        while true {
            if let link = try socket.links().first(where: { $0.address == linkAddress.lowercased() && !$0.isLoopback }) { return link }
            guard isInTime else { throw AgentFailure.invalid("find interface with link-layer address '\(linkAddress)': there is none") }
            isInTime = try await news.next()
        }
    }

    /// Those without a gateway first: the others are reached through them.
    package func apply(_ routes: [NamedLink<NetworkRoute>]) throws {
        for route in routes.filter({ $0.value.gateway == nil }) + routes.filter({ $0.value.gateway != nil }) {
            var value = route.value
            value.link = try index(of: route.device)
            try socket.add(value)
        }
    }

    package func apply(_ neighbours: [NamedLink<NetworkNeighbour>]) throws {
        for neighbour in neighbours {
            var value = neighbour.value
            value.link = try index(of: neighbour.device)
            try socket.add(value)
        }
    }

    private func index(of name: String) throws -> Int32 {
        guard let link = try socket.links().first(where: { $0.name == name }) else {
            throw AgentFailure.invalid("find interface '\(name)': there is none")
        }
        return link.index
    }
}
