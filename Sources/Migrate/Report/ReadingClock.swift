// SPDX-License-Identifier: Apache-2.0

package import KataSystem

/// What a person is told of a reading that takes longer than a second, at most ten times a second.
package struct ReadingClock: Sendable {
    private let began: MonotonicInstant
    private var part: (title: String, left: TimeLeft)?
    private var said: MonotonicInstant?

    package init(began: MonotonicInstant = .now()) { self.began = began }

    /// - Returns: a line; nil when there is nothing to be said yet, or again.
    package mutating func line(_ part: ReadingProgress.Part, now: MonotonicInstant = .now()) -> String? {
        if self.part?.title != part.title { self.part = (part.title, TimeLeft(began: now)) }
        let left = self.part?.left.seconds(before: part.number, of: part.count, now: now)
        guard now.nanoseconds - began.nanoseconds >= 1_000_000_000, now.nanoseconds - (said?.nanoseconds ?? 0) >= 100_000_000 else {
            return nil
        }
        said = now
        return "\(part.title), \(part.number) of \(part.count)" + (left.map { " (about \($0) s left)" } ?? "")
    }
}
