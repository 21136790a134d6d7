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

    /// A recursive bind mount; `readOnly` holds for the topmost mount only.
    public static func bind(_ source: FilePath, on target: FilePath, readOnly: Bool = false) throws(SystemError) {
        try syscall("mount", source.string) {
            source.withPlatformString { from in target.withPlatformString { cl_bind_mount(from, $0, readOnly ? 1 : 0) } }
        }
    }

    /// Takes the mount away at once; users that still have it open keep it.
    public static func detach(_ target: FilePath) throws(SystemError) {
        try syscall("umount2", target.string) { target.withPlatformString { cl_detach_mount($0) } }
    }
}
