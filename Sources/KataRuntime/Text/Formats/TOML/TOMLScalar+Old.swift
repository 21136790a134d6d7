// SPDX-License-Identifier: Apache-2.0

extension TOMLScalar {
    /// A word as BurntSushi/toml 0.3 read it, with the spelling of today when TOML 1.0 refuses the word.
    static func oldKind(of word: Word) throws(TOMLScalarProblem) -> (kind: TOMLValue.Kind, todays: String?) {
        if TOMLDateTimeReader.looksLikeDateOrTime(word) { return try oldDateTime(word) }
        let sign = word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-") ? word.prefix(1) : []
        let unsigned = word.dropFirst(sign.count)
        let text = String(decoding: unsigned, as: UTF8.self)
        if text == "inf" || text == "nan" { throw newer(word) }
        guard let first = unsigned.first, isDigit(first) else { return (try kind(of: word), nil) }
        if first == UInt8(ascii: "0"), let letter = unsigned.dropFirst().first, "xob".utf8.contains(letter) { throw newer(word) }
        let plain = sign + withoutLooseUnderscore(withoutLeadingZeros(unsigned))
        let isSame = plain.elementsEqual(word)
        return (try kind(of: plain[...]), isSame ? nil : String(decoding: plain, as: UTF8.self))
    }

    /// Go's decimal conversion made nothing of zeros in front.
    private static func withoutLeadingZeros(_ digits: Word) -> Word {
        var digits = digits
        while digits.first == UInt8(ascii: "0") {
            let behind = digits.dropFirst().drop { $0 == UInt8(ascii: "_") }
            guard let next = behind.first, isDigit(next), digits.count - behind.count <= 2 else { break }
            digits = behind
        }
        return digits
    }

    /// An underscore between the sign and the digits of an exponent had a character on both sides, which was all that was asked.
    private static func withoutLooseUnderscore(_ word: Word) -> [UInt8] {
        var plain = Array(word)
        guard let exponent = plain.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }), exponent + 3 < plain.count else { return plain }
        let hasSign = plain[exponent + 1] == UInt8(ascii: "+") || plain[exponent + 1] == UInt8(ascii: "-")
        if hasSign, plain[exponent + 2] == UInt8(ascii: "_"), isDigit(plain[exponent + 3]) { plain.remove(at: exponent + 2) }
        return plain
    }

    /// Go's formats took an hour of one digit and any offset, but no second 60; letters were capitals, and a `T` stood between.
    private static func oldDateTime(_ word: Word) throws(TOMLScalarProblem) -> (kind: TOMLValue.Kind, todays: String?) {
        if word.contains(where: { $0 == UInt8(ascii: "t") || $0 == UInt8(ascii: "z") }) || word.dropFirst(2).first == UInt8(ascii: ":") {
            throw newer(word)
        }
        var plain = Array(word)
        if plain.count > 12, plain[10] == UInt8(ascii: "T"), plain[12] == UInt8(ascii: ":") { plain.insert(UInt8(ascii: "0"), at: 11) }
        // An offset that is none of any place can only be dropped.
        if hasStrangeOffset(plain) { plain.removeLast(6) }
        let kind = try kind(of: plain[...])
        let time: TOMLTime? =
            switch kind {
            case .offsetDateTime(let value): value.local.time
            case .localDateTime(let value): value.time
            default: nil
            }
        if time?.second == 60 { throw newer(word) }
        return (kind, plain.elementsEqual(word) ? nil : String(decoding: plain, as: UTF8.self))
    }

    private static func hasStrangeOffset(_ word: [UInt8]) -> Bool {
        guard word.count > 19 + 5 else { return false }
        let offset = String(decoding: word.suffix(6), as: UTF8.self)
        let parts = offset.dropFirst().split(separator: ":", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard offset.hasPrefix("+") || offset.hasPrefix("-"), parts.count == 2, word.suffix(5).prefix(2).allSatisfy(isDigit),
            word.suffix(2).allSatisfy(isDigit)
        else { return false }
        return parts[0] > 23 || parts[1] > 59
    }

    private static func newer(_ word: Word) -> TOMLScalarProblem {
        let text = String(decoding: word.prefix(60), as: UTF8.self)
        return TOMLScalarProblem(code: .tomlNewer, message: "'\(text)', which the parser of its day refused")
    }
}
