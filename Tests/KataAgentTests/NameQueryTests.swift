// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataTestSupport
internal import KataWire
internal import SystemPackage
internal import Testing

/// The tests' process shares the agent's loopback device.
@Suite(.serialized, .needs(.root, .program("unshare"), .program("busybox")), .timeLimit(.minutes(2)))
struct NameQueryTests {
    private static let server = IPAddress("127.53.0.11")
    /// Of 10,000.
    private static let length: [UInt8] = [0x27, 0x10]

    private static func answer(_ agent: AgentFixture, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]) async throws -> WireNameQuery {
        let query = try await agent.client.getNameQuery()
        var answer = WireNameAnswer()
        answer.id = query.id
        answer.bytes = change(query.bytes)
        try await agent.client.answerNameQuery(answer)
        return query
    }

    private static func ask(_ kind: InternetSocket.Kind, _ bytes: [UInt8], expecting count: Int) async throws -> [UInt8] {
        let server = try #require(server)
        let outcome: Result<[UInt8], any Error> = try await blocking("ask") {
            Result {
                let socket = try InternetSocket.connect(kind, server, port: 53, seconds: 60)
                try socket.writeAll(bytes)
                var all: [UInt8] = []
                while all.count < count {
                    let part = try socket.read(upTo: count)
                    if part.isEmpty { break }
                    all += part
                }
                return all
            }
        }
        return try outcome.get()
    }

    @Test("a datagram reaches the host, and its answer the one who asked")
    func datagrams() async throws {
        try await AgentFixture.with { agent async throws in
            var request = WireServeNamesRequest()
            request.address = "127.53.0.11"
            try await agent.client.serveNames(request)
            try await agent.client.serveNames(request)
            async let first = Self.ask(.datagram, [1, 2, 3], expecting: 3)
            let query = try await Self.answer(agent) { $0.reversed() }
            #expect(query.address == "127.53.0.11" && !query.stream && query.bytes == [1, 2, 3])
            #expect(try await first == [3, 2, 1])
        }
    }

    @Test("a stream carries several queries behind their lengths, and ends where there is no answer")
    func streams() async throws {
        try await AgentFixture.with { agent async throws in
            var request = WireServeNamesRequest()
            request.address = "127.53.0.11"
            try await agent.client.serveNames(request)
            let long = [UInt8](repeating: 7, count: 10_000)
            async let all = Self.ask(.stream, [0, 1, 9] + Self.length + long + [0, 1, 5], expecting: 20_000)
            #expect(try await Self.answer(agent) { $0 + [10] }.bytes == [9])
            #expect(try await Self.answer(agent) { $0 }.bytes == long)
            #expect(try await Self.answer(agent) { _ in [] }.bytes == [5])
            #expect(try await all == [0, 2, 9, 10] + Self.length + long)
        }
    }

    @Test("an address of version 6 is refused")
    func otherAddresses() async throws {
        try await AgentFixture.with { agent async throws in
            for address in ["::1", "name"] {
                var request = WireServeNamesRequest()
                request.address = address
                await #expect(throws: TTRPCStatus.self) { try await agent.client.serveNames(request) }
            }
        }
    }
}
