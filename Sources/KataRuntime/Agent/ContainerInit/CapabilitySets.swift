// SPDX-License-Identifier: Apache-2.0

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
            guard let number = Self.names.firstIndex(of: name.uppercased()) else { throw UnknownCapability(name: name) }
            mask |= 1 << UInt64(number)
        }
        return mask
    }

    /// linux/capability.h, in order of number.
    private static let names = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
        "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
        "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
        "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ]
}

/// A capability name that Linux does not have.
package struct UnknownCapability: FaultyError, Equatable {
    package let name: String
    package var fault: Fault { .user }
    package var description: String { "read capability '\(name)': no such capability" }
}
