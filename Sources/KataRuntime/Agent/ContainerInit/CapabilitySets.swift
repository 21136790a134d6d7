// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
package import KataSystem

/// The five capability sets of a process as bit masks, bit n for capability number n (capabilities(7)).
package struct CapabilitySets: Sendable, Equatable {
    package var bounding: UInt64 = 0
    package var effective: UInt64 = 0
    package var inheritable: UInt64 = 0
    package var permitted: UInt64 = 0
    package var ambient: UInt64 = 0

    package init() {}

    /// The mask of names like `CAP_NET_RAW`, in any case.
    package static func mask(of names: [String]) throws(UnknownCapability) -> UInt64 {
        var mask: UInt64 = 0
        for name in names {
            guard let number = LinuxCapabilities.names.firstIndex(of: name.uppercased()) else { throw UnknownCapability(name: name) }
            mask |= 1 << UInt64(number)
        }
        return mask
    }
}

/// A capability name that Linux does not have.
package struct UnknownCapability: FaultyError, Equatable {
    package let name: String
    package var fault: Fault { .user }
    package var description: String { "read capability '\(name)': no such capability" }
}
