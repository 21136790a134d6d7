// SPDX-License-Identifier: Apache-2.0

/// Why a bare word is no value; its place is the word's.
struct TOMLScalarProblem: Error {
    let code: DiagnosticCode
    let message: String
}

/// Numbers, booleans and date-times from the word they are written as.
enum TOMLScalar {
    typealias Word = ArraySlice<UInt8>

    static func kind(of word: Word) throws(TOMLScalarProblem) -> TOMLValue.Kind {
        switch String(decoding: word, as: UTF8.self) {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf": return .float(.infinity)
        case "-inf": return .float(-.infinity)
        case "nan", "+nan", "-nan": return .float(.nan)
        case let text:
            if TOMLDateTimeReader.looksLikeDateOrTime(word) { return try dateTime(word) }
            let first = word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-") ? word.dropFirst().first : word.first
            if let first, isDigit(first) { return try number(word) }
            if first == UInt8(ascii: ".") {
                throw TOMLScalarProblem(code: .tomlNumber, message: "a float needs digits on both sides of the point")
            }
            let near = suggestion(for: text, in: ["true", "false"])
            let hint = near.isEmpty ? "; a string needs quotes" : near
            throw TOMLScalarProblem(code: .tomlValue, message: "'\(text.clipped)' is not a value\(hint)")
        }
    }

    private static func dateTime(_ word: Word) throws(TOMLScalarProblem) -> TOMLValue.Kind {
        var reader = TOMLDateTimeReader(word)
        guard let kind = reader.read() else {
            let text = String(decoding: word.prefix(60), as: UTF8.self)
            throw TOMLScalarProblem(code: .tomlDateTime, message: "'\(text)' is not a date or time of RFC 3339")
        }
        return kind
    }

    private static func number(_ word: Word) throws(TOMLScalarProblem) -> TOMLValue.Kind {
        let unsigned = word.first.map(isDigit) == true ? word : word.dropFirst()
        if unsigned.first == UInt8(ascii: "0"), unsigned.count > 1, let radix = radix(of: unsigned[unsigned.startIndex + 1]) {
            guard unsigned.count == word.count else {
                throw TOMLScalarProblem(code: .tomlNumber, message: "hexadecimal, octal and binary integers have no sign")
            }
            return .integer(try integer(unsigned.dropFirst(2), radix: radix, whole: word))
        }
        if unsigned.first == UInt8(ascii: "0"), let letter = unsigned.dropFirst().first, radix(of: letter | 0x20) != nil, letter & 0x20 == 0
        {
            throw TOMLScalarProblem(code: .tomlNumber, message: "the prefixes 0x, 0o and 0b are written in lower case")
        }
        let isFloat = unsigned.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
        if isFloat { return .float(try float(word, unsigned: unsigned)) }
        if unsigned.first == UInt8(ascii: "0"), unsigned.count > 1 {
            throw TOMLScalarProblem(code: .tomlNumber, message: "an integer has no leading zeros")
        }
        return .integer(try integer(unsigned, radix: 10, whole: word))
    }

    private static func radix(of letter: UInt8) -> Int? {
        switch letter {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func integer(_ digits: Word, radix: Int, whole: Word) throws(TOMLScalarProblem) -> Int64 {
        let isSound = underscoresAreSound(digits) { byte in hexDigit(byte).map { $0 < radix } ?? false }
        guard isSound else { throw malformed(whole, "an integer") }
        let sign = whole.first == UInt8(ascii: "-") ? "-" : ""
        let text = sign + String(decoding: digits.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        guard let value = Int64(text, radix: radix) else {
            throw TOMLScalarProblem(code: .tomlRange, message: "the integer does not fit into 64 bits")
        }
        return value
    }

    private static func float(_ word: Word, unsigned: Word) throws(TOMLScalarProblem) -> Double {
        let mantissa = unsigned.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
        var isSound = underscoresAreSound(whole, isDigit)
        if whole.count > 1, whole.first == UInt8(ascii: "0") { isSound = false }
        if whole.count < mantissa.count, !underscoresAreSound(mantissa.dropFirst(whole.count + 1), isDigit) { isSound = false }
        if mantissa.count < unsigned.count {
            var exponent = unsigned.dropFirst(mantissa.count + 1)
            if exponent.first == UInt8(ascii: "+") || exponent.first == UInt8(ascii: "-") { exponent = exponent.dropFirst() }
            if !underscoresAreSound(exponent, isDigit) { isSound = false }
        }
        guard isSound else { throw malformed(word, "a float") }
        let text = String(decoding: word.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        guard let value = Double(text) else { throw malformed(word, "a float") }
        guard value.isFinite else {
            throw TOMLScalarProblem(code: .tomlRange, message: "the float is larger than any 64-bit float")
        }
        return value
    }

    /// At least one digit, and each underscore between two.
    private static func underscoresAreSound(_ digits: Word, _ isDigit: (UInt8) -> Bool) -> Bool {
        var wasDigit = false
        for byte in digits {
            if byte == UInt8(ascii: "_") {
                guard wasDigit else { return false }
                wasDigit = false
            } else {
                guard isDigit(byte) else { return false }
                wasDigit = true
            }
        }
        return wasDigit
    }

    private static func malformed(_ word: Word, _ what: String) -> TOMLScalarProblem {
        let text = String(decoding: word.prefix(60), as: UTF8.self)
        return TOMLScalarProblem(code: .tomlNumber, message: "'\(text)' is not \(what)")
    }
}
