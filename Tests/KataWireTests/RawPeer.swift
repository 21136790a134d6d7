// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import NIOPosix
import SwiftProtobuf
import SystemPackage

@testable import KataWire

/// The other end of a connection under test, as plain bytes.
///
/// Its blocking calls run on threads of their own: on the cooperative pool they would starve the handlers that they wait for.
struct RawPeer: Sendable {
    let descriptor: SharedFD

    struct Silent: Error {
        let received: String
    }

    func send(_ bytes: [UInt8]) async throws {
        try await onThread { try descriptor.writeAll(bytes) }
    }

    /// Exactly `count` bytes, or fewer at the end of the stream.
    func receive(_ count: Int, within seconds: Int32 = 120) async throws -> [UInt8] {
        try await onThread {
            var bytes: [UInt8] = []
            while bytes.count < count {
                guard try waitReadable([descriptor.raw], timeoutMilliseconds: seconds * 1000)[0] else {
                    throw Silent(received: hexText(bytes.prefix(200)))
                }
                let part = try descriptor.read(upTo: min(count - bytes.count, 1 << 20))
                if part.isEmpty { return bytes }
                bytes += part
            }
            return bytes
        }
    }

    /// One whole frame: its header and its payload.
    func receiveFrame() async throws -> (header: [UInt8], payload: [UInt8]) {
        let header = try await receive(10)
        guard header.count == 10 else { throw Silent(received: hexText(header)) }
        let length = header[0..<4].reduce(0) { $0 << 8 | Int($1) }
        return (header, try await receive(length))
    }

    /// The status that the next frame carries, OK as nil.
    func receiveStatus() async throws -> (stream: UInt32, status: TTRPCStatus?) {
        let (header, payload) = try await receiveFrame()
        let response = try WireTTRPCResponse(serializedBytes: payload)
        let stream = header[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return (stream, response.hasStatus ? TTRPCStatus(response.status) : nil)
    }

    /// Whether the stream ends, whatever comes before.
    func seesEnd() async throws -> Bool {
        do {
            return try await receive(.max, within: 120).count < .max
        } catch let error as SystemError where error.errno == .connectionReset {
            return true
        }
    }

    private func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}

/// A frame's bytes: header and payload.
func frameBytes(stream: UInt32, type: UInt8 = 1, flags: UInt8 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    bigEndian(UInt32(payload.count)) + bigEndian(stream) + [type, flags] + payload
}

func bigEndian(_ number: UInt32) -> [UInt8] {
    [
        UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 8),
        UInt8(truncatingIfNeeded: number),
    ]
}

/// A request's payload.
func requestBytes(_ service: String, _ method: String, _ message: [UInt8] = [], timeout: Int64 = 0) throws -> [UInt8] {
    try WireTTRPCRequest.with {
        $0.service = service
        $0.method = method
        $0.payload = Data(message)
        $0.timeoutNano = timeout
    }.serializedBytes()
}

/// Runs `body` with a client and the bytes of its peer.
func withClient(_ body: (TTRPCClient, RawPeer) async throws -> Void) async throws {
    let pair = try OwnedFD.socketPair()
    let peer = RawPeer(descriptor: SharedFD(pair.second))
    let client = try await TTRPCClient.adopt(socket: pair.first, group: MultiThreadedEventLoopGroup.singleton)
    do {
        try await body(client, peer)
    } catch {
        await client.close()
        throw error
    }
    await client.close()
}

/// Runs `body` with a peer of a server whose methods `register` names.
func withServer(_ register: (TTRPCServer) -> Void, _ body: (RawPeer, TTRPCServer) async throws -> Void) async throws {
    let pair = try OwnedFD.socketPair()
    let peer = RawPeer(descriptor: SharedFD(pair.second))
    let server = TTRPCServer(group: MultiThreadedEventLoopGroup.singleton)
    register(server)
    try await server.serve(connected: pair.first)
    do {
        try await body(peer, server)
    } catch {
        await server.shutdown()
        throw error
    }
    await server.shutdown()
}

/// Runs `body` with a client and a server that are connected to each other.
func withClientAndServer(_ register: (TTRPCServer) -> Void, _ body: (TTRPCClient, TTRPCServer) async throws -> Void) async throws {
    let pair = try OwnedFD.socketPair()
    let server = TTRPCServer(group: MultiThreadedEventLoopGroup.singleton)
    register(server)
    try await server.serve(connected: pair.first)
    let client = try await TTRPCClient.adopt(socket: pair.second, group: MultiThreadedEventLoopGroup.singleton)
    do {
        try await body(client, server)
    } catch {
        await client.close()
        await server.shutdown()
        throw error
    }
    await client.close()
    await server.shutdown()
}
