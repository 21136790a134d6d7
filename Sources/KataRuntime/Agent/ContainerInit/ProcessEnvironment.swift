// SPDX-License-Identifier: Apache-2.0

/// The environment of a container process and what is looked up by it.
package struct ProcessEnvironment: Sendable, Equatable {
    /// `NAME=value` in order.
    package private(set) var entries: [String]

    package init(_ entries: [String]) { self.entries = entries }

    /// The last entry wins, as for getenv(3) after putenv(3).
    package subscript(_ name: String) -> String? {
        entries.last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
    }

    /// Adds HOME where it is missing or empty, from the container's own users.
    package mutating func provideHome(of user: UInt32, users: UserLookup) {
        if let home = self["HOME"], !home.isEmpty { return }
        entries.removeAll { $0.hasPrefix("HOME=") }
        entries.append("HOME=" + (users.home(of: user) ?? "/"))
    }

    /// Where execve(2) may find `program`: itself when it names a path, else one candidate for each part of PATH.
    package func candidates(for program: String) -> [String] {
        if program.contains("/") { return [program] }
        guard !program.isEmpty, let path = self["PATH"], !path.isEmpty else { return [] }
        return path.split(separator: ":", omittingEmptySubsequences: false).map { directory in
            // An empty part means the working directory.
            directory.isEmpty ? "./" + program : directory + "/" + program
        }
    }
}
