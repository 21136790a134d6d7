// SPDX-License-Identifier: Apache-2.0

extension ConfigValue {
    /// The value as TOML on one line.
    public var tomlText: String {
        switch self {
        case .boolean(let flag): flag ? "true" : "false"
        case .string(let text): text.tomlString
        case .integer(let number): String(number)
        case .number(let number):
            // 1.0 and 1 are the same number of vCPUs; people write 1.
            Int64(exactly: number).map(String.init) ?? String(number)
        case .strings(let list): "[" + list.map(\.tomlString).joined(separator: ", ") + "]"
        case .tables(let list):
            "["
                + list.map { pairs in
                    "{ " + pairs.map { "\($0.name) = \($0.text.tomlString)" }.joined(separator: ", ") + " }"
                }.joined(separator: ", ") + "]"
        }
    }
}

extension String {
    /// The text without what would end a comment or is not allowed in one; file names may hold anything.
    var tomlComment: String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            text.append(scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar)
        }
        return String(text)
    }

    /// A TOML basic string: quotes, backslashes and control characters escaped.
    fileprivate var tomlString: String {
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
