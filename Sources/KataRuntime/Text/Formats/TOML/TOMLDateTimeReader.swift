// SPDX-License-Identifier: Apache-2.0

/// RFC 3339 dates and times, with or without each of their parts as TOML allows.
struct TOMLDateTimeReader {
    private var rest: ArraySlice<UInt8>
    /// As TOML 1.1 allows.
    private let secondsMayLack: Bool

    init(_ word: ArraySlice<UInt8>, secondsMayLack: Bool = false) {
        self.rest = word
        self.secondsMayLack = secondsMayLack
    }

    /// Whether a word starts as a date (`dddd-`) or a time (`dd:`).
    static func looksLikeDateOrTime(_ word: ArraySlice<UInt8>) -> Bool {
        let digits = word.prefix(while: isDigit).count
        guard digits > 0, digits < word.count else { return false }
        let next = word[word.startIndex + digits]
        return next == UInt8(ascii: "-") || next == UInt8(ascii: ":")
    }

    /// Nil when the word is not exactly one of the four forms.
    mutating func read() -> TOMLValue.Kind? {
        if rest.dropFirst(2).first == UInt8(ascii: ":") {
            guard let time = time(), rest.isEmpty else { return nil }
            return .localTime(time)
        }
        guard let date = date() else { return nil }
        if rest.isEmpty { return .localDate(date) }
        guard take("T") || take("t") || take(" "), let time = time() else { return nil }
        let local = TOMLDateTime(date: date, time: time)
        if rest.isEmpty { return .localDateTime(local) }
        guard let minutes = offset(), rest.isEmpty else { return nil }
        return TOMLOffsetDateTime(local: local, offsetMinutes: minutes).map { .offsetDateTime($0) }
    }

    private mutating func date() -> TOMLDate? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2) else { return nil }
        return TOMLDate(year: year, month: month, day: day)
    }

    private mutating func time() -> TOMLTime? {
        guard let hour = number(2), take(":"), let minute = number(2) else { return nil }
        if secondsMayLack, rest.first != UInt8(ascii: ":") { return TOMLTime(hour: hour, minute: minute, second: 0, nanosecond: 0) }
        guard take(":"), let second = number(2) else { return nil }
        var nanosecond = 0
        if take(".") {
            let digits = rest.prefix(while: isDigit)
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            for place in 0..<9 {
                let digit = digits.dropFirst(place).first.map { Int($0 - UInt8(ascii: "0")) } ?? 0
                nanosecond = nanosecond * 10 + digit
            }
        }
        return TOMLTime(hour: hour, minute: minute, second: second, nanosecond: nanosecond)
    }

    private mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take("+") || take("-"), let hours = number(2), take(":"), let minutes = number(2) else { return nil }
        guard hours <= 23, minutes <= 59 else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }

    /// Exactly `count` digits.
    private mutating func number(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(isDigit) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: wanted) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
