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

    /// As systemd has them in its unified, hybrid and legacy setups; in the last two a controller that counts nothing for a unit is not
    /// handed down to it.
    @Test(
        arguments: [
            ("0::/machine.slice/docker-a.scope", "/machine.slice/docker-a.scope"),
            (
                "4:memory:/machine.slice\n1:name=systemd:/machine.slice/docker-a.scope\n0::/machine.slice/docker-a.scope",
                "/machine.slice/docker-a.scope"
            ),
            ("4:memory:/a:b.slice/docker-a.scope", "/a:b.slice/docker-a.scope"),
            ("0::/machine.slice/docker-a.scope/init", nil), ("0::/machine.slice/docker-b.scope", nil), ("0::/", nil), ("", nil), ("0", nil),
        ] as [(String, String?)])
    func aScopesGroupIsThatOfItsProcess(groups: String, path: String?) throws {
        #expect(try SystemdScope(path: "machine.slice:docker:a").path(in: groups) == path)
    }
}
