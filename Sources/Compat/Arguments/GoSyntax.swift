// SPDX-License-Identifier: Apache-2.0

/// How Go's strconv reads values from text.
enum GoSyntax {
    /// `ParseBool`.
    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    /// `ParseInt` with base 0: `0x` starts a hexadecimal, another `0` an octal number.
    static func integer(_ text: String) -> Int64? {
        let sign = text.first == "-" || text.first == "+" ? text.prefix(1) : ""
        var digits = text.dropFirst(sign.count)
        var radix = 10
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            digits = digits.dropFirst(2)
            radix = 16
        } else if digits.count > 1, digits.first == "0" {
            digits = digits.dropFirst()
            radix = 8
        }
        // Int64 would take a second sign.
        guard let first = digits.first, first != "-", first != "+" else { return nil }
        return Int64(sign + digits, radix: radix)
    }
}
