// SPDX-License-Identifier: Apache-2.0
internal import KataText
public import SystemPackage

/// The sandbox records of Clear Containers 3.0, which its library virtcontainers wrote.
///
/// What survives a reboot lies below `/var/lib/virtcontainers/pods`, the rest below `/run/virtcontainers/pods`; in both a directory for each
/// sandbox holds one for each of its containers. Nothing in the files names a version.
public enum Virtcontainers {
    /// Configurations, which survive a reboot.
    public static let configurationRoot: FilePath = "/var/lib/virtcontainers/pods"
    /// States, which do not.
    public static let runRoot: FilePath = "/run/virtcontainers/pods"
    /// Where the files of sandboxes were shared with their guests: since 3.0.12.
    public static let sharedRoot: FilePath = "/run/hyper/shared/pods"
    /// And before.
    public static let earlySharedRoot: FilePath = "/tmp/hyper/shared/pods"

    /// Reads all sandboxes of a tree; files that are missing, damaged or hostile are reported and never stop it.
    public static func read(from tree: some LegacyTree) -> SandboxRecords {
        var reading = RecordReading(tree: tree)
        return reading.virtcontainers(.clearContainers)
    }
}

/// Where a program that was built with virtcontainers kept its records, and how its releases differ.
struct VirtcontainersLayout {
    let format: RecordFormat
    let configurationRoot: FilePath
    let runRoot: FilePath
    let releases: ClosedRange<Release>
    let configurationMarks: [ReleaseMark]
    let stateMarks: [ReleaseMark]

    static let clearContainers = VirtcontainersLayout(
        format: .virtcontainers, configurationRoot: Virtcontainers.configurationRoot, runRoot: Virtcontainers.runRoot,
        releases: ClearContainersV3.releases, configurationMarks: ReleaseMark.configuration, stateMarks: ReleaseMark.state)
}
