// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// The records of cc-oci-runtime, Clear Containers 2.
///
/// A directory for each container holds `state.json` and sockets; all of it is lost in a reboot. Containers of a pod share the VM of one of
/// them, whose name their `pod` object has.
public enum CCOCIRuntime {
    /// Where the packages kept it, and where a build with its own prefix did.
    public static let roots: [FilePath] = ["/run/cc-oci-runtime", "/var/run/cc-oci-runtime", "/usr/local/var/run/cc-oci-runtime"]
    static let releases = Release(2, 0, 0)...Release(2, 2, 8)

    /// Reads all sandboxes of a tree; files that are missing, damaged or hostile are reported and never stop it.
    ///
    /// - Parameter more: directories beside the usual ones, because engines named them with `--root`.
    public static func read(from tree: some LegacyTree, more: [FilePath] = []) -> SandboxRecords {
        var reading = RecordReading(tree: tree)
        return reading.ccOCIRuntime(roots + more)
    }
}
