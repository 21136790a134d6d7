// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
package import SystemPackage

/// The cgroup2 group of one container; its processes are started in it.
package struct ContainerCgroup: ~Copyable {
    package let path: FilePath
    /// For CLONE_INTO_CGROUP.
    let directory: OwnedFD

    /// Makes the group.
    package init(name: String) throws(SystemError) {
        let path = CgroupTree.containers.appending(name)
        try syscall("mkdir", path.string) { path.withPlatformString { mkdir($0, 0o755) } }
        do throws(SystemError) {
            directory = try OwnedFD.open(path, O_RDONLY | O_DIRECTORY)
        } catch {
            // The group is empty, and the first failure is the one to report.
            _ = try? FileSystem.removeDirectory(path)
            throw error
        }
        self.path = path
    }

    package func apply(_ limits: CgroupLimits) throws(SystemError) {
        for setting in limits.settings {
            do throws(SystemError) {
                try CgroupTree.write(setting.value, to: path.appending(setting.file))
            } catch {
                if setting.isOptional && error.errno == .noSuchFileOrDirectory { continue }
                throw error
            }
        }
    }

    /// Asks the kernel to stop or to continue all processes of the group; `isFrozen` tells when it has.
    package func setFrozen(_ isFrozen: Bool) throws(SystemError) {
        try CgroupTree.write(isFrozen ? "1" : "0", to: path.appending("cgroup.freeze"))
    }

    package func isFrozen() throws(SystemError) -> Bool {
        try CgroupFile.lines(path.appending("cgroup.events")).contains { $0 == ["frozen", "1"] }
    }

    /// The processes in this group and in those below it.
    package func allProcesses() throws(SystemError) -> [Int32] { try Self.processes(path, depth: 0) }

    private static func processes(_ path: FilePath, depth: Int) throws(SystemError) -> [Int32] {
        var found = try CgroupFile.lines(path.appending("cgroup.procs")).compactMap { $0.first.flatMap { Int32($0) } }
        guard depth < 64 else { return found }
        for entry in try FileSystem.list(path) where try FileSystem.status(path.appending(entry))?.kind == .directory {
            found += try processes(path.appending(entry), depth: depth + 1)
        }
        return found
    }

    /// The processes in this group itself.
    package func processes() throws(SystemError) -> [Int32] {
        let text = String(decoding: try FileSystem.read(path.appending("cgroup.procs")), as: UTF8.self)
        return text.split(separator: "\n").compactMap { Int32($0) }
    }

    /// The group below this one that a process is in; nil for one that is elsewhere.
    package func group(of pid: Int32) throws(SystemError) -> FilePath? {
        let text = String(decoding: try FileSystem.read(FilePath("/proc/\(pid)/cgroup")), as: UTF8.self)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        let group = CgroupTree.root.pushing(FilePath(String(line.dropFirst(4))))
        return group != path && group.starts(with: path) ? group : nil
    }

    /// SIGKILL to every process of the group and of the groups below it.
    package func killAll() throws(SystemError) { try CgroupTree.write("1", to: path.appending("cgroup.kill")) }

    /// Whether the group and those below it have no process, zombies left aside.
    package func isEmpty() throws(SystemError) -> Bool {
        let text = String(decoding: try FileSystem.read(path.appending("cgroup.events"), limit: 4096), as: UTF8.self)
        return text.split(separator: "\n").contains("populated 0")
    }

    /// Removes the group with those that the container made below it. They must be empty.
    package func remove() throws(SystemError) { try Self.remove(path, depth: 0) }

    private static func remove(_ path: FilePath, depth: Int) throws(SystemError) {
        for entry in try FileSystem.list(path) {
            let below = path.appending(entry)
            // A container that nests groups deeper than this has made them to hinder us; rmdir then says EBUSY.
            if depth < 64, try FileSystem.status(below)?.kind == .directory { try remove(below, depth: depth + 1) }
        }
        try FileSystem.removeDirectory(path)
    }
}
