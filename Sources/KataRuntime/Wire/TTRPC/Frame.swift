// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// A ttRPC message: ten bytes of header, big-endian, and a payload (containerd/ttrpc, PROTOCOL.md).
///
///     length u32 | stream id u32 | type u8 | flags u8 | payload
struct Frame: Sendable, Hashable {
    var streamID: UInt32
    var type: FrameType
    var flags: UInt8
    var payload: ByteBuffer

    /// The protocol's limit on a payload; a longer one is answered with RESOURCE_EXHAUSTED and thrown away.
    static let payloadLimit = 4 << 20
}

/// What a frame carries; other numbers are reserved.
struct FrameType: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    static let request = FrameType(rawValue: 1)
    static let response = FrameType(rawValue: 2)
    /// A part of a streaming call, which no service here has.
    static let data = FrameType(rawValue: 3)
}

struct FrameHeader: Hashable, Sendable {
    static let size = 10

    var length: UInt32
    var streamID: UInt32
    var type: FrameType
    var flags: UInt8
}

extension ByteBuffer {
    /// nil, with nothing taken, when fewer bytes than a header are there.
    mutating func readFrameHeader() -> FrameHeader? {
        guard let (length, streamID, type, flags) = readMultipleIntegers(as: (UInt32, UInt32, UInt8, UInt8).self) else { return nil }
        return FrameHeader(length: length, streamID: streamID, type: FrameType(rawValue: type), flags: flags)
    }
}

extension Frame {
    /// The whole frame.
    var bytes: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(FrameHeader.size + payload.readableBytes)
        buffer.writeMultipleIntegers(UInt32(payload.readableBytes), streamID, type.rawValue, flags)
        buffer.writeImmutableBuffer(payload)
        return buffer
    }
}
