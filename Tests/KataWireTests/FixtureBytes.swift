// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage

func fixtureText(_ path: FilePath) throws -> String {
    try String(contentsOfFile: path.string, encoding: .utf8)
}

struct MalformedHex: Error {
    let line: String
}

/// Hexadecimal digits, spaces ignored, `#` to the end of the line a comment.
func hexBytes(_ text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for line in text.split(separator: "\n") {
        let digits = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
        guard digits.count % 2 == 0 else { throw MalformedHex(line: String(line)) }
        var rest = digits[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { throw MalformedHex(line: String(line)) }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
    }
    return bytes
}

func hexText(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}
