// SPDX-License-Identifier: Apache-2.0

/// Cuts a stream of bytes into lines without their line ends.
struct LineSplitter {
    /// A line longer than this is a peer's mistake or attack, not a message.
    let limit: Int
    private var partial: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// The lines that `bytes` complete; nil once a line has exceeded the limit.
    mutating func append(_ bytes: [UInt8]) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 {
                if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
                lines.append(partial)
                partial = []
            }
            if partial.count + part.element.count > limit { return nil }
            partial += part.element
        }
        return lines
    }
}
