// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import KataWire

@Suite struct FrameDecoderTests {
    private static func frames(_ parts: [[UInt8]]) -> [InboundFrame] {
        var decoder = FrameDecoder()
        var buffer = ByteBuffer()
        var frames: [InboundFrame] = []
        for part in parts {
            buffer.writeBytes(part)
            while let frame = decoder.next(&buffer) { frames.append(frame) }
        }
        return frames
    }

    private static func complete(_ stream: UInt32, _ type: FrameType, _ flags: UInt8, _ payload: [UInt8]) -> InboundFrame {
        .complete(Frame(streamID: stream, type: type, flags: flags, payload: ByteBuffer(bytes: payload)))
    }

    @Test func headerFieldsAreBigEndianInTheOrderLengthStreamTypeFlags() {
        let bytes: [UInt8] = [
            0, 0, 0, 2,  // length 2
            1, 2, 3, 5,  // stream 0x01020305
            2,  // response
            4,  // no data
            0xAA, 0xBB,  // payload
        ]
        #expect(Self.frames([bytes]) == [Self.complete(0x0102_0305, .response, 4, [0xAA, 0xBB])])
    }

    @Test func aStreamCutAnywhereGivesTheSameFrames() {
        let bytes = frameBytes(stream: 1, [1, 2, 3]) + frameBytes(stream: 3, type: 2) + frameBytes(stream: 5, [9])
        let expected = [
            Self.complete(1, .request, 0, [1, 2, 3]), Self.complete(3, .response, 0, []), Self.complete(5, .request, 0, [9]),
        ]
        for cut in 0...bytes.count {
            #expect(Self.frames([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "cut at \(cut)")
        }
        #expect(Self.frames(bytes.map { [$0] }) == expected)
    }

    @Test func aPayloadOfExactlyFourMebibytesIsAFrame() {
        let payload = [UInt8](repeating: 7, count: 4 << 20)
        #expect(Self.frames([frameBytes(stream: 1, payload)]) == [Self.complete(1, .request, 0, payload)])
    }

    @Test(arguments: [UInt32(4 << 20) + 1, 5 << 20])
    func aLongerPayloadIsThrownAwayAndTheNextFrameIsWhole(_ length: UInt32) {
        let header = bigEndian(length) + bigEndian(1) + [1, 0]
        let chunk = [UInt8](repeating: 0xEE, count: 1 << 20)
        var parts = [header]
        var left = Int(length)
        while left > 0 {
            parts.append(Array(chunk.prefix(left)))
            left -= min(left, chunk.count)
        }
        parts[parts.count - 1] += frameBytes(stream: 3, [1])
        #expect(
            Self.frames(parts) == [
                .oversized(FrameHeader(length: length, streamID: 1, type: .request, flags: 0)), Self.complete(3, .request, 0, [1]),
            ])
    }

    @Test func discardedBytesAreNotKept() {
        var decoder = FrameDecoder()
        var buffer = ByteBuffer(bytes: bigEndian(.max) + bigEndian(1) + [1, 0])
        for _ in 0..<64 {
            buffer.writeRepeatingByte(0, count: 1 << 16)
            #expect(decoder.next(&buffer) == nil)
            #expect(buffer.readableBytes == 0)
            buffer.discardReadBytes()
        }
        #expect(buffer.capacity <= 1 << 17)
    }

    @Test func anEncodedFrameDecodesToItself() {
        let frame = Frame(streamID: 0xFFFF_FFFF, type: .data, flags: 0x05, payload: ByteBuffer(bytes: [1, 2]))
        var buffer = frame.bytes
        var decoder = FrameDecoder()
        #expect(decoder.next(&buffer) == .complete(frame))
    }
}
