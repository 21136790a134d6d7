// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What a package manager keeps of a file's content to tell an edited one from its own.
package struct FileDigest: Sendable, Hashable {
    enum Algorithm: Sendable, Hashable {
        case md5, sha256
    }

    let algorithm: Algorithm
    /// Hexadecimal digits in lower case.
    let digits: String

    func matches(_ bytes: [UInt8]) -> Bool {
        switch algorithm {
        case .md5: MD5.digits(of: bytes) == digits
        case .sha256: SHA256.hexadecimal(of: bytes) == digits
        }
    }
}

/// MD5 (RFC 1321), which dpkg and rpm until 4.6 know files by; nothing else may trust it.
enum MD5 {
    static func digits(of bytes: [UInt8]) -> String {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        var message = bytes + [0x80]
        message += [UInt8](repeating: 0, count: (120 - message.count % 64) % 64)
        withUnsafeBytes(of: (UInt64(bytes.count) &* 8).littleEndian) { message += $0 }
        for start in stride(from: 0, to: message.count, by: 64) { compress(message[start..<(start + 64)], &state) }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func compress(_ block: ArraySlice<UInt8>, _ state: inout [UInt32]) {
        let words = (0..<16).map { index in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(block[block.startIndex + 4 * index + $1]) << UInt32(8 * $1) }
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for step in 0..<64 {
            let (mixed, word): (UInt32, Int) =
                switch step / 16 {
                case 0: (b & c | ~b & d, step)
                case 1: (d & b | ~d & c, (5 * step + 1) % 16)
                case 2: (b ^ c ^ d, (3 * step + 5) % 16)
                default: (c ^ (b | ~d), 7 * step % 16)
                }
            let sum = a &+ mixed &+ sines[step] &+ words[word]
            let turn = turns[step / 16][step % 4]
            (a, b, c, d) = (d, b &+ (sum << turn | sum >> (32 - turn)), b, c)
        }
        state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
    }

    private static let turns: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
    /// The integer part of 4294967296 times abs(sin(i)), i in radians from 1.
    private static let sines: [UInt32] = (1...64).map { UInt32((4_294_967_296 * abs(sin(Double($0)))).rounded(.down)) }
}
