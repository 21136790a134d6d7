// SPDX-License-Identifier: Apache-2.0

/// What a scalar is once its tag, its style and its text have been looked at.
public enum YAMLScalar: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
}

extension YAMLScalar {
    /// By the table of Kubernetes' reader, go-yaml 2 (sigs.k8s.io/yaml): YAML 1.1 with Go's spelling of integers, without sexagesimals and
    /// without timestamps, which become strings on the way to JSON.
    static func resolved(_ text: String, tag: String?, isPlain: Bool) -> YAMLScalar {
        switch tag {
        case nil where isPlain: plain(text)
        case "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float": plain(text)
        default: .string(text)
        }
    }

    private static func plain(_ text: String) -> YAMLScalar {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .boolean(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .boolean(false)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        default: break
        }
        guard let first = text.utf8.first,
            isDigit(first) || first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
                || first == UInt8(ascii: ".")
        else { return .string(text) }
        let digits = String(text.filter { $0 != "_" })
        if let integer = integer(digits) { return .integer(integer) }
        return isFloat(digits) ? Double(digits).map(YAMLScalar.number) ?? .string(text) : .string(text)
    }

    /// strconv.ParseInt with base 0: `0x`, `0o`, `0b`, and a leading zero for octal.
    private static func integer(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let magnitude = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard magnitude.utf8.first.map(isDigit) == true else { return nil }
        let radix: Int
        let digits: Substring
        switch magnitude.prefix(2).lowercased() {
        case "0x": (radix, digits) = (16, magnitude.dropFirst(2))
        case "0o": (radix, digits) = (8, magnitude.dropFirst(2))
        case "0b": (radix, digits) = (2, magnitude.dropFirst(2))
        case "0": (radix, digits) = (10, magnitude)
        case let head where head.hasPrefix("0"): (radix, digits) = (8, magnitude.dropFirst())
        default: (radix, digits) = (10, magnitude)
        }
        guard !digits.hasPrefix("+"), !digits.hasPrefix("-") else { return nil }
        return Int64((isNegative ? "-" : "") + digits, radix: radix)
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isFloat(_ text: String) -> Bool {
        var rest = Substring(text)
        func takeDigits() -> Int {
            let run = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(run.count)
            return run.count
        }
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
        let whole = takeDigits()
        var fraction = 0
        if rest.hasPrefix(".") {
            rest = rest.dropFirst()
            fraction = takeDigits()
        }
        guard whole > 0 || fraction > 0 else { return false }
        if rest.hasPrefix("e") || rest.hasPrefix("E") {
            rest = rest.dropFirst()
            if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
            guard takeDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
