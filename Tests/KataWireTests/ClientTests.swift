// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import NIOPosix
import SwiftProtobuf
import Testing

@testable import KataWire

@Suite struct ClientTests {
    /// The code that a call fails with; nil when it succeeds.
    private static func code(_ client: TTRPCClient, _ name: String = "", timeout: Duration? = nil) async -> TTRPCStatus.Code? {
        do throws(TTRPCStatus) {
            let request = WireCheckRequest.with { $0.service = name }
            let _: WireHealthCheckResponse = try await client.call(
                service: "grpc.Health", method: "Check", request, timeout: timeout)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aTimeoutIsToldToTheServerAndKeptWhenTheServerIsSilent() async throws {
        try await withClient { client, peer in
            async let code = Self.code(client, timeout: .milliseconds(50))
            let request = try WireTTRPCRequest(serializedBytes: try await peer.receiveFrame().payload)
            #expect(request.timeoutNano == 50_000_000)
            #expect(await code == .deadlineExceeded)
        }
    }

    @Test func anAnswerAfterTheDeadlineIsDroppedAndTheNextCallSucceeds() async throws {
        try await withClient { client, peer in
            #expect(await Self.code(client, timeout: .milliseconds(20)) == .deadlineExceeded)
            async let code = Self.code(client)
            _ = try await peer.receiveFrame()
            _ = try await peer.receiveFrame()
            try await peer.send(frameBytes(stream: 1, type: 2) + frameBytes(stream: 3, type: 2))
            #expect(await code == nil)
        }
    }

    @Test func aCancelledTaskEndsItsCallOnly() async throws {
        try await withClient { client, peer in
            let cancelled = Task { await Self.code(client, "a") }
            _ = try await peer.receiveFrame()
            async let other = Self.code(client, "b")
            _ = try await peer.receiveFrame()
            cancelled.cancel()
            #expect(await cancelled.value == .cancelled)
            try await peer.send(frameBytes(stream: 3, type: 2))
            #expect(await other == nil)
        }
    }

    @Test func aTaskCancelledBeforeItsCallGetsNoAnswer() async throws {
        try await withClient { client, _ in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return await Self.code(client)
            }
            task.cancel()
            #expect(await task.value == .cancelled)
        }
    }

    @Test func closingFailsTheCallsThatWaitAndEveryLaterOne() async throws {
        try await withClient { client, peer in
            async let waiting = Self.code(client)
            _ = try await peer.receiveFrame()
            await client.close()
            #expect(await waiting == .cancelled)
            #expect(await Self.code(client) == .cancelled)
            #expect(try await peer.seesEnd())
        }
    }

    @Test func aHangUpFailsTheCallsThatWaitAndEveryLaterOne() async throws {
        let pair = try OwnedFD.socketPair()
        let client = try await TTRPCClient.adopt(socket: pair.first, group: MultiThreadedEventLoopGroup.singleton)
        async let waiting = Self.code(client)
        do {
            let peer = RawPeer(descriptor: SharedFD(pair.second))
            _ = try await peer.receiveFrame()
        }
        #expect(await waiting == .unavailable)
        #expect(await client.waitClosed().code == .unavailable)
        #expect(await Self.code(client) == .unavailable)
    }

    @Test func aHundredCallsAtOnceGetTheirOwnAnswersInAnyOrder() async throws {
        try await withClient { client, peer in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let answer: WireVersionCheckResponse = try await client.call(
                            service: "grpc.Health", method: "Version", WireCheckRequest.with { $0.service = "\(number)" })
                        #expect(answer.agentVersion == "\(number)")
                    }
                }
                var requests: [(stream: UInt32, name: String)] = []
                for _ in 0..<100 {
                    let (header, payload) = try await peer.receiveFrame()
                    let request = try WireCheckRequest(serializedBytes: try WireTTRPCRequest(serializedBytes: payload).payload)
                    requests.append((header[4..<8].reduce(0) { $0 << 8 | UInt32($1) }, request.service))
                }
                #expect(requests.map(\.stream) == (0..<100).map { 2 * $0 + 1 })
                for (stream, name) in requests.shuffled() {
                    let answer: [UInt8] = try WireTTRPCResponse.with {
                        $0.payload = Data([0x12, UInt8(name.utf8.count)] + Array(name.utf8))  // agent_version = 2
                    }.serializedBytes()
                    try await peer.send(frameBytes(stream: stream, type: 2, answer))
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aRequestBeyondTheLimitIsRefusedUnsent() async throws {
        try await withClient { client, peer in
            let refused = await Self.code(client, String(repeating: "x", count: 4 << 20))
            #expect(refused == .resourceExhausted)
            async let code = Self.code(client)
            #expect(try await peer.receiveFrame().header[4..<8] == [0, 0, 0, 1])
            try await peer.send(frameBytes(stream: 1, type: 2))
            #expect(await code == nil)
        }
    }

    @Test func anAnswerBeyondTheLimitFailsItsCallOnly() async throws {
        try await withClient { client, peer in
            async let big = Self.code(client)
            _ = try await peer.receiveFrame()
            try await peer.send(frameBytes(stream: 1, type: 2, [UInt8](repeating: 0, count: 4 << 20 | 1)))
            #expect(await big == .resourceExhausted)
            async let next = Self.code(client)
            _ = try await peer.receiveFrame()
            try await peer.send(frameBytes(stream: 3, type: 2))
            #expect(await next == nil)
        }
    }

    struct Violation: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let bytes: [UInt8]
        let error: FramingError
    }

    static let violations = [
        Violation(testDescription: "a request", bytes: frameBytes(stream: 1, type: 1), error: .unexpectedType(1)),
        Violation(testDescription: "data", bytes: frameBytes(stream: 1, type: 3, [1]), error: .unexpectedType(3)),
        Violation(testDescription: "type 0", bytes: [UInt8](repeating: 0, count: 10), error: .unexpectedType(0)),
        Violation(testDescription: "an even stream", bytes: frameBytes(stream: 2, type: 2), error: .unknownStream(2)),
        Violation(testDescription: "stream 0", bytes: frameBytes(stream: 0, type: 2), error: .unknownStream(0)),
        Violation(testDescription: "a stream not yet opened", bytes: frameBytes(stream: 3, type: 2), error: .unknownStream(3)),
        Violation(testDescription: "not protobuf", bytes: frameBytes(stream: 1, type: 2, [0xFF]), error: .malformedResponse(stream: 1)),
        Violation(
            testDescription: "an oversized answer to nobody",
            bytes: bigEndian(4 << 20 | 1) + bigEndian(9) + [2, 0] + [UInt8](repeating: 0, count: 4 << 20 | 1),
            error: .unknownStream(9)),
    ]

    @Test(arguments: violations)
    func bytesThatNoServerSendsEndTheConnection(_ violation: Violation) async throws {
        try await withClient { client, peer in
            async let code = Self.code(client)
            _ = try await peer.receiveFrame()
            try await peer.send(violation.bytes)
            #expect(await code == .unavailable)
            #expect(await client.waitClosed() == TTRPCStatus(.unavailable, errorChain(violation.error)))
            #expect(try await peer.seesEnd())
        }
    }

    @Test(arguments: [Array(frameBytes(stream: 1, type: 2, [1, 2, 3]).dropLast()), [0, 0, 0]])
    func aStreamThatEndsInsideAFrameIsAFramingError(_ bytes: [UInt8]) async throws {
        let pair = try OwnedFD.socketPair()
        let client = try await TTRPCClient.adopt(socket: pair.first, group: MultiThreadedEventLoopGroup.singleton)
        do {
            let peer = RawPeer(descriptor: SharedFD(pair.second))
            try await peer.send(bytes)
        }
        #expect(await client.waitClosed() == TTRPCStatus(.unavailable, errorChain(FramingError.truncated)))
    }

    @Test func anAnswerThatIsNotTheMethodsMessageFailsTheCallOnly() async throws {
        try await withClient { client, peer in
            async let bad = Self.code(client)
            _ = try await peer.receiveFrame()
            let envelope: [UInt8] = try WireTTRPCResponse.with { $0.payload = Data([0xFF]) }.serializedBytes()
            try await peer.send(frameBytes(stream: 1, type: 2, envelope))
            #expect(await bad == .internal)
        }
    }

    @Test(arguments: [(Duration.nanoseconds(0), Int64(1)), (.seconds(60), 60_000_000_000), (.seconds(Int64.max), .max)])
    func aTimeoutIsNeverSentAsNone(_ timeout: Duration, _ sent: Int64) throws {
        let payload = try Envelope.request(service: "s", method: "m", message: WireEmpty(), timeout: timeout)
        #expect(Envelope.decode(WireTTRPCRequest.self, payload)?.timeoutNano == sent)
    }
}
