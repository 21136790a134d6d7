// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

/// Where a system keeps what belongs to its sandboxes, and under which names.
struct SandboxPlaces: Sendable {
    let format: RecordFormat
    /// The records of a tree; the directories are those that engines name beside the usual ones.
    let read: @Sendable (RecordingTree, [FilePath]) -> SandboxRecords
    /// Directories of which a sandbox has those under its names to itself.
    let directories: [FilePath]
    /// Directories in which files of the host are mounted for guests, under a sandbox's name.
    let shared: [FilePath]
    /// Directories with the sockets of what runs, under a sandbox's name.
    let sockets: [FilePath]
    /// What every name begins with in directories that others have, too.
    var prefix = ""
    /// Whether all sandboxes are in the same files, which change while any of them runs.
    var isDatabase = false
    /// Whether records of what has been moved stay in their place until the migration is forgotten: those of the system that is moved to.
    var stayUntilForgotten = false
    let names: @Sendable (LegacySandbox) -> [String]

    static let virtcontainers = SandboxPlaces(
        format: .virtcontainers, read: { tree, _ in Virtcontainers.read(from: tree) },
        directories: [Virtcontainers.configurationRoot, Virtcontainers.runRoot],
        shared: [Virtcontainers.sharedRoot, Virtcontainers.earlySharedRoot],
        sockets: [Virtcontainers.runRoot], names: { [$0.id.rawValue] })

    static let kata = SandboxPlaces(
        format: .kata, read: { tree, _ in KataRecords.read(from: tree) },
        directories: [KataRecords.configurationRoot, KataRecords.runRoot, KataRecords.machineRoot, KataRecords.rustRoot],
        shared: [KataRecords.sharedRoot], sockets: [KataRecords.runRoot, KataRecords.machineRoot, KataRecords.rustRoot],
        stayUntilForgotten: true, names: { [$0.id.rawValue] })

    /// Each container has a directory, and a pod's files are mounted in that of its first.
    static let ccOCIRuntime = SandboxPlaces(
        format: .ccOCIRuntime, read: { CCOCIRuntime.read(from: $0, more: $1) }, directories: CCOCIRuntime.roots,
        shared: CCOCIRuntime.roots, sockets: CCOCIRuntime.roots, names: { [$0.id.rawValue] + $0.containers.map(\.id.rawValue) })

    /// Containers have directories, and their VM has one.
    static let runV = SandboxPlaces(
        format: .runV, read: { RunVRecords.read(from: $0, more: $1) },
        directories: [RunVRecords.root, RunVRecords.oldestRoot, RunVRecords.daemonRoot],
        shared: [RunVRecords.machineRoot], sockets: [RunVRecords.machineRoot], prefix: machinePrefix,
        names: { [$0.id.rawValue] + $0.containers.map(\.id.rawValue) })

    /// The pods are in a database, and their VMs have the directories of runV's.
    static let hyperd = SandboxPlaces(
        format: .hyperd, read: { HyperdRecords.read(from: $0, databases: $1) }, directories: [], shared: [RunVRecords.machineRoot],
        sockets: [RunVRecords.machineRoot], prefix: machinePrefix, isDatabase: true, names: { [$0.hypervisor.uuid ?? $0.id.rawValue] })

    /// Of hyperd's pods it keeps what it needs to take their networks down.
    static let frakti = SandboxPlaces(
        format: .frakti, read: { tree, _ in FraktiRecords.read(from: tree) }, directories: [FraktiRecords.root], shared: [], sockets: [],
        names: { [$0.id.rawValue] })

    /// VMs of runV and of hyperd are named alike.
    static let machinePrefix = "vm-"
}
