// SPDX-License-Identifier: Apache-2.0

/// Offset of the first byte that does not belong to well-formed UTF-8 (Unicode table 3-7); nil when all do.
func firstInvalidUTF8(in bytes: [UInt8], from start: Int = 0) -> Int? {
    bytes.withUnsafeBufferPointer { buffer in
        var index = start
        while index < buffer.count {
            let lead = buffer[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            guard let length = sequenceLength(lead), index + length <= buffer.count else { return index }
            guard secondByteRange(lead).contains(buffer[index + 1]) else { return index }
            for follower in (index + 2)..<max(index + 2, index + length) where buffer[follower] & 0xC0 != 0x80 {
                return index
            }
            index += length
        }
        return nil
    }
}

private func sequenceLength(_ lead: UInt8) -> Int? {
    switch lead {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: nil
    }
}

/// Overlong forms, surrogates and values above U+10FFFF all show in the second byte.
private func secondByteRange(_ lead: UInt8) -> ClosedRange<UInt8> {
    switch lead {
    case 0xE0: 0xA0...0xBF
    case 0xED: 0x80...0x9F
    case 0xF0: 0x90...0xBF
    case 0xF4: 0x80...0x8F
    default: 0x80...0xBF
    }
}
