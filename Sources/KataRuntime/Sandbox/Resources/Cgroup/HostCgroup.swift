// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
package import SystemPackage

/// The control group of a container on the host, where engines look for what it uses (runtime-spec, config-linux.md, Cgroups Path).
///
/// It holds the container's stub, and the first container's the sandbox's shim and machine as well. Nothing is limited here: the
/// limits hold in the guest, whose machine needs more than they allow.
package struct HostCgroup: Sendable, Hashable {
    /// One directory for each hierarchy, those of version 1 and the unified one.
    package let directories: [FilePath]

    /// - Parameters:
    ///   - path: as the specification says it; relative ones start at the hierarchies' roots, as in runc. A path of systemd's form has
    ///     no directory.
    ///   - mounts: text of /proc/self/mounts.
    package init(path: String, mounts: String) {
        let name = FilePath(path)
        guard !path.isEmpty, !path.contains(":"), !name.components.contains(where: { $0.kind == .parentDirectory }) else {
            directories = []
            return
        }
        var below = name
        below.root = nil
        var found: [FilePath] = []
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 3, words[2] == "cgroup" || words[2] == "cgroup2" else { continue }
            // A new group of cpuset takes no process before it has been given processors, and it counts nothing.
            if words[3].split(separator: ",").contains("cpuset") { continue }
            found.append(FilePath(String(words[1])).pushing(below))
        }
        directories = found
    }

    package init(path: String) throws(SystemError) {
        self.init(path: path, mounts: String(decoding: try FileSystem.read("/proc/self/mounts", limit: 4 << 20), as: UTF8.self))
    }

    /// The directory in the hierarchy that counts memory; nil where there is none.
    ///
    /// - Parameter process: in the group.
    package static func memory(_ path: String, of process: ProcessIdentity) -> FilePath? {
        if let scope = try? SystemdScope(path: path) {
            guard let groups = try? FileSystem.read(FilePath("/proc/\(process.pid)/cgroup"), limit: 1 << 20),
                let own = scope.path(in: String(decoding: groups, as: UTF8.self))
            else { return nil }
            return (try? HostCgroup(path: own))?.memory
        }
        return (try? HostCgroup(path: path))?.memory
    }

    private var memory: FilePath? { directories.first { MemoryAlarm(group: $0) != nil } }

    /// Makes the group where it is missing and moves a process there. A hierarchy that cannot be written is left out.
    package func add(_ process: ProcessIdentity) {
        for directory in directories {
            guard (try? FileSystem.makeDirectory(directory)) != nil else { continue }  // read-only, or another's
            Self.handDown(to: directory)
            // Moving fails for a process that has ended, which uses nothing.
            _ = try? OwnedFD.open(directory.appending("cgroup.procs"), O_WRONLY).writeAll(Array("\(process.pid)".utf8))
        }
    }

    /// What engines read of a container: in a unified hierarchy a group has the controllers that all groups above it hand down
    /// (cgroup-v2, Top-down Constraint), while each hierarchy of version 1 has its own everywhere.
    private static let counted: Set = ["cpu", "io", "memory", "pids"]

    private static func handDown(to directory: FilePath) {
        var above: [FilePath] = []
        var group = directory.removingLastComponent()
        while FileSystem.exists(group.appending("cgroup.subtree_control")) {
            above.append(group)
            group.removeLastComponent()
        }
        for group in above.reversed() {
            guard let offered = words(of: group.appending("cgroup.controllers")),
                let handed = words(of: group.appending("cgroup.subtree_control"))
            else { return }
            for controller in counted.intersection(offered).subtracting(handed) {
                // Refused where processes are in the group itself, which only the host's root may have beside what it hands down.
                _ = try? OwnedFD.open(group.appending("cgroup.subtree_control"), O_WRONLY).writeAll(Array("+\(controller)".utf8))
            }
        }
    }

    private static func words(of file: FilePath) -> Set<String>? {
        (try? FileSystem.read(file, limit: 1 << 16)).map { bytes in
            Set(bytes.split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) })
        }
    }

    /// Its processes must have been ended; the last of them may be on its way out for a moment. What an engine has removed already is gone.
    package func remove() {
        let end = MonotonicInstant.now().nanoseconds + 2_000_000_000
        for directory in directories {
            while true {
                do throws(SystemError) {
                    try FileSystem.removeDirectory(directory)
                    break
                } catch {
                    // Otherwise it is gone, or somebody else has put a process there, who removes it.
                    guard error.errno == .resourceBusy, MonotonicInstant.now().nanoseconds < end else { break }
                    usleep(10_000)
                }
            }
        }
    }
}
