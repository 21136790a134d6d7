// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

/// A runtime of the past as it shows on a host: what it installs, what it runs, and by which names engines call it.
package struct LegacySystem: Sendable {
    /// As people call it, without a release.
    package let name: String
    /// The programs that engines call.
    let runtimes: Set<String>
    /// The flags of those programs that name a configuration.
    var configurationFlags: Set<String> = []
    /// The configurations that it reads.
    var dialects: [Dialect.ID] = []
    /// All that its repositories offered; the first has the version of the system.
    var packages: [String] = []
    var files: [(role: InstalledFile.Role, path: FilePath)] = []
    var units: [String] = []
    /// Sockets that systemd holds for a socket unit: /proc names the units of processes only.
    var unitSockets: [FilePath] = []
    /// Whether the end of its daemon ends its VMs.
    var daemonHoldsSandboxes = false
    /// What a process is to it, told by the program's name and its arguments; nil for a stranger.
    let recognise: @Sendable (_ program: FilePath, _ arguments: [String]) -> (role: LegacyProcess.Role, sandbox: String?)?
    /// Where it kept sandboxes whose records are not read here.
    var unreadRecords: [FilePath] = []

    /// The newest first: where several are on a host, it is what the host was last moved to.
    static let all = [clearContainers3, clearContainers2, runV, hyperd, frakti, kata]

    /// The one whose program an engine calls.
    static func calling(_ program: FilePath) -> LegacySystem? {
        guard let name = program.lastComponent?.string else { return nil }
        return all.first { $0.runtimes.contains(name) }
    }

    /// The word after a flag, or behind its equals sign.
    static func value(_ arguments: [String], after flag: String) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument == flag { return index + 1 < arguments.count ? arguments[index + 1] : nil }
            if argument.hasPrefix(flag + "=") { return String(argument.dropFirst(flag.count + 1)) }
        }
        return nil
    }

    /// `ID` of the first argument that holds `/parent/ID/`.
    static func identifier(in arguments: [String], below parent: String) -> String? {
        for argument in arguments {
            guard let range = argument.firstRange(of: parent) else { continue }
            let name = argument[range.upperBound...].prefix { $0 != "/" && $0 != "," }
            if !name.isEmpty { return String(name) }
        }
        return nil
    }
}
