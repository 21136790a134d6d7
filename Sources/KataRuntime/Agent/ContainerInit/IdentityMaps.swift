// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// Which ids of the guest a user namespace has, and as which (user_namespaces(7)).
package struct IdentityMaps: Sendable, Equatable {
    package struct Range: Sendable, Equatable {
        package let inside: UInt32
        package let outside: UInt32
        package let count: UInt32

        package init(inside: UInt32, outside: UInt32, count: UInt32) {
            self.inside = inside
            self.outside = outside
            self.count = count
        }
    }

    package let users: [Range]
    package let groups: [Range]

    package init(users: [Range], groups: [Range]) {
        self.users = users
        self.groups = groups
    }

    /// The guest's id for one of the namespace; nil for one that it does not have.
    package func outside(user: UInt32) -> UInt32? { Self.outside(user, users) }
    package func outside(group: UInt32) -> UInt32? { Self.outside(group, groups) }

    private static func outside(_ id: UInt32, _ ranges: [Range]) -> UInt32? {
        ranges.first { id >= $0.inside && id - $0.inside < $0.count }.map { $0.outside + (id - $0.inside) }
    }

    /// The text of uid_map or gid_map.
    package static func text(_ ranges: [Range]) -> String {
        ranges.map { "\($0.inside) \($0.outside) \($0.count)\n" }.joined()
    }

    /// Gives the namespace of a process its ids.
    func write(of pid: Int32) throws(SystemError) {
        try CgroupTree.write(Self.text(users), to: FilePath("/proc/\(pid)/uid_map"))
        try CgroupTree.write(Self.text(groups), to: FilePath("/proc/\(pid)/gid_map"))
    }
}
