// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// The records of runV.
///
/// A directory for each container holds `state.json` and, from 1.0.0-rc2 on, `process.json` of its processes; all of it is lost in a
/// reboot. Which containers share a VM is said by a link: `sandbox`, to the VM's own directory, from 1.0.0-rc1 on, and before that
/// `namespace`, to the directory of the daemon that held them. That daemon alone noted how containers ended.
public enum RunVRecords {
    /// The default of `--root`.
    public static let root: FilePath = "/run/runv"
    /// The default of 0.5.0, which other runtimes of the time had as well.
    public static let oldestRoot: FilePath = "/run/opencontainer/containers"
    /// Where each VM has a directory with its sockets, whatever `--root` is.
    public static let machineRoot: FilePath = "/run/hyper"
    /// Where a daemon of 0.6 to 0.8.1 that runs for an engine keeps the records of all its containers.
    public static let daemonRoot: FilePath = "/run/runv-containerd"
    /// What the directories of daemons that run for one VM each are called.
    public static let namespacePrefix = "/run/runv-namespace-"
    static let releases = Release(0, 5, 0)...Release(1, 1, 0)

    /// Reads all sandboxes of a tree; files that are missing, damaged or hostile are reported and never stop it.
    ///
    /// - Parameter more: directories beside the usual ones, because engines named them with `--root`.
    public static func read(from tree: some LegacyTree, more: [FilePath] = []) -> SandboxRecords {
        var reading = RecordReading(tree: tree)
        return reading.runV([root, oldestRoot, daemonRoot] + more)
    }
}
