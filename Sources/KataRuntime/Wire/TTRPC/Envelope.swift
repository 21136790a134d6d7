// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import NIOCore
internal import SwiftProtobuf

/// The two layers of protobuf in a payload: the method's message inside ttRPC's request or response.
enum Envelope {
    static func request(
        service: String, method: String, message: some Message, timeout: Duration?
    ) throws(TTRPCStatus) -> ByteBuffer {
        let envelope = WireTTRPCRequest.with {
            $0.service = service
            $0.method = method
            $0.timeoutNano = timeout.map { max(1, $0.wholeNanoseconds) } ?? 0
        }
        return try limited(envelope, carrying: message) { $0.payload = $1 }
    }

    static func response(_ message: some Message) throws(TTRPCStatus) -> ByteBuffer {
        try limited(WireTTRPCResponse(), carrying: message) { $0.payload = $1 }
    }

    static func response(_ status: TTRPCStatus) -> ByteBuffer {
        var shortened = WireTTRPCResponse()
        // A status must always fit: a megabyte of message says no more than its start.
        shortened.status = TTRPCStatus(status.code, String(status.message.prefix(4096))).wire
        return (try? serialize(shortened)) ?? ByteBuffer()  // fails for required fields only, and proto3 has none
    }

    static func decode<Value: Message>(_ type: Value.Type, _ bytes: Data) throws(TTRPCStatus) -> Value {
        do {
            return try Value(serializedBytes: bytes)
        } catch {
            throw TTRPCStatus(.internal, "decode \(Value.protoMessageName): \(error)")
        }
    }

    static func decode<Value: Message>(_ type: Value.Type, _ payload: ByteBuffer) -> Value? {
        payload.withUnsafeReadableBytes { bytes in
            try? Value(serializedBytes: Data(bytes))  // the callers know what a malformed envelope means
        }
    }

    private static func limited<Envelope: Message>(
        _ envelope: Envelope, carrying message: some Message, _ attach: (inout Envelope, Data) -> Void
    ) throws(TTRPCStatus) -> ByteBuffer {
        do {
            var envelope = envelope
            attach(&envelope, try message.serializedBytes())
            let buffer = try serialize(envelope)
            guard buffer.readableBytes <= Frame.payloadLimit else { throw TTRPCStatus.exceedsLimit(buffer.readableBytes) }
            return buffer
        } catch let status as TTRPCStatus {
            throw status
        } catch {
            throw TTRPCStatus(.internal, "encode \(type(of: message).protoMessageName): \(error)")
        }
    }

    private static func serialize(_ message: some Message) throws -> ByteBuffer {
        let bytes: [UInt8] = try message.serializedBytes()
        return ByteBuffer(bytes: bytes)
    }
}

extension Duration {
    /// Saturated: a timeout of 300 years is none.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? .max : sum
    }
}
