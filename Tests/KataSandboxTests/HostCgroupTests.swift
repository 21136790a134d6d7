// SPDX-License-Identifier: Apache-2.0

import SystemPackage
import Testing

@testable import KataSandbox

@Suite struct HostCgroupTests {
    private static let mounts = """
        tmpfs /sys/fs/cgroup tmpfs rw,mode=755 0 0
        cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
        cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0
        cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
        """

    @Test(arguments: ["/docker/a", "docker/a"])
    func aPathIsADirectoryOfEachHierarchyThatCounts(path: String) {
        #expect(
            HostCgroup(path: path, mounts: Self.mounts).directories
                == ["/sys/fs/cgroup/memory/docker/a", "/sys/fs/cgroup/cpu,cpuacct/docker/a", "/sys/fs/cgroup/unified/docker/a"])
    }

    @Test(arguments: ["", "system.slice:docker:a", "/docker/../../etc"])
    func whatIsNoPathBelowTheRootsIsNone(path: String) {
        #expect(HostCgroup(path: path, mounts: Self.mounts).directories == [])
    }
}
