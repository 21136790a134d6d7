// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

/// A command line in a legacy runtime's words, said in the unified runtime's: scripts and engines go on calling the old name.
public struct LegacyCommandLine: Sendable {
    /// The program's name.
    public let name: String
    /// Global flags that are called otherwise today.
    let globals: [String: String]
    /// Verbs that are called otherwise today.
    let verbs: [String: String]
    /// Flags of the old program that mean nothing here, and may be left out.
    let dropped: Set<String>
    /// Flags before the verb that take a value, in today's spelling.
    let valued: Set<String>
    /// Where the old program found its configuration.
    let searchPaths: [FilePath]

    /// The commands that are understood.
    public static let all = [clearContainers3]

    /// The one that a program was called by.
    public static func named(_ name: String) -> LegacyCommandLine? { all.first { $0.name == name } }

    /// `cc-runtime` of Clear Containers 3.0.0 to 3.0.23.
    static let clearContainers3 = LegacyCommandLine(
        name: "cc-runtime", globals: ["--cc-config": "--config"], verbs: ["cc-check": "check", "cc-env": "env"],
        dropped: ["--cc-all"], valued: ["--config", "--log", "--log-format", "--root"],
        searchPaths: ClearContainersV3.dialect.searchPaths)

    /// Today's arguments for the old ones, program name left out.
    ///
    /// - Parameter configuration: given when the command line names none: the old program's own file, if Kata has none and it is there.
    public func arguments(for old: [String], configuration: ([FilePath]) -> FilePath?) -> [String] {
        var result: [String] = []
        var index = 0
        while index < old.count, old[index].hasPrefix("-") {
            let parts = old[index].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let flag = Self.doubled(parts[0])
            let current = globals[flag] ?? flag
            result.append(([current] + parts.dropFirst()).joined(separator: "="))
            index += 1
            if valued.contains(current), parts.count == 1, index < old.count {
                result.append(old[index])
                index += 1
            }
        }
        let names = result.contains { $0 == "--config" || $0.hasPrefix("--config=") }
        if !names, index < old.count, let found = configuration(searchPaths) { result += ["--config", found.string] }
        guard index < old.count else { return result }
        result.append(verbs[old[index]] ?? old[index])
        // What comes after "--" or the container's name is the workload's, and looks like no flag of ours only by chance.
        return result + old[(index + 1)...].filter { !dropped.contains($0) }
    }

    /// The old parsers took `-flag` for `--flag`.
    private static func doubled(_ flag: String) -> String {
        flag.hasPrefix("--") || flag.count <= 2 ? flag : "-" + flag
    }
}
