// SPDX-License-Identifier: Apache-2.0

package import KataSystem
internal import NIOCore

/// A frame as it arrives.
enum InboundFrame: Hashable, Sendable {
    case complete(Frame)
    /// The payload was longer than allowed and is gone; the header tells whose it was.
    case oversized(FrameHeader)
}

/// Cuts a byte stream into frames; holds at most one payload of the allowed size.
struct FrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = InboundFrame

    private enum Phase {
        case header
        case payload(FrameHeader)
        case discarding(FrameHeader, remaining: Int)
    }

    private var phase = Phase.header

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) -> DecodingState {
        guard let frame = next(&buffer) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(frame))
        return .continue
    }

    mutating func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        if let frame = next(&buffer) {
            context.fireChannelRead(wrapInboundOut(frame))
            return .continue
        }
        guard case .header = phase, buffer.readableBytes == 0 else { throw FramingError.truncated }
        return .needMoreData
    }

    /// nil when more bytes are needed.
    mutating func next(_ buffer: inout ByteBuffer) -> InboundFrame? {
        while true {
            switch phase {
            case .header:
                guard let header = buffer.readFrameHeader() else { return nil }
                let length = Int(header.length)
                phase = length > Frame.payloadLimit ? .discarding(header, remaining: length) : .payload(header)
            case .payload(let header):
                guard let payload = buffer.readSlice(length: Int(header.length)) else { return nil }
                phase = .header
                return .complete(Frame(streamID: header.streamID, type: header.type, flags: header.flags, payload: payload))
            case .discarding(let header, let remaining):
                let gone = min(remaining, buffer.readableBytes)
                buffer.moveReaderIndex(forwardBy: gone)
                guard gone == remaining else {
                    phase = .discarding(header, remaining: remaining - gone)
                    return nil
                }
                phase = .header
                return .oversized(header)
            }
        }
    }
}

/// Bytes that no peer that keeps to the protocol sends; the connection ends, because the next frame's start is unknown.
package enum FramingError: FaultyError, Hashable {
    /// The stream ended inside a frame.
    case truncated
    /// A server sent something other than the answer to a call.
    case unexpectedType(UInt8)
    /// A server answered on a stream that was never opened.
    case unknownStream(UInt32)
    case malformedResponse(stream: UInt32)

    package var fault: Fault { .peer }

    package var description: String {
        switch self {
        case .truncated: "read a ttRPC frame: the stream ended inside it"
        case .unexpectedType(let type): "read a ttRPC frame: type \(type) where only responses may come"
        case .unknownStream(let id): "read a ttRPC frame: an answer on stream \(id), which was never opened"
        case .malformedResponse(let id): "read a ttRPC frame: the answer on stream \(id) is no response message"
        }
    }
}
