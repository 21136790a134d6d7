// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// The interfaces of a container's network namespace, each joined to a TAP device that the VM gets in its place.
///
/// Frames are redirected both ways in the kernel (Kata's `tcfilter`): the guest has the interface's link-layer and network
/// addresses, and whoever furnished the namespace notices no difference.
struct SandboxNetwork: Sendable {
    struct Endpoint: Sendable {
        let link: NetworkLink
        let addresses: [NetworkAddress]
        let tap: TapDevice
    }

    /// Nil for none.
    let namespace: SharedFD?
    private(set) var endpoints: [Endpoint] = []
    private(set) var routes: [NetworkRoute] = []
    private(set) var neighbours: [NetworkNeighbour] = []

    /// None.
    init() { namespace = nil }

    /// Takes over the network namespace of a process.
    ///
    /// The TAP devices last as long as the value or a VM that has them.
    static func attached(to process: ProcessIdentity) async throws -> SandboxNetwork {
        // A thread of its own, since it moves to another namespace and never comes back.
        let outcome: Result<SandboxNetwork, any Error> = try await blocking("network") {
            do {
                let namespace = try OwnedFD.open(FilePath("/proc/\(process.pid)/ns/net"), O_RDONLY)
                try NetworkNamespace.enter(namespace)
                return .success(try SandboxNetwork(attaching: RouteSocket(), of: SharedFD(namespace)))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private static let tapSuffix = "_kata"

    private init(attaching socket: RouteSocket, of namespace: SharedFD) throws {
        self.namespace = namespace
        let links = try socket.links().filter { !$0.isLoopback && $0.isEthernet }
        if let other = links.first(where: { $0.name.hasSuffix(Self.tapSuffix) }) { throw SandboxError.networkInUse(other.name) }
        guard !links.isEmpty else { return }
        let addresses = try socket.addresses()
        for link in links {
            let tap = try TapDevice(pattern: "tap%d" + Self.tapSuffix)
            guard let device = try socket.links().first(where: { $0.name == tap.name }) else { continue }  // nobody else removes it
            try socket.set(link: device.index, mtu: link.mtu, isUp: true)
            try socket.redirect(from: link.index, to: device.index)
            try socket.redirect(from: device.index, to: link.index)
            // The kernel makes link-local addresses of its own, from the same link-layer address.
            let own = addresses.filter { $0.link == link.index && !($0.address.isVersion6 && $0.scope == Self.linkScope) }
            endpoints.append(Endpoint(link: link, addresses: own, tap: tap))
        }
        let indexes = Set(links.map(\.index))
        // The kernel's own routes come with the addresses.
        routes = try socket.routes().filter { indexes.contains($0.link) && $0.origin != Self.kernelOrigin }
        neighbours = try socket.neighbours().filter { indexes.contains($0.link) && $0.state == NetworkNeighbour.permanent }
    }

    /// RT_SCOPE_LINK and RTPROT_KERNEL.
    private static let linkScope: UInt8 = 253
    private static let kernelOrigin: UInt8 = 2

    var linkAddresses: [String] { endpoints.map(\.link.address) }
    var taps: [SharedFD] { endpoints.map(\.tap.descriptor) }

    /// Gives the guest's interfaces their names, addresses, routes and neighbours.
    func configure(_ agent: AgentClient) async throws {
        for endpoint in endpoints { try await agent.updateInterface(.with { $0.interface = Self.wire(endpoint) }) }
        if !routes.isEmpty { try await agent.updateRoutes(.with { $0.routes.routes = routes.compactMap(wire) }) }
        if !neighbours.isEmpty { try await agent.addARPNeighbors(.with { $0.neighbors.arpneighbors = neighbours.compactMap(wire) }) }
    }

    private func name(of link: Int32) -> String? { endpoints.first { $0.link.index == link }?.link.name }

    private static func wire(_ endpoint: Endpoint) -> WireInterface {
        .with {
            $0.device = endpoint.link.name
            $0.name = endpoint.link.name
            $0.mtu = UInt64(endpoint.link.mtu)
            $0.hwAddr = endpoint.link.address
            $0.ipaddresses = endpoint.addresses.map { wire($0.address, prefixLength: $0.prefixLength) }
        }
    }

    private static func wire(_ address: IPAddress, prefixLength: UInt8) -> WireIPAddress {
        .with {
            $0.family = address.isVersion6 ? .v6 : .v4
            $0.address = address.description
            $0.mask = "\(prefixLength)"
        }
    }

    private func wire(_ route: NetworkRoute) -> WireRoute? {
        guard let name = name(of: route.link) else { return nil }
        return .with {
            $0.dest = route.destination.map { "\($0)/\(route.prefixLength)" } ?? ""
            $0.gateway = route.gateway?.description ?? ""
            $0.source = route.source?.description ?? ""
            $0.device = name
            $0.scope = UInt32(route.scope)
            $0.flags = route.flags
            $0.family = route.isVersion6 ? .v6 : .v4
        }
    }

    private func wire(_ neighbour: NetworkNeighbour) -> WireARPNeighbor? {
        guard let name = name(of: neighbour.link) else { return nil }
        return .with {
            $0.toIpaddress = Self.wire(neighbour.address, prefixLength: 0)
            $0.device = name
            $0.lladdr = neighbour.linkAddress
            $0.state = Int32(neighbour.state)
        }
    }
}
