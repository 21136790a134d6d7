// SPDX-License-Identifier: Apache-2.0

/// A day of the Gregorian calendar without a place.
public struct TOMLDate: Sendable, Hashable, CustomStringConvertible {
    /// 0 to 9999.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to the length of the month.
    public let day: Int

    /// Nil when there is no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// As TOML writes it.
    public var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A time of day without a place.
public struct TOMLTime: Sendable, Hashable, CustomStringConvertible {
    /// 0 to 23.
    public let hour: Int
    /// 0 to 59.
    public let minute: Int
    /// 0 to 60: RFC 3339 knows leap seconds.
    public let second: Int
    /// 0 to 999,999,999; further digits are cut off, as TOML has it.
    public let nanosecond: Int

    /// Nil when there is no such time.
    public init?(hour: Int, minute: Int, second: Int, nanosecond: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second), (0...999_999_999).contains(nanosecond)
        else { return nil }
        self.hour = hour
        self.minute = minute
        self.second = second
        self.nanosecond = nanosecond
    }

    /// As TOML writes it, without needless zeros in the fraction.
    public var description: String {
        var text = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
        if nanosecond > 0 {
            var fraction = padded(nanosecond, 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += ".\(fraction)"
        }
        return text
    }
}

/// A day and a time without a place.
public struct TOMLDateTime: Sendable, Hashable, CustomStringConvertible {
    /// The day.
    public let date: TOMLDate
    /// The time of that day.
    public let time: TOMLTime

    /// Any day with any time.
    public init(date: TOMLDate, time: TOMLTime) {
        self.date = date
        self.time = time
    }

    /// As TOML writes it.
    public var description: String { "\(date)T\(time)" }
}

/// An instant, with the offset at which it was written.
public struct TOMLOffsetDateTime: Sendable, Hashable, CustomStringConvertible {
    /// What the clock showed there.
    public let local: TOMLDateTime
    /// East of UTC.
    public let offsetMinutes: Int

    /// Nil when the offset is a day or more.
    public init?(local: TOMLDateTime, offsetMinutes: Int) {
        guard abs(offsetMinutes) < 24 * 60 else { return nil }
        self.local = local
        self.offsetMinutes = offsetMinutes
    }

    /// As TOML writes it; UTC is `Z`.
    public var description: String {
        guard offsetMinutes != 0 else { return "\(local)Z" }
        let size = abs(offsetMinutes)
        return "\(local)\(offsetMinutes < 0 ? "-" : "+")\(padded(size / 60, 2)):\(padded(size % 60, 2))"
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
