// SPDX-License-Identifier: Apache-2.0
internal import KataText
public import SystemPackage

/// The sandbox records of Kata.
///
/// Kata 1.0 to 1.10 wrote the files of virtcontainers, as Clear Containers 3.0 did, in other places. Since 1.11, and since 1.7 where the
/// experimental `newstore` was on, each sandbox and container has one `persist.json` below `/run`. Kata's runtime in Rust has one
/// `state.json` for a sandbox.
public enum KataRecords {
    /// Configurations of 1.0 to 1.10, which survive a reboot.
    public static let configurationRoot: FilePath = "/var/lib/vc/sbs"
    /// States.
    public static let runRoot: FilePath = "/run/vc/sbs"
    /// Sockets and the pid file of the VMs.
    public static let machineRoot: FilePath = "/run/vc/vm"
    /// Where the files of sandboxes were shared with their guests.
    public static let sharedRoot: FilePath = "/run/kata-containers/shared/sandboxes"
    /// States of the runtime in Rust.
    public static let rustRoot: FilePath = "/run/kata"
    static let persistFile = FilePath.Component(stringLiteral: "persist.json")

    /// Reads all sandboxes of a tree; files that are missing, damaged or hostile are reported and never stop it.
    public static func read(from tree: some LegacyTree) -> SandboxRecords {
        var reading = RecordReading(tree: tree)
        let go = reading.virtcontainers(.kata)
        let rust = reading.rustSandboxes()
        return SandboxRecords(
            sandboxes: go.sandboxes + rust.sandboxes, broken: go.broken + rust.broken, diagnostics: reading.diagnostics)
    }

    /// What the numbers of `InterworkingModel` meant: 1.10 took two of them out.
    static func models(_ configuration: JSONValue) -> [LegacyNetwork.Interworking] {
        let hypervisor = configuration["HypervisorConfig"]
        // Keys of 1.10, in the old layout and in persist.json.
        let isNew = configuration.member("ContainerConfigs") != nil || hypervisor?.member("JailerPathList") != nil
        return isNew ? [.byDefault, .macvtap, .tcfilter, .none] : [.byDefault, .bridged, .macvtap, .enlightened, .tcfilter, .none]
    }
}

extension VirtcontainersLayout {
    static let kata = VirtcontainersLayout(
        format: .kata, configurationRoot: KataRecords.configurationRoot, runRoot: KataRecords.runRoot,
        releases: Release(1, 0, 0)...Release(1, 10, 8), configurationMarks: store, stateMarks: [])

    /// The keys of `config.json` by which the releases up to 1.10 differ.
    private static let store: [ReleaseMark] = [
        added("", "ShmSize", in: 1), added("HypervisorConfig", "UseVSock", in: 2), added("HypervisorConfig", "NumVCPUs", in: 3),
        added("HypervisorConfig", "GuestHookPath", in: 4), added("HypervisorConfig", "MemOffset", in: 5),
        added("HypervisorConfig", "SharedFS", in: 7), added("HypervisorConfig", "FileBackedMemRootDir", in: 8),
        added("HypervisorConfig", "JailerPath", in: 9),
        ReleaseMark(
            parent: "", key: "NetworkModel", present: Release(1, 0, 0)...Release(1, 5, 5), absent: Release(1, 6, 0)...Release(1, 10, 8)),
    ]

    /// Written since 1.`minor` whenever the parent is.
    private static func added(_ parent: String, _ key: String, in minor: Int) -> ReleaseMark {
        ReleaseMark(
            parent: parent, key: key, present: Release(1, minor, 0)...Release(1, 10, 8), absent: Release(1, 0, 0)...Release(1, minor - 1, 9)
        )
    }
}
