// SPDX-License-Identifier: Apache-2.0

/// A filter of system calls (seccomp(2)).
package struct LinuxSeccomp: Codable, Hashable, Sendable {
    /// `SCMP_ACT_ERRNO` and the like.
    package var defaultAction: String
    package var defaultErrnoRet: UInt32?
    package var architectures: [String]?
    package var flags: [String]?
    package var listenerPath: String?
    package var listenerMetadata: String?
    package var syscalls: [LinuxSyscall]?

    package init(
        defaultAction: String, defaultErrnoRet: UInt32? = nil, architectures: [String]? = nil, flags: [String]? = nil,
        listenerPath: String? = nil, listenerMetadata: String? = nil, syscalls: [LinuxSyscall]? = nil
    ) {
        self.defaultAction = defaultAction
        self.defaultErrnoRet = defaultErrnoRet
        self.architectures = architectures
        self.flags = flags
        self.listenerPath = listenerPath
        self.listenerMetadata = listenerMetadata
        self.syscalls = syscalls
    }
}

/// What happens to some system calls.
package struct LinuxSyscall: Codable, Hashable, Sendable {
    package var names: [String]
    package var action: String
    /// EPERM when nil; zero is a value of its own.
    package var errnoRet: UInt32?
    /// All must match.
    package var args: [LinuxSyscallArgument]?

    package init(names: [String], action: String, errnoRet: UInt32? = nil, args: [LinuxSyscallArgument]? = nil) {
        self.names = names
        self.action = action
        self.errnoRet = errnoRet
        self.args = args
    }
}

/// A comparison of one argument.
package struct LinuxSyscallArgument: Codable, Hashable, Sendable {
    package var index: UInt32
    package var value: UInt64
    /// The value under the mask of `SCMP_CMP_MASKED_EQ`.
    package var valueTwo: UInt64?
    package var op: String

    package init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: String) {
        self.index = index
        self.value = value
        self.valueTwo = valueTwo
        self.op = op
    }
}
