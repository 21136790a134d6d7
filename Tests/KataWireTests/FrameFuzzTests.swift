// SPDX-License-Identifier: Apache-2.0

import KataSystem
import NIOCore
import NIOPosix
import Testing

@testable import KataWire

/// The parsers of a peer's bytes, fed with recorded conversations that were damaged.
@Suite struct FrameFuzzTests {
    /// Reproducible: a failure names its seed.
    struct Noise: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    static func damaged(_ bytes: [UInt8], _ noise: inout Noise) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &noise) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &noise)
            switch Int.random(in: 0..<4, using: &noise) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &noise)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &noise)
            case 2: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: 0...255, using: &noise), at: place)
            }
        }
        return bytes
    }

    static let seeds: [[UInt8]] = [
        [], [0], [UInt8](repeating: 0xFF, count: 9), [UInt8](repeating: 0xFF, count: 10), [UInt8](repeating: 0, count: 10),
        bigEndian(4 << 20 | 1) + bigEndian(1) + [2, 0], bigEndian(.max) + bigEndian(.max) + [0xFF, 0xFF, 1, 2, 3],
        frameBytes(stream: 1, type: 2, [0x0A, 0x80, 0x80, 0x80, 0x80, 0x08]),  // status of 2 GiB
        frameBytes(stream: 1, type: 2, [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),  // length beyond 63 bits
        frameBytes(stream: 1, type: 2, [0x0B, 0x0B, 0x0B]),  // groups without end
        frameBytes(stream: 1, type: 1, [0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),  // timeout below zero
    ]

    @Test func everyByteStreamIsCutIntoFramesWithinTheLimit() throws {
        let recorded = try Exchange.all().flatMap { [$0.sent, $0.answered] } + Self.seeds
        for seed in 0..<UInt64(2000) {
            var noise = Noise(state: seed)
            let bytes = Self.damaged(recorded[Int(seed) % recorded.count], &noise)
            var decoder = FrameDecoder()
            var buffer = ByteBuffer(bytes: bytes)
            var taken = 0
            while let frame = decoder.next(&buffer) {
                guard case .complete(let frame) = frame else { continue }
                taken += FrameHeader.size + frame.payload.readableBytes
                #expect(frame.payload.readableBytes <= Frame.payloadLimit)
                _ = Envelope.decode(WireTTRPCRequest.self, frame.payload)
                _ = Envelope.decode(WireTTRPCResponse.self, frame.payload)
            }
            #expect(taken <= bytes.count, "seed \(seed)")
        }
    }

    @Test func noByteStreamStopsAServerFromServingTheNextConnection() async throws {
        let server = TTRPCServer(group: MultiThreadedEventLoopGroup.singleton)
        registerRecordedService(server)
        let recorded = try Exchange.all().map(\.sent) + Self.seeds
        for seed in 0..<UInt64(200) {
            var noise = Noise(state: seed)
            let pair = try OwnedFD.socketPair()
            try await server.serve(connected: pair.first)
            let peer = RawPeer(descriptor: SharedFD(pair.second))
            try await peer.send(Self.damaged(recorded[Int(seed) % recorded.count], &noise))
        }
        let pair = try OwnedFD.socketPair()
        try await server.serve(connected: pair.first)
        let peer = RawPeer(descriptor: SharedFD(pair.second))
        try await peer.send(frameBytes(stream: 1, try requestBytes("grpc.Health", "Check")))
        #expect(try await peer.receiveStatus() == (1, nil))
        await server.shutdown()
    }

    @Test func noByteStreamLeavesAClientsCallWithoutAnOutcome() async throws {
        let recorded = try Exchange.all().map(\.answered) + Self.seeds
        for seed in 0..<UInt64(200) {
            var noise = Noise(state: seed)
            let pair = try OwnedFD.socketPair()
            let client = try await TTRPCClient.adopt(socket: pair.first, group: MultiThreadedEventLoopGroup.singleton)
            async let outcome: Void = {
                // Any outcome is right; none would be a hang.
                let _: WireHealthCheckResponse? = try? await client.call(service: "grpc.Health", method: "Check", WireCheckRequest())
            }()
            do {
                let peer = RawPeer(descriptor: SharedFD(pair.second))
                _ = try await peer.receiveFrame()
                try await peer.send(Self.damaged(recorded[Int(seed) % recorded.count], &noise))
            }
            await outcome
            await client.waitClosed()
        }
    }
}
