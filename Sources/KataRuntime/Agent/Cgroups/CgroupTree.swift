// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
package import SystemPackage

/// The agent's part of the unified cgroup hierarchy: one group a container below `/sys/fs/cgroup/kata`.
package enum CgroupTree {
    package static let root = FilePath("/sys/fs/cgroup")
    package static let containers = FilePath("/sys/fs/cgroup/kata")

    /// Makes the agent's group and gives every controller of the kernel to the groups below it.
    package static func prepare() throws(SystemError) {
        try delegateControllers(of: root)
        try FileSystem.makeDirectory(containers)
        try delegateControllers(of: containers)
    }

    private static func delegateControllers(of group: FilePath) throws(SystemError) {
        let names = String(decoding: try FileSystem.read(group.appending("cgroup.controllers"), limit: 4096), as: UTF8.self)
        for name in names.split(whereSeparator: \.isWhitespace) {
            try write("+\(name)", to: group.appending("cgroup.subtree_control"))
        }
    }

    static func write(_ text: String, to file: FilePath) throws(SystemError) {
        let bytes = Array(text.utf8)
        let descriptor = try OwnedFD.open(file, O_WRONLY)
        // One write(2): the kernel reads a cgroup file's value from a single one.
        try syscall("write", "\(file)' value '\(text)") { CLinux.write(descriptor.raw, bytes, bytes.count) }
    }
}
