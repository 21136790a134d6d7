// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// The same again and again; KATA_SOAK=1 makes it long (`make soak`).
    @Suite struct EnduranceTests {
        private static let isSoak = ProcessInfo.processInfo.environment["KATA_SOAK"] != nil
        private let cycles = isSoak ? 200 : 10
        private let atOnce = isSoak ? 20 : 4
        private let executions = isSoak ? 1000 : 100

        /// What a container could leave on the host beside the files and processes of its own, each by its name: a count does not tell
        /// what is left from what others make and take away meanwhile.
        private func traces() throws -> Set<String> {
            let mounts = try words(of: "/proc/self/mountinfo").map { "mount \($0[0]) \($0[4])" }
            let interfaces = try FileSystem.list("/sys/class/net").map { "interface \($0)" }
            let sockets = try words(of: "/proc/net/unix").compactMap(\.last).filter { $0.contains("/run/kata-swift/") }
                .map { "socket \($0)" }
            let sandboxes = ((try? FileSystem.list("/run/kata-swift/sandboxes")) ?? []).map { "sandbox \($0)" }
            let groups = ((try? FileSystem.list("/sys/fs/cgroup/pids/kata-endurance")) ?? [])
                .filter { $0.hasPrefix("c") && !$0.contains(".") }
                .map { "group \($0)" }
            return Set(mounts + interfaces + sockets + sandboxes + groups)
        }

        private func words(of file: FilePath) throws -> [[Substring]] {
            let text = String(decoding: try FileSystem.read(file, limit: 16 << 20), as: UTF8.self)
            return text.split(separator: "\n").map { $0.split(separator: " ") }
        }

        /// A container with a cgroup and a network interface of its own.
        private func specify(_ host: MachineHost, _ id: String, _ arguments: [String], device: String) throws {
            try host.specify(arguments) { document in
                var linux = document["linux"] as? [String: Any] ?? [:]
                linux["cgroupsPath"] = "/kata-endurance/c\(id)"
                document["linux"] = linux
                let script = """
                    pid=$(sed 's/.*"pid": *\\([0-9]*\\).*/\\1/')
                    ip link add \(device) type veth peer name eth7 netns $pid
                    nsenter -n -t $pid ip link set eth7 up
                    """
                document["hooks"] = [
                    "prestart": [["path": "/bin/sh", "args": ["sh", "-ec", script], "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]]]
                ]
            }
        }

        /// A namespace's devices go a moment after it.
        private func expectNothing(since before: Set<String>) async throws {
            for _ in 0..<100 where try !traces().isSubset(of: before) { try await Task.sleep(for: .milliseconds(50)) }
            let left = try traces().subtracting(before)
            #expect(left == [])
        }

        @Test func cyclesOfALifeLeaveNothing() async throws {
            try await withMachineHost(leaving: "cycle") { host in
                let device = "ke\(getpid() % 100_000)"
                try specify(host, "ycle", ["true"], device: device)
                let before = try traces()
                for _ in 0..<cycles {
                    _ = try await host.create("cycle")
                    let with = try traces()
                    #expect(with.isSuperset(of: ["interface \(device)", "group cycle"]), "\(with)")
                    #expect(try await host.kata("start", "cycle").status == .exited(0))
                    try await host.waitFor("stopped", of: "cycle")
                    #expect(try await host.kata("delete", "cycle").status == .exited(0))
                    #expect(try host.leftovers("cycle") == [])
                }
                try await expectNothing(since: before)
            }
        }

        @Test func severalContainersRunAtOnce() async throws {
            // Of one length: the traces of a container are found by what its name begins.
            let ids = (0..<atOnce).map { "many\(100 + $0)" }
            try await withTemporaryDirectory { directory in
                let before = try traces()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (number, id) in ids.enumerated() {
                        group.addTask {
                            try FileSystem.makeDirectory(directory.appending(id))
                            let host = try MachineHost(directory.appending(id))
                            try specify(host, id, ["sh", "-c", "echo \(id); sleep 600"], device: "km\(getpid() % 10_000)n\(number)")
                            let container = try await host.create(id)
                            #expect(try await host.kata("start", id).status == .exited(0))
                            #expect(try container.standardOutput.read(upTo: 64) == Array("\(id)\n".utf8))
                        }
                    }
                    try await group.waitForAll()
                }
                for id in ids {
                    let host = MachineHost(below: directory.appending(id))
                    #expect(try await host.state(id)?.status == "running")
                    #expect(try await host.kata("delete", "--force", id).status == .exited(0))
                    #expect(try host.leftovers(id) == [])
                }
                try await expectNothing(since: before)
            }
        }

        @Test func furtherProcessesDoNotMakeTheShimGrow() async throws {
            try await withMachineHost(leaving: "grow") { host in
                try host.specify(["sleep", "6000"])
                _ = try await host.create("grow")
                try await host.kata("start", "grow")
                let shim = try #require(try host.processes("grow")["shim"])
                var first: (descriptors: Int, kibibytes: Int)?
                for number in 0..<executions {
                    let result = try await host.kata("exec", "grow", "echo", "\(number)")
                    #expect(result.text == "\(number)\n", "\(result.errorText)")
                    if number == executions / 10 { first = try size(shim) }
                }
                try await Task.sleep(for: .seconds(1))
                let (last, start) = (try size(shim), try #require(first))
                #expect(last.descriptors <= start.descriptors, "\(start) became \(last)")
                #expect(last.kibibytes <= start.kibibytes + 1024, "\(start) became \(last)")
                try await host.kata("delete", "--force", "grow")
            }
        }

        private func size(_ process: ProcessIdentity) throws -> (descriptors: Int, kibibytes: Int) {
            let memory = String(decoding: try FileSystem.read(FilePath("/proc/\(process.pid)/smaps_rollup")), as: UTF8.self)
            let line = memory.split(separator: "\n").first { $0.hasPrefix("Private_Dirty:") }
            let words = line?.split(separator: " ") ?? []
            return (try FileSystem.list(FilePath("/proc/\(process.pid)/fd")).count, words.count > 1 ? Int(words[1]) ?? 0 : 0)
        }
    }
}
