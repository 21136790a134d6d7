// SPDX-License-Identifier: Apache-2.0

/// What our guest needs at the least, where legacy guests got by with less (Docs/Decisions/0012-guest-memory.md).
enum GuestFloor {
    /// The smallest `-m` in which the distribution's kernel boots and runs a container.
    static let memoryMiB: Int64 = 160
}
