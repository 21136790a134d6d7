// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

/// Files of one directory that are named alike.
struct FileFamily: Sendable {
    let role: InstalledFile.Role
    let directory: FilePath
    let prefix: String
    let suffix: String

    /// Something stands between the two.
    func contains(_ name: String) -> Bool {
        name.utf8.count > prefix.utf8.count + suffix.utf8.count && name.hasPrefix(prefix) && name.hasSuffix(suffix)
    }

    func members(by survey: inout Survey) -> [(role: InstalledFile.Role, path: FilePath)] {
        survey.names(in: directory).filter(contains).compactMap { name in
            FilePath.Component(name).map { (role: role, path: directory.appending($0)) }
        }
    }
}

/// A runtime of the past as it shows on a host: what it installs, what it runs, and by which names engines call it.
package struct LegacySystem: Sendable {
    /// As people call it, without a release.
    package let name: String
    /// What the name is without a generation, for records that know their release.
    var family: String?
    /// The programs that engines call.
    let runtimes: Set<String>
    /// The flags of those programs that name a configuration.
    var configurationFlags: Set<String> = []
    /// The configurations that it reads.
    var dialects: [Dialect.ID] = []
    /// All that its repositories offered; the first has the version of the system.
    var packages: [String] = []
    var files: [(role: InstalledFile.Role, path: FilePath)] = []
    /// What its family's generations have in common.
    var machine = MachineParts()
    /// Files of which there may be any number.
    var families: [FileFamily] = []
    /// Where its configuration is beside the places that its dialects know.
    var configurationPlaces: [FilePath] = []
    /// What says its release where no package does.
    var versionFile: FilePath?
    var units: [String] = []
    /// Sockets that systemd holds for a socket unit: /proc names the units of processes only.
    var unitSockets: [FilePath] = []
    /// Whether the end of its daemon ends its VMs.
    var daemonHoldsSandboxes = false
    /// What a process is to it, told by the program's name and its arguments; nil for a stranger.
    let recognise: @Sendable (_ program: FilePath, _ arguments: [String]) -> (role: LegacyProcess.Role, sandbox: String?)?
    let sandboxes: SandboxPlaces
    /// Whether its configuration is what files of engines say when they call it.
    var isConfiguredByEngines = false
    /// Whether the new runtime reads the same files, so that one of them is this system's only if its programs are there as well.
    var sharesConfiguration = false

    /// The newest first: where several are on a host, it is what the host was last moved to. But Kata's is ours, too, once the host is moved.
    static let all = [clearContainers3, clearContainers2, runV, hyperd, frakti, kata]

    /// The hypervisor and guest that several generations of a system were run in, with packages of their own.
    struct MachineParts: Sendable {
        var packages: [String] = []
        var files: [(role: InstalledFile.Role, path: FilePath)] = []
    }

    static func of(_ format: RecordFormat) -> LegacySystem? { all.first { $0.sandboxes.format == format } }

    /// Whether a unit's file is of this system although another has one of that name: it starts one of its programs, or holds its socket.
    func isNamed(by unit: SourceText) -> Bool {
        let text = String(decoding: unit.bytes, as: UTF8.self)
        return (files.map(\.path) + unitSockets).contains { text.contains($0.string) }
    }

    /// The one whose program an engine calls.
    static func calling(_ program: FilePath) -> LegacySystem? {
        guard let name = program.lastComponent?.string else { return nil }
        return all.first { $0.runtimes.contains(name) || $0.isFamily(name) }
    }

    /// Whether a program has the name of one of its families.
    func isFamily(_ name: String) -> Bool { families.contains { $0.contains(name) } }

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
