// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// The stretch of a file that holds a path or another text, and the rules for writing another one there.
struct PathSpelling: Sendable, Hashable {
    let range: SourceRange
    let quoting: Quoting

    enum Quoting: Sendable, Hashable {
        /// The stretch includes the quotes.
        case json
        /// The stretch includes the quotes.
        case toml
        /// The stretch ends a word of a systemd command line and begins with this text of it.
        case unit(prefix: String)
        /// The stretch is a part of a variable's value, which is split at blanks where it is used.
        case variable(Variable)
    }

    enum Variable: Sendable, Hashable {
        /// `Environment=` of a unit.
        case unit
        /// A file of assignments; nil without quotes around the value.
        case file(quote: UInt8?)
    }
}

extension PathSpelling.Quoting {
    /// The text that stands for another one; nil where that text cannot stand.
    func spell(_ text: String) -> String? {
        switch self {
        case .json: return "\"" + text.unicodeScalars.map(Self.jsonEscape).joined() + "\""
        case .toml: return "\"" + text.unicodeScalars.map(Self.tomlEscape).joined() + "\""
        case .unit(let prefix):
            return prefix.unicodeScalars.map(Self.unitEscape).joined() + text.unicodeScalars.map(Self.literalEscape).joined()
        case .variable(let variable):
            let scalars = text.unicodeScalars
            // Quotes inside of a value that is split are taken literally by some shells and removed by systemd.
            guard !text.isEmpty, scalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F && !"\"'\\`#;".unicodeScalars.contains($0) })
            else {
                return nil
            }
            switch variable {
            // systemd.unit(5): "%" starts a specifier; a variable's own value is not searched for variables.
            case .unit: return scalars.map { $0 == "%" ? "%%" : String($0) }.joined()
            case .file: return scalars.contains("$") ? nil : text
            }
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

    private static func tomlEscape(_ scalar: Unicode.Scalar) -> String {
        scalar.value == 0x7F ? "\\u007F" : jsonEscape(scalar)
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
