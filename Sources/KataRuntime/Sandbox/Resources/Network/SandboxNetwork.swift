// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataConfig
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// The interfaces of a container's network namespace, each with a TAP device that the VM gets in its place.
///
/// The guest has the interface's link-layer and network addresses, and whoever furnished the namespace notices no difference.
struct SandboxNetwork: Sendable {
    struct Endpoint: Sendable {
        let link: NetworkLink
        let addresses: [NetworkAddress]
        let tap: TapDevice
        /// To be removed with the machine; nil for a device that goes with its last descriptor.
        let macvtap: Int32?
    }

    /// Nil for none.
    let namespace: SharedFD?
    private let socket: RouteSocket?
    private(set) var endpoints: [Endpoint] = []
    private(set) var routes: [NetworkRoute] = []
    private(set) var neighbours: [NetworkNeighbour] = []

    /// None.
    init() { (namespace, socket) = (nil, nil) }

    /// Takes over the network namespace of a process.
    ///
    /// The devices that are made last as long as the value or a VM that has them; macvtap devices until `release`, or as long as the namespace.
    static func attached(to process: ProcessIdentity, _ model: InternetworkingModel) async throws -> SandboxNetwork {
        guard model != .none else { return SandboxNetwork() }
        // A thread of its own, since it moves to another namespace and never comes back.
        let outcome: Result<SandboxNetwork, any Error> = try await blocking("network") {
            do {
                let namespace = try OwnedFD.open(FilePath("/proc/\(process.pid)/ns/net"), O_RDONLY)
                try NetworkNamespace.enter(namespace)
                return .success(try SandboxNetwork(attaching: RouteSocket(), of: SharedFD(namespace), model))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private init(attaching socket: RouteSocket, of namespace: SharedFD, _ model: InternetworkingModel) throws {
        self.namespace = namespace
        self.socket = socket
        do {
            for link in EndpointPlan.abandoned(among: try socket.links()) { try socket.remove(link: link.index) }
            for plan in try EndpointPlan.all(of: socket.links(), model) {
                let (tap, macvtap) = try socket.connect(plan)
                endpoints.append(Endpoint(link: plan.link, addresses: [], tap: tap, macvtap: macvtap))
            }
            try read(socket)
        } catch {
            release()
            throw error
        }
    }

    /// The addresses of the interfaces that there are, and what leads through them.
    private mutating func read(_ socket: RouteSocket) throws(SystemError) {
        if endpoints.isEmpty { return (routes, neighbours) = ([], []) }
        let addresses = try socket.addresses()
        endpoints = endpoints.map { endpoint in
            // The kernel makes link-local addresses of its own, from the same link-layer address.
            let own = addresses.filter { $0.link == endpoint.link.index && !($0.address.isVersion6 && $0.scope == Self.linkScope) }
            return Endpoint(link: endpoint.link, addresses: own, tap: endpoint.tap, macvtap: endpoint.macvtap)
        }
        let indexes = Set(endpoints.map(\.link.index))
        // The kernel's own routes come with the addresses.
        routes = try socket.routes().filter { indexes.contains($0.link) && $0.origin != Self.kernelOrigin }
        neighbours = try socket.neighbours().filter { indexes.contains($0.link) && $0.state == NetworkNeighbour.permanent }
    }

    /// The network as it has become, to be called by a thread in the namespace.
    ///
    /// Interfaces that have come are redirected, whatever the model: what that makes goes by itself.
    func rescanned() throws -> (network: SandboxNetwork, added: [Endpoint], gone: [Int32]) {
        guard let socket else { return (self, [], []) }
        let links = try socket.links()
        var next = self
        let known = Set(endpoints.map(\.link.index)), present = Set(links.map(\.index))
        next.endpoints.removeAll { !present.contains($0.link.index) }
        let new = links.filter { $0.isUp && !known.contains($0.index) && !$0.name.hasSuffix(EndpointPlan.suffix) }
        let added = try EndpointPlan.all(of: next.endpoints.map(\.link) + new, .tcfilter).dropFirst(next.endpoints.count).map { plan in
            let (tap, macvtap) = try socket.connect(plan)
            return Endpoint(link: plan.link, addresses: [], tap: tap, macvtap: macvtap)
        }
        next.endpoints += added
        try next.read(socket)
        return (next, added, Array(known.subtracting(present)))
    }

    /// Whether the guest has to be told of the difference.
    func differs(from other: SandboxNetwork) -> Bool {
        endpoints.map(\.link.index) != other.endpoints.map(\.link.index) || endpoints.map(\.addresses) != other.endpoints.map(\.addresses)
            || routes != other.routes || neighbours != other.neighbours
    }

    /// Takes away what the namespace would keep.
    func release() {
        for endpoint in endpoints {
            guard let index = endpoint.macvtap else { continue }
            _ = try? socket?.remove(link: index)  // gone with the interface below it
        }
    }

    /// RT_SCOPE_LINK and RTPROT_KERNEL.
    private static let linkScope: UInt8 = 253
    private static let kernelOrigin: UInt8 = 2

    var linkAddresses: [String] { endpoints.map(\.link.address) }
    var taps: [SharedFD] { endpoints.map(\.tap.descriptor) }

    /// Gives the guest's interfaces their names, addresses, routes and neighbours.
    ///
    /// - Parameter previous: as the guest has it; what is not there any more is taken away.
    func configure(_ agent: AgentClient, after previous: SandboxNetwork = SandboxNetwork()) async throws {
        for endpoint in endpoints { try await agent.updateInterface(.with { $0.interface = Self.wire(endpoint) }) }
        if !(routes + previous.routes).isEmpty { try await agent.updateRoutes(.with { $0.routes.routes = routes.compactMap(wire) }) }
        if !(neighbours + previous.neighbours).isEmpty {
            try await agent.addARPNeighbors(.with { $0.neighbors.arpneighbors = neighbours.compactMap(wire) })
        }
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
            $0.metric = route.metric
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

extension RouteSocket {
    /// Makes the device through which the VM uses an interface.
    fileprivate func connect(_ plan: EndpointPlan) throws -> (TapDevice, macvtap: Int32?) {
        switch plan.connection {
        case .own:
            try set(link: plan.link.index, isUp: true)
            return (try TapDevice(macvtap: plan.link), nil)
        case .macvtap:
            // Its node in /dev is named after the index, which other namespaces have too unless it is chosen at random.
            let index = Int32.random(in: 1 << 24 ... .max)
            try set(link: plan.link.index, isUp: true)
            try addMacvtap("mvt\(plan.link.index)" + EndpointPlan.suffix, index: index, over: plan.link)
            do {
                try set(link: index, alias: DeviceOwner(try .current()).alias, isUp: true)
                guard let device = try links().first(where: { $0.index == index }) else {
                    throw SandboxError.unusableInterface(plan.link.name, "its macvtap device has gone")
                }
                return (try TapDevice(macvtap: device), index)
            } catch {
                _ = try? remove(link: index)  // what went wrong first is the news
                throw error
            }
        case .redirection:
            let tap = try TapDevice(pattern: "tap%d" + EndpointPlan.suffix)
            guard let device = try links().first(where: { $0.name == tap.name }) else {
                throw SandboxError.unusableInterface(plan.link.name, "its TAP device has gone")
            }
            try set(link: device.index, mtu: plan.link.mtu, isUp: true)
            try redirect(from: plan.link.index, to: device.index)
            try redirect(from: device.index, to: plan.link.index)
            return (tap, nil)
        }
    }
}
