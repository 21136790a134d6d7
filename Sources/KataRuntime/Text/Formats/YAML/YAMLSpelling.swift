// SPDX-License-Identifier: Apache-2.0

/// How a string is written so that every reader of YAML, 1.1 and 1.2, reads it back as that string.
enum YAMLSpelling {
    /// Without quotes where no reader could take it for something else.
    static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// In double quotes, with escapes that JSON has too.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.isTerminalControl || (0xFFFE...0xFFFF).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, case .string = YAMLScalar.resolved(text, tag: nil, isPlain: true),
            isLetter(first) || isDigit(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: "_"),
            last != 0x20, last != UInt8(ascii: ":")
        else { return false }
        // Dates, times and numbers of other grammars than ours.
        if isDigit(first), text.utf8.allSatisfy({ isDigit($0) || "abcdefxoABCDEFXOTZ:.-+_ ".utf8.contains($0) }) { return false }
        var before: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x20, before == UInt8(ascii: ":") { return false }
            guard isLetter(byte) || isDigit(byte) || "_-./@%+=~:; ()*$".utf8.contains(byte) else { return false }
            before = byte
        }
        return true
    }
}
