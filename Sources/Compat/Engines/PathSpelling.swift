// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// The stretch of a file that holds a path, and the rules for writing another one there.
struct PathSpelling: Sendable, Hashable {
    let range: SourceRange
    let quoting: Quoting

    enum Quoting: Sendable, Hashable {
        /// The stretch includes the quotes.
        case json
        /// The stretch ends a word of a systemd command line and begins with this text of it.
        case unit(prefix: String)
    }
}

extension PathSpelling.Quoting {
    /// The text that stands for a path.
    func spell(_ path: String) -> String {
        switch self {
        case .json: "\"" + path.unicodeScalars.map(Self.jsonEscape).joined() + "\""
        case .unit(let prefix):
            prefix.unicodeScalars.map(Self.unitEscape).joined() + path.unicodeScalars.map(Self.literalEscape).joined()
        }
    }

    private static func jsonEscape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case _ where scalar.value < 0x20: "\\u" + hexadecimal(scalar, digits: 4)
        default: String(scalar)
        }
    }

    /// systemd.syntax(7), "Quoting": escapes work inside and outside of quotes, while quotes have to enclose a whole word.
    private static func unitEscape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\\", "\"", "'": "\\\(scalar)"
        case _ where scalar.value <= 0x20 || scalar.value == 0x7F: "\\x" + hexadecimal(scalar, digits: 2)
        default: String(scalar)
        }
    }

    /// systemd.service(5), "Command lines": `%` would start a specifier and `$` a variable.
    private static func literalEscape(_ scalar: Unicode.Scalar) -> String {
        scalar == "%" || scalar == "$" ? "\(scalar)\(scalar)" : unitEscape(scalar)
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar, digits: Int) -> String {
        let text = String(scalar.value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
