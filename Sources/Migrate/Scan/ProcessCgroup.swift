// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
package import SystemPackage

/// Where a process is accounted for.
package struct ProcessCgroup: Hashable, Sendable {
    package let pid: Int32
    /// Below the root of its hierarchy: `/docker/5e0a…`.
    package let path: FilePath

    package init(pid: Int32, path: FilePath) {
        self.pid = pid
        self.path = path
    }

    /// `PID PATH`, a line of cgroups.txt.
    init?(line: String) {
        let fields = line.split(separator: " ", maxSplits: 1)
        guard fields.count == 2, let pid = Int32(fields[0]), fields[1].hasPrefix("/") else { return nil }
        self.init(pid: pid, path: FilePath(String(fields[1])))
    }

    /// The distinct ones of /proc/PID/cgroup but for the root; empty when the process has ended.
    static func live(of pid: Int32) -> [ProcessCgroup] {
        guard let bytes = try? FileSystem.read(FilePath("/proc/\(pid)/cgroup"), limit: 1 << 16) else { return [] }  // it has ended
        var paths: [FilePath] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            // NUMBER:CONTROLLERS:PATH (cgroups(7)); a path may have colons.
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2] != "/" else { continue }
            let path = FilePath(String(fields[2]))
            if !paths.contains(path) { paths.append(path) }
        }
        return paths.map { ProcessCgroup(pid: pid, path: $0) }
    }
}
