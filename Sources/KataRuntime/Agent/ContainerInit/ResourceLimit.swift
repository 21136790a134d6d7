// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
package import KataSystem

/// One setrlimit(2) limit.
package struct ResourceLimit: Sendable, Equatable {
    /// RLIMIT_* number.
    package let resource: Int32
    package let soft: UInt64
    package let hard: UInt64

    /// - Parameter type: the name in the runtime-spec, such as `RLIMIT_NOFILE`.
    package init(type: String, soft: UInt64, hard: UInt64) throws(UnknownResourceLimit) {
        guard let number = KataOCI.ResourceLimit.names.firstIndex(of: type) else { throw UnknownResourceLimit(type: type) }
        resource = Int32(number)
        self.soft = soft
        self.hard = hard
    }
}

/// A resource limit that Linux does not have.
package struct UnknownResourceLimit: FaultyError, Equatable {
    package let type: String
    package var fault: Fault { .user }
    package var description: String { "read resource limit '\(type)': no such limit" }
}
