// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
internal import SystemPackage

/// What PID 1 does between leaving the initramfs and answering the host.
package struct GuestBoot: Sendable {
    private struct MountPoint {
        let source, target, type: String
        let flags: Int
        let data: String?
    }

    private static let common = MS_NOSUID | MS_NODEV | MS_NOEXEC

    private static let mountPoints = [
        MountPoint(source: "sysfs", target: "/sys", type: "sysfs", flags: common, data: nil),
        MountPoint(source: "devtmpfs", target: "/dev", type: "devtmpfs", flags: MS_NOSUID, data: "mode=0755"),
        MountPoint(
            source: "devpts", target: "/dev/pts", type: "devpts", flags: MS_NOSUID | MS_NOEXEC,
            data: "gid=5,mode=0620,ptmxmode=0666"),
        MountPoint(source: "tmpfs", target: "/dev/shm", type: "tmpfs", flags: MS_NOSUID | MS_NODEV, data: "mode=1777"),
        MountPoint(source: "tmpfs", target: "/run", type: "tmpfs", flags: MS_NOSUID | MS_NODEV, data: "mode=0755"),
        MountPoint(source: "tmpfs", target: "/tmp", type: "tmpfs", flags: MS_NOSUID | MS_NODEV, data: "mode=1777"),
        MountPoint(source: "cgroup2", target: "/sys/fs/cgroup", type: "cgroup2", flags: common, data: nil),
    ]

    private static let links = [
        "/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1",
        "/dev/stderr": "/proc/self/fd/2",
    ]

    /// CLOCK_BOOTTIME nanoseconds of the agent's first instruction.
    package let started: UInt64
    package let release: String
    package let commandLine: KernelCommandLine

    /// Mounts the guest's file systems, loads the modules, and sets up cgroups and the loopback interface.
    package static func run() throws -> GuestBoot {
        let started = getenv(CL_BOOT_TIME_VARIABLE).flatMap { UInt64(String(cString: $0)) } ?? cl_boot_time()
        for point in mountPoints { try mount(point) }
        for (path, target) in links { try syscall("symlink", path) { symlink(target, path) } }
        let release = try runningKernelRelease()
        try ModuleLoadList.ofRunningKernel(release: release)?.load()
        // The modules are in the kernel now, and their files would hold guest memory.
        try FileSystem.removeTree("/lib/modules")
        try CgroupTree.prepare()
        try syscall("set up interface", "lo") { cl_interface_up("lo") }
        umask(0o022)
        let text = String(decoding: try FileSystem.read("/proc/cmdline", limit: 1 << 16), as: UTF8.self)
        return GuestBoot(started: started, release: release, commandLine: KernelCommandLine(parsing: text))
    }

    private static func mount(_ point: MountPoint) throws(SystemError) {
        if mkdir(point.target, 0o755) < 0 && cl_errno() != EEXIST {
            throw SystemError(call: "mkdir", subject: point.target, errno: Errno(rawValue: cl_errno()))
        }
        try syscall("mount", point.target) {
            CLinux.mount(point.source, point.target, point.type, UInt(point.flags), point.data)
        }
    }

    package static func runningKernelRelease() throws(SystemError) -> String {
        var names = utsname()
        try syscall("uname", "release") { uname(&names) }
        return withUnsafeBytes(of: &names.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
