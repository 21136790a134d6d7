// SPDX-License-Identifier: Apache-2.0

/// The lines that go and come between two texts of which most is the same.
struct LineDifference {
    /// `-` and `+` lines, without context.
    let lines: [String]

    /// Good for a few separate edits that add and take no lines, as those of registrations are; otherwise all between the first and the
    /// last difference is shown.
    init(from before: [UInt8], to after: [UInt8]) {
        let old = Self.split(before)
        let new = Self.split(after)
        if old.count == new.count {
            lines = zip(old, new).filter { $0 != $1 }.flatMap { ["-" + $0, "+" + $1] }
            return
        }
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        lines = old[head..<(old.count - tail)].map { "-" + $0 } + new[head..<(new.count - tail)].map { "+" + $0 }
    }

    private static func split(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }
}
