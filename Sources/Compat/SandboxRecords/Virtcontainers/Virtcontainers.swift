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
    /// Where the files of sandboxes were shared with their guests.
    public static let sharedRoot: FilePath = "/run/hyper/shared/pods"

    /// Reads all sandboxes of a tree; files that are missing, damaged or hostile are reported and never stop it.
    public static func read(from tree: some LegacyTree) -> SandboxRecords {
        var reading = RecordReading(tree: tree)
        return reading.read()
    }

    /// Bounds of what is read: each is far above what a host can have had, and keeps a hostile tree from taking all memory.
    enum Limits {
        /// A configuration holds the specification of each container twice; 16 MiB is room for hundreds.
        static let configuration = 16 << 20
        /// The other files hold a few lines.
        static let state = 1 << 20
        /// A VM took half a gigabyte or more, so a host had hundreds at most.
        static let sandboxes = 10_000
        /// The guest had one shared directory and at most 240 processors.
        static let containers = 1_000
    }
}
