// SPDX-License-Identifier: Apache-2.0

package import KataSystem

/// How long a run of equal parts still takes, judged by those that it has behind it.
package struct TimeLeft: Sendable {
    private let began: MonotonicInstant
    /// The number of the first part of this run: an earlier run may have done some.
    private var first: Int?

    package init(began: MonotonicInstant = .now()) { self.began = began }

    /// - Parameter number: of the part that begins, from 1.
    /// - Returns: seconds; nil in the first second, in which nobody asks and nothing can be told.
    package mutating func seconds(before number: Int, of count: Int, now: MonotonicInstant = .now()) -> Int? {
        let first = first ?? number
        self.first = first
        let elapsed = now.nanoseconds - began.nanoseconds
        guard elapsed >= 1_000_000_000, number > first, count >= number else { return nil }
        return Int((Double(elapsed) / 1e9 / Double(number - first) * Double(count - number + 1)).rounded(.up))
    }
}
