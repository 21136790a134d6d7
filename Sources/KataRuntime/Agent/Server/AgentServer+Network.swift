// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
package import KataWire

extension AgentServer {
    package func updateInterface(_ request: WireUpdateInterfaceRequest) async throws -> WireInterface {
        try await answering {
            let interface = request.interface
            try await network.apply(
                InterfaceDescription(
                    linkAddress: interface.hwAddr, name: interface.name, mtu: UInt32(clamping: interface.mtu),
                    addresses: try interface.ipaddresses.map(Self.address)))
            return interface
        }
    }

    package func updateRoutes(_ request: WireUpdateRoutesRequest) async throws -> WireRoutes {
        try await answering {
            try await network.apply(try request.routes.routes.map(Self.route))
            return request.routes
        }
    }

    package func addARPNeighbors(_ request: WireAddARPNeighborsRequest) async throws {
        try await answering {
            try await network.apply(
                try request.neighbors.arpneighbors.map { neighbour in
                    NamedLink(
                        device: neighbour.device,
                        value: NetworkNeighbour(
                            link: 0, address: try Self.parse(neighbour.toIpaddress.address), linkAddress: neighbour.lladdr,
                            state: UInt16(clamping: neighbour.state)))
                })
        }
    }

    package func serveNames(_ request: WireServeNamesRequest) async throws {
        try await answering { try await sandbox.serveNames(at: try Self.parse(request.address)) }
    }

    package func getNameQuery(_ request: WireGetNameQueryRequest) async throws -> WireNameQuery {
        try await answering {
            let (id, query) = await sandbox.nextNameQuery()
            var answer = WireNameQuery()
            answer.id = id
            answer.address = query.address.description
            answer.stream = query.isStream
            answer.bytes = query.message
            return answer
        }
    }

    package func answerNameQuery(_ request: WireNameAnswer) async throws {
        try await answering { await sandbox.answerNameQuery(request.id, request.bytes) }
    }

    private static func parse(_ text: String) throws -> IPAddress {
        guard let address = IPAddress(text) else { throw AgentFailure.invalid("read address '\(text)': not one of version 4 or 6") }
        return address
    }

    private static func address(_ address: WireIPAddress) throws -> (address: IPAddress, prefixLength: UInt8) {
        let parsed = try parse(address.address)
        guard let length = UInt8(address.mask), length <= parsed.bytes.count * 8 else {
            throw AgentFailure.invalid("read prefix length '\(address.mask)' of address '\(address.address)'")
        }
        return (parsed, length)
    }

    private static func route(_ route: WireRoute) throws -> NamedLink<NetworkRoute> {
        let parts = route.dest.split(separator: "/")
        let destination = try parts.first.map { try parse(String($0)) }
        let length = parts.count == 2 ? UInt8(parts[1]) : destination.map { UInt8($0.bytes.count * 8) }
        return NamedLink(
            device: route.device,
            value: NetworkRoute(
                link: 0, destination: destination, prefixLength: length ?? 0,
                gateway: route.gateway.isEmpty ? nil : try parse(route.gateway),
                source: route.source.isEmpty ? nil : try parse(route.source), scope: UInt8(clamping: route.scope),
                flags: route.flags, isVersion6: route.family == .v6, metric: route.metric))
    }
}
