// SPDX-License-Identifier: Apache-2.0

/// A container's rules for system calls, in the words of the runtime-spec (config-linux.md, Seccomp).
package struct FilterProfile: Sendable, Equatable {
    package struct Condition: Sendable, Equatable {
        package var index: UInt32
        package var comparison: String
        package var value: UInt64
        package var valueTwo: UInt64

        package init(index: UInt32, comparison: String, value: UInt64, valueTwo: UInt64 = 0) {
            self.index = index
            self.comparison = comparison
            self.value = value
            self.valueTwo = valueTwo
        }
    }

    package struct Rule: Sendable, Equatable {
        package var names: [String]
        package var action: String
        /// EPERM when nil.
        package var errno: UInt32?
        package var conditions: [Condition]

        package init(names: [String], action: String, errno: UInt32? = nil, conditions: [Condition] = []) {
            self.names = names
            self.action = action
            self.errno = errno
            self.conditions = conditions
        }
    }

    package var defaultAction: String
    package var defaultErrno: UInt32?
    package var architectures: [String]
    package var flags: [String]
    package var rules: [Rule]

    package init(
        defaultAction: String, defaultErrno: UInt32? = nil, architectures: [String] = [], flags: [String] = [], rules: [Rule] = []
    ) {
        self.defaultAction = defaultAction
        self.defaultErrno = defaultErrno
        self.architectures = architectures
        self.flags = flags
        self.rules = rules
    }
}
