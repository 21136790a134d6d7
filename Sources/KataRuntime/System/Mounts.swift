// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// Mounts of the host.
public enum Mounts {
    /// Moves the process into a mount namespace of its own, which sees the host's later mounts and shows it none of ours:
    /// what is mounted here is gone when the last process in it ends. The process must have one thread only.
    public static func leaveNamespace() throws(SystemError) {
        try syscall("unshare", "mount namespace") { cl_leave_mount_namespace() }
    }

    /// A bind mount; `readOnly` holds for the topmost mount only.
    ///
    /// - Parameter isRecursive: whether with what is mounted below.
    public static func bind(
        _ source: FilePath, on target: FilePath, readOnly: Bool = false, isRecursive: Bool = true
    ) throws(SystemError) {
        try syscall("mount", source.string) {
            source.withPlatformString { from in
                target.withPlatformString { cl_bind_mount(from, $0, readOnly ? 1 : 0, isRecursive ? 1 : 0) }
            }
        }
    }

    /// - Parameter data: the layers and further options (kernel: filesystems/overlayfs).
    public static func overlay(_ data: String, on target: FilePath, readOnly: Bool) throws(SystemError) {
        try syscall("mount", "overlay with \(data)") { target.withPlatformString { cl_overlay_mount($0, data, readOnly ? 1 : 0) } }
    }

    /// An empty file system in memory, with room for a few names (tmpfs(5)).
    public static func memory(on target: FilePath) throws(SystemError) {
        try syscall("mount", target.string) { target.withPlatformString { cl_memory_mount($0) } }
    }

    /// From now on mounts below a mount point show in copies of its namespace (mount_namespaces(7), MS_SHARED).
    public static func share(_ target: FilePath) throws(SystemError) {
        try syscall("mount", target.string) { target.withPlatformString { cl_share_mount($0) } }
    }

    /// The mounts at a path, to be attached in the mount namespace of another process (Linux 5.2).
    public static func detached(_ path: FilePath, isRecursive: Bool) throws(SystemError) -> OwnedFD {
        OwnedFD(
            adopting: try syscall("open_tree", path.string) {
                path.withPlatformString { cl_detached_tree($0, isRecursive ? 1 : 0) }
            })
    }

    public static func attach(_ tree: SharedFD, on target: FilePath, readOnly: Bool) throws(SystemError) {
        try syscall("move_mount", target.string) {
            target.withPlatformString { path in tree.withRaw { cl_attach_detached($0, path, readOnly ? 1 : 0) } }
        }
    }

    /// Bytes that the file system of a path has room for, nil for one on disk: memory (tmpfs) is meant.
    public static func size(_ path: FilePath) throws(SystemError) -> UInt64? {
        var status = statfs()
        try syscall("statfs", path.string) { path.withPlatformString { statfs($0, &status) } }
        let tmpfs = 0x0102_1994
        return Int(status.f_type) == tmpfs ? UInt64(status.f_blocks) * UInt64(status.f_bsize) : nil
    }

    /// Takes the mount away at once; users that still have it open keep it.
    public static func detach(_ target: FilePath) throws(SystemError) {
        try syscall("umount2", target.string) { target.withPlatformString { cl_detach_mount($0) } }
    }
}
