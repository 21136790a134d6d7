// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import NIOPosix
import SwiftProtobuf
import SystemPackage
import Testing

@testable import KataWire

/// What a handler has seen, for a test to wait for.
actor Sightings {
    private var seen: [String] = []
    private var waiting: [(String, CheckedContinuation<Void, Never>)] = []

    func note(_ name: String) {
        seen.append(name)
        for (wanted, continuation) in waiting where wanted == name { continuation.resume() }
        waiting.removeAll { $0.0 == name }
    }

    func wait(_ name: String) async {
        if seen.contains(name) { return }
        await withCheckedContinuation { waiting.append((name, $0)) }
    }
}

@Suite struct ServerTests {
    /// `Wait` ends with its cancellation only; `Stubborn` heeds it late and answers all the same.
    private static func registerWaiting(_ server: TTRPCServer, _ sightings: Sightings) {
        registerRecordedService(server)
        server.register(service: "test", method: "Wait") { (_: WireEmpty) async throws -> WireEmpty in
            await sightings.note("began")
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                await sightings.note("cancelled")
                throw error
            }
            return WireEmpty()
        }
        server.register(service: "test", method: "Big") { (request: WireReadStreamRequest) in
            WireReadStreamResponse(bytes: [UInt8](repeating: 0, count: Int(request.len)))
        }
    }

    @Test func aHangUpCancelsTheConnectionsRequests() async throws {
        let sightings = Sightings()
        let pair = try OwnedFD.socketPair()
        let server = TTRPCServer(group: MultiThreadedEventLoopGroup.singleton)
        Self.registerWaiting(server, sightings)
        try await server.serve(connected: pair.first)
        do {
            let peer = RawPeer(descriptor: SharedFD(pair.second))
            try await peer.send(frameBytes(stream: 1, try requestBytes("test", "Wait")))
            await sightings.wait("began")
        }
        await sightings.wait("cancelled")
        await server.waitClosed()
    }

    @Test func aRequestsTimeoutCancelsItAndAnswersDeadlineExceeded() async throws {
        let sightings = Sightings()
        try await withServer({ Self.registerWaiting($0, sightings) }) { peer, _ in
            try await peer.send(frameBytes(stream: 1, try requestBytes("test", "Wait", timeout: 30_000_000)))
            let (stream, status) = try await peer.receiveStatus()
            #expect(stream == 1)
            #expect(status?.code == .deadlineExceeded)
            await sightings.wait("cancelled")
        }
    }

    @Test func aWaitingRequestDoesNotHoldUpOthers() async throws {
        let sightings = Sightings()
        try await withServer({ Self.registerWaiting($0, sightings) }) { peer, _ in
            try await peer.send(frameBytes(stream: 1, try requestBytes("test", "Wait")))
            await sightings.wait("began")
            try await peer.send(frameBytes(stream: 3, try requestBytes("grpc.Health", "Check")))
            #expect(try await peer.receiveStatus() == (3, nil))
        }
    }

    @Test func aHundredRequestsAtOnceAreAllAnswered() async throws {
        try await withClientAndServer({ Self.registerWaiting($0, Sightings()) }) { client, _ in
            let lengths = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let request = WireReadStreamRequest.with { $0.len = UInt32(number * 600) }
                        let answer: WireReadStreamResponse = try await client.call(service: "test", method: "Big", request)
                        return answer.bytes.count
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(lengths.sorted() == (0..<100).map { $0 * 600 })
        }
    }

    @Test func anOversizedRequestIsAnsweredAndTheNextOneServed() async throws {
        try await withServer(registerRecordedService) { peer, _ in
            let big = frameBytes(stream: 1, [UInt8](repeating: 0, count: 4 << 20 | 1))
            try await peer.send(big + frameBytes(stream: 3, try requestBytes("grpc.Health", "Check")))
            let refused = try await peer.receiveStatus()
            #expect(refused.stream == 1)
            // The recorded Go server's words for the same bytes.
            #expect(
                refused.status
                    == TTRPCStatus(.resourceExhausted, "message length 4194305 exceed maximum message size of 4194304"))
            #expect(try await peer.receiveStatus() == (3, nil))
        }
    }

    @Test func anAnswerBeyondTheLimitBecomesResourceExhausted() async throws {
        try await withServer({ Self.registerWaiting($0, Sightings()) }) { peer, _ in
            let request: [UInt8] = try WireReadStreamRequest.with { $0.len = 4 << 20 }.serializedBytes()
            try await peer.send(frameBytes(stream: 1, try requestBytes("test", "Big", request)))
            #expect(try await peer.receiveStatus().status?.code == .resourceExhausted)
        }
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let frames: [[UInt8]]
        let stream: UInt32
        let code: TTRPCStatus.Code
    }

    static let refusals: [Refusal] = {
        let check: [UInt8] = [0x0A, 0x0B] + Array("grpc.Health".utf8) + [0x12, 0x05] + Array("Check".utf8)
        return [
            Refusal(
                testDescription: "an envelope that is not protobuf", frames: [frameBytes(stream: 1, [0xFF, 0xFF])], stream: 1,
                code: .invalidArgument),
            Refusal(
                testDescription: "a message that is not protobuf", frames: [frameBytes(stream: 1, check + [0x1A, 2, 0x0A, 0x7F])],
                stream: 1,
                code: .internal),
            Refusal(testDescription: "an even stream", frames: [frameBytes(stream: 2, check)], stream: 2, code: .invalidArgument),
            Refusal(testDescription: "stream 0", frames: [frameBytes(stream: 0, check)], stream: 0, code: .invalidArgument),
            Refusal(
                testDescription: "data without a stream", frames: [frameBytes(stream: 1, type: 3, [1])], stream: 1, code: .invalidArgument),
            Refusal(
                testDescription: "a stream used again", frames: [frameBytes(stream: 5, [0xFF]), frameBytes(stream: 5, check)], stream: 5,
                code: .invalidArgument),
            Refusal(
                testDescription: "a stream below the last", frames: [frameBytes(stream: 5, [0xFF]), frameBytes(stream: 3, check)],
                stream: 3,
                code: .invalidArgument),
        ]
    }()

    @Test(arguments: refusals)
    func aBadFrameIsRefusedOnItsOwnStreamAndTheNextOneServed(_ refusal: Refusal) async throws {
        try await withServer(registerRecordedService) { peer, _ in
            for frame in refusal.frames { try await peer.send(frame) }
            for _ in refusal.frames.dropLast() { _ = try await peer.receiveStatus() }
            let answer = try await peer.receiveStatus()
            #expect(answer.stream == refusal.stream)
            #expect(answer.status?.code == refusal.code)
            try await peer.send(frameBytes(stream: 7, try requestBytes("grpc.Health", "Check")))
            #expect(try await peer.receiveStatus() == (7, nil))
        }
    }

    @Test func aShutdownCancelsWhatRunsAndStillSendsTheAnswers() async throws {
        let sightings = Sightings()
        try await withServer({ Self.registerWaiting($0, sightings) }) { peer, server in
            try await peer.send(frameBytes(stream: 1, try requestBytes("test", "Wait")))
            await sightings.wait("began")
            await server.shutdown()
            #expect(try await peer.receiveStatus().status?.code == .cancelled)
            #expect(try await peer.seesEnd())
        }
    }

    @Test func aHandlerThatStartsTheShutdownIsStillAnswered() async throws {
        try await withServer({ server in
            server.register(service: "test", method: "Shutdown") { (_: WireEmpty) async throws -> WireEmpty in
                Task { await server.shutdown() }
                await Task.yield()
                return WireEmpty()
            }
        }) { peer, server in
            try await peer.send(frameBytes(stream: 1, try requestBytes("test", "Shutdown")))
            #expect(try await peer.receiveStatus() == (1, nil))
            #expect(try await peer.seesEnd())
        }
    }

    @Test func clientsOfASocketAreServedSideBySideUntilTheShutdown() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("s")
            let server = TTRPCServer(group: MultiThreadedEventLoopGroup.singleton)
            registerRecordedService(server)
            try await server.listen(unix: path)
            let clients = [
                try await TTRPCClient.connect(unix: path, group: MultiThreadedEventLoopGroup.singleton),
                try await TTRPCClient.connect(unix: path, group: MultiThreadedEventLoopGroup.singleton),
            ]
            for client in clients {
                let answer: WireHealthCheckResponse = try await client.call(service: "grpc.Health", method: "Check", WireCheckRequest())
                #expect(answer.status == .serving)
            }
            await server.shutdown()
            for client in clients { #expect(await client.waitClosed().code == .unavailable) }
            await #expect(throws: TTRPCConnectionError.self) {
                try await TTRPCClient.connect(unix: path, group: MultiThreadedEventLoopGroup.singleton)
            }
        }
    }

    @Test func aMissingSocketIsAConnectionErrorWithItsErrno() async throws {
        do {
            _ = try await TTRPCClient.connect(unix: "/nonexistent/s", group: MultiThreadedEventLoopGroup.singleton)
            Issue.record("connected to a socket that is not there")
        } catch {
            #expect((error.cause as? SystemError)?.errno == .noSuchFileOrDirectory)
        }
    }

    @Test func aCharacterDeviceIsServedLikeASocket() async throws {
        let (terminal, peer) = try Self.rawTerminal()
        let server = TTRPCServer(group: MultiThreadedEventLoopGroup.singleton)
        registerRecordedService(server)
        try await server.serve(connected: terminal.duplicate())
        let exchange = try Exchange("answer")
        try await peer.send(exchange.sent)
        #expect(hexText(try await peer.receive(exchange.answered.count)) == hexText(exchange.answered))
        await server.shutdown()
    }

    /// A pseudoterminal that changes no byte: its master as a character device, its slave as the peer.
    private static func rawTerminal() throws -> (SharedFD, RawPeer) {
        let master = SharedFD(try OwnedFD.open("/dev/ptmx", O_RDWR | O_NOCTTY))
        var settings = termios()
        try syscall("tcgetattr", "") { tcgetattr(master.raw, &settings) }
        cfmakeraw(&settings)
        try syscall("tcsetattr", "") { tcsetattr(master.raw, TCSANOW, &settings) }
        var unlocked: CInt = 0
        var number: CInt = -1
        try syscall("ioctl TIOCSPTLCK", "") { ioctl(master.raw, 0x4004_5431, &unlocked) }
        try syscall("ioctl TIOCGPTN", "") { ioctl(master.raw, 0x8004_5430, &number) }
        let slave = try OwnedFD.open(FilePath("/dev/pts/\(number)"), O_RDWR | O_NOCTTY)
        return (master, RawPeer(descriptor: SharedFD(slave)))
    }
}
