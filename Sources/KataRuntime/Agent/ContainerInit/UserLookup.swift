// SPDX-License-Identifier: Apache-2.0

/// Users and groups of a container by name, from its own passwd(5) and group(5).
package struct UserLookup: Sendable {
    private let users: [[Substring]]
    private let groups: [[Substring]]

    package init(passwordFile: String, groupFile: String) {
        users = Self.fields(passwordFile, atLeast: 6)
        groups = Self.fields(groupFile, atLeast: 3)
    }

    private static func fields(_ text: String, atLeast count: Int) -> [[Substring]] {
        text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }.filter { $0.count >= count }
    }

    /// The user's home directory; nil where none is said.
    package func home(of user: UInt32) -> String? {
        users.first { UInt32($0[2]) == user && !$0[5].isEmpty }.map { String($0[5]) }
    }

    /// Ids of `user`, a name or a number; the group is the user's own unless `group` says another. Groups that have the user by name are
    /// added to `further`.
    package func resolve(
        user: String, group: String, further: [String]
    ) throws(AgentFailure) -> (user: UInt32, group: UInt32, additional: [UInt32]) {
        let entry = users.first { $0[0] == user } ?? users.first { $0[2] == user }
        guard let uid = entry.flatMap({ UInt32($0[2]) }) ?? UInt32(user) else {
            throw .invalid("find user '\(user)': the container's /etc/passwd has none of this name")
        }
        let gid = try group.isEmpty ? entry.flatMap { UInt32($0[3]) } ?? 0 : number(of: group)
        var additional: [UInt32] = []
        for name in further { additional.append(try number(of: name)) }
        if group.isEmpty, let name = entry?[0] {
            for line in groups where line.count > 3 && line[3].split(separator: ",").contains(name) {
                if let number = UInt32(line[2]), number != gid, !additional.contains(number) { additional.append(number) }
            }
        }
        return (uid, gid, additional)
    }

    private func number(of group: String) throws(AgentFailure) -> UInt32 {
        if let number = groups.first(where: { $0[0] == group }).flatMap({ UInt32($0[2]) }) ?? UInt32(group) { return number }
        throw .invalid("find group '\(group)': the container's /etc/group has none of this name")
    }
}
