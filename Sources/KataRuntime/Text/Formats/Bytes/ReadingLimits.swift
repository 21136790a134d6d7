// SPDX-License-Identifier: Apache-2.0

/// Bounds that keep a hostile file from costing more than its own size.
enum ReadingLimits {
    /// Values inside values. Readers and their users recurse, and a thread of the cooperative pool has a stack of 512 KiB.
    static let depth = 128
    /// Problems reported for one file: more are noise, and each costs memory.
    static let diagnostics = 200
}
