// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataSandbox

@Suite struct MemoryAlarmTests {
    private static let hierarchy: FilePath = "/sys/fs/cgroup/memory"
    private static let hasHierarchy = FileSystem.exists(hierarchy.appending("memory.limit_in_bytes"))

    private static func give(in group: FilePath) throws -> KataSystem.ExitStatus {
        let runtime = TestMachine.binaries.appending("kata-runtime")
        return try Subprocess(program: runtime, arguments: [MemoryAlarm.name, group.string], environment: []).spawn().wait()
    }

    @Test(.enabled(if: hasHierarchy && geteuid() == 0, "needs root and a hierarchy of cgroups of version 1 that counts memory"))
    func theKernelTellsOfAGroupAndEndsNobodyOfIt() throws {
        let group = Self.hierarchy.appending("kata-test-\(getpid())")
        func read(_ file: String) throws -> String {
            String(decoding: try FileSystem.read(group.appending(file), limit: 4096), as: UTF8.self)
        }
        try FileSystem.makeDirectory(group)
        defer { try? FileSystem.removeDirectory(group) }
        let member = try Subprocess(program: "/bin/sleep", arguments: ["sleep", "600"]).spawn()
        defer {
            try? member.signal(SIGKILL)
            _ = try? member.wait()
        }
        try OwnedFD.open(group.appending("cgroup.procs"), O_WRONLY).writeAll(Array("\(member.pid)".utf8))
        let before = try (read("memory.limit_in_bytes"), read("memory.swappiness"))
        #expect(try Self.give(in: group) == .exited(0))
        #expect(try read("memory.oom_control").contains("oom_kill 1\n"))
        #expect(try (read("memory.limit_in_bytes"), read("memory.swappiness")) == before)
        #expect(try read("cgroup.procs") == "\(member.pid)\n")

        // Where another would be ended as soon, nobody is.
        try OwnedFD.open(FilePath("/proc/\(member.pid)/oom_score_adj"), O_WRONLY).writeAll(Array("1000".utf8))
        #expect(try Self.give(in: group) == .exited(1))
        #expect(try read("memory.oom_control").contains("oom_kill 1\n"))
    }

    @Test func whatCountsNoMemoryIsNoGroup() throws {
        #expect(try Self.give(in: "/tmp") == .exited(2))
    }
}
