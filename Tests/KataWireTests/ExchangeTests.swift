// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SwiftProtobuf
import SystemPackage
import Testing

@testable import KataWire

/// `fixtures/wire/exchanges/<case>`: what a Go client and a Go server said to each other.
struct Exchange: CustomTestStringConvertible, Sendable {
    let name: String
    let sent: [UInt8]
    let answered: [UInt8]

    var testDescription: String { name }

    static let folder = Repository.fixtures.appending("wire").appending("exchanges")

    init(_ name: String) throws {
        self.name = name
        let lines = try fixtureText(Self.folder.appending(name).appending("exchange.hex")).split(separator: "\n")
        func bytes(_ mark: Character) throws -> [UInt8] {
            try lines.filter { $0.first == mark }.flatMap { try hexBytes(String($0.dropFirst())) }
        }
        sent = try bytes(">")
        answered = try bytes("<")
    }

    static func all() throws -> [Exchange] {
        try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { $0 != "ORIGIN" }.sorted().map(Exchange.init)
    }
}

struct PlainFailure: Error, CustomStringConvertible {
    var description: String { "plain failure" }
}

/// The service that the recorded server had.
func registerRecordedService(_ server: TTRPCServer) {
    server.register(service: "grpc.Health", method: "Check") { (request: WireCheckRequest) in
        switch request.service {
        case "missing": throw TTRPCStatus(.notFound, "no service missing")
        case "plain": throw PlainFailure()
        case "eof": throw TTRPCStatus(.outOfRange, "EOF")
        default: return WireHealthCheckResponse.with { $0.status = .serving }
        }
    }
    server.register(service: "grpc.Health", method: "Empty") { (_: WireEmpty) in WireEmpty() }
}

@Suite struct ExchangeTests {
    @Test(arguments: try Exchange.all())
    func theServerAnswersWithTheBytesOfTheGoServer(_ exchange: Exchange) async throws {
        try await withServer(registerRecordedService) { peer, _ in
            try await peer.send(exchange.sent)
            #expect(hexText(try await peer.receive(exchange.answered.count)) == hexText(exchange.answered))
        }
    }

    struct Call: CustomTestStringConvertible, Sendable {
        let exchange: String
        let method: String
        var service = "grpc.Health"
        var name = ""
        var outcome: Result<WireHealthCheckResponse.ServingStatus, TTRPCStatus> = .success(.serving)

        var testDescription: String { exchange }
    }

    static let calls = [
        Call(exchange: "answer", method: "Check", name: "grpc.AgentService"),
        Call(exchange: "empty-answer", method: "Empty", outcome: .success(.unknown)),
        Call(exchange: "not-found", method: "Check", name: "missing", outcome: .failure(.init(.notFound, "no service missing"))),
        Call(exchange: "plain-error", method: "Check", name: "plain", outcome: .failure(.init(.unknown, "plain failure"))),
        Call(exchange: "end-of-stream", method: "Check", name: "eof", outcome: .failure(.init(.outOfRange, "EOF"))),
        Call(
            exchange: "unknown-service", method: "Check", service: "grpc.Nothing",
            outcome: .failure(.init(.unimplemented, "service grpc.Nothing"))),
        Call(exchange: "unknown-method", method: "Nothing", outcome: .failure(.init(.unimplemented, "method Nothing"))),
    ]

    @Test(arguments: calls)
    func theClientSendsTheBytesOfTheGoClientAndReadsTheAnswer(_ call: Call) async throws {
        let exchange = try Exchange(call.exchange)
        try await withClient { client, peer in
            async let outcome = Self.outcome(of: call, client)
            #expect(hexText(try await peer.receive(exchange.sent.count)) == hexText(exchange.sent))
            try await peer.send(exchange.answered)
            #expect(await outcome == call.outcome)
        }
    }

    private static func outcome(
        of call: Call, _ client: TTRPCClient
    ) async -> Result<WireHealthCheckResponse.ServingStatus, TTRPCStatus> {
        do throws(TTRPCStatus) {
            let request = WireCheckRequest.with { $0.service = call.name }
            let answer: WireHealthCheckResponse = try await client.call(service: call.service, method: call.method, request)
            return .success(answer.status)
        } catch {
            return .failure(error)
        }
    }
}
