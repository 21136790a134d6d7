// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite struct GuestShellTests {
        /// A member of an archive as the kernel unpacks it from an initrd (kernel: driver-api/early-userspace/buffer-format).
        private static func member(_ name: String, mode: UInt32, _ content: [UInt8]) -> [UInt8] {
            func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4) }
            let numbers = [1, Int(mode), 0, 0, 1, 0, content.count, 0, 0, 0, 0, name.utf8.count + 1, 0]
            let header = "070701" + numbers.map { String(format: "%08X", $0) }.joined()
            return padded(Array((header + name + "\0").utf8)) + padded(content)
        }

        /// An initrd with a shell behind the usual one, and a configuration that has the debug console.
        static func addShell(to host: MachineHost) throws {
            let text = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self)
            let usual = try #require(text.firstMatch(of: /initrd = "([^"]*)"/)).1
            let busybox = try FileSystem.read(try #require(findProgram("busybox")))
            let own = host.directory.appending("initrd")
            let members =
                member("bin", mode: 0o40755, []) + member("bin/sh", mode: 0o100755, busybox) + member("TRAILER!!!", mode: 0, [])
            try AtomicFile.write(try FileSystem.read(FilePath(String(usual))) + members, to: own)
            let changed = text.replacingOccurrences(of: usual, with: own.string)
                .replacingOccurrences(of: "[agent.kata]", with: "[agent.kata]\ndebug_console_enabled = true")
            try AtomicFile.write(Array(changed.utf8), to: host.configuration)
        }

        @Test func aShellOfTheGuestSeesItsContainersFromOutside() async throws {
            try await withMachineHost(leaving: "looked-at") { host in
                try Self.addShell(to: host)
                try host.specify(["sleep", "600"])
                _ = try await host.create("looked-at")
                #expect(try await host.kata("start", "looked-at").status == .exited(0))
                let script = "cat /proc/1/comm; cat /proc/*/comm | grep -c '^sleep$'; exit 7"
                let seen = try await host.kata("exec-guest", "looked-at", "/bin/sh", "-c", script)
                #expect(seen.text == "memfd:kata-agen\n1\n" && seen.status == .exited(7), "\(seen.text) \(seen.errorText)")
                let fed = try await host.kata("exec-guest", "looked-at", input: Array("echo fed; exit 3\n".utf8))
                #expect(fed.text == "fed\n" && fed.status == .exited(3), "\(fed.text) \(fed.errorText)")
                try await Self.type(into: host, "looked-at")
                let missing = try await host.kata("exec-guest", "looked-at", "/no/such/program")
                #expect(missing.errorText.contains("/no/such/program"), "\(missing.errorText)")
                #expect(try await host.state("looked-at")?.status == "running")
                #expect(try await host.kata("delete", "--force", "looked-at").status == .exited(0))
            }
        }

        /// The shell on a terminal, which the guest makes as wide as the one that the command has.
        private static func type(into host: MachineHost, _ id: String) async throws {
            let terminal = try Terminal.open()
            let conversation = Conversation(terminal.master)
            try conversation.resize(rows: 41, columns: 117)
            let slave = terminal.slave
            let shell = try Subprocess(
                program: MachineHost.runtime, arguments: ["kata-runtime"] + host.arguments(["exec-guest", id]),
                descriptors: [0: slave, 1: slave, 2: slave], newSession: true
            ).spawn()
            try await conversation.say("test -t 0 && test -t 1 && echo $((40+2)) on a terminal\n")
            try await conversation.hear("42 on a terminal\r\n")
            // The size travels on its own.
            for _ in 0..<50 {
                try await conversation.say("stty size\n")
                if try await conversation.read(until: "\r\n41 117\r\n", patience: .milliseconds(400)) { break }
            }
            #expect(conversation.text.contains("41 117"), "\(conversation.text)")
            try await conversation.say("exit 6\n")
            #expect(try await shell.waitAsync() == .exited(6), "\(conversation.text)")
        }

        @Test func withoutTheDebugConsoleItIsRefused() async throws {
            try await withMachineHost(leaving: "closed") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("closed")
                let refused = try await host.kata("exec-guest", "closed", "true")
                #expect(refused.status == .exited(255))
                #expect(refused.errorText.contains("debug_console_enabled"), "\(refused.errorText)")
                #expect(try await host.kata("delete", "--force", "closed").status == .exited(0))
            }
        }

        @Test func theFiguresOfAPausedContainerAreThoseOfItsGroup() async throws {
            try await withMachineHost(leaving: "figures") { host in
                try Self.addShell(to: host)
                try host.specify(["sh", "-c", "head -c 3000000 /dev/zero >/tmp/file; sleep 600"])
                _ = try await host.create("figures")
                try await host.kata("start", "figures")
                let file = host.bundle.appending("rootfs/tmp/file")
                for _ in 0..<200 where try FileSystem.status(file)?.size != 3_000_000 { try await Task.sleep(for: .milliseconds(50)) }
                #expect(try await host.kata("pause", "figures").status == .exited(0))
                func group() async throws -> [Int] {
                    let script = "cd /sys/fs/cgroup/kata/figures; cat pids.current hugetlb.2MB.current cpu.stat memory.current"
                    let seen = try await host.kata("exec-guest", "figures", "/bin/sh", "-c", script)
                    let numbers = seen.text.split(separator: "\n").compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
                    try #require(numbers.count > 6, "\(seen.text) \(seen.errorText)")
                    // cpu.stat begins with what was used in all, by the user and by the system, in microseconds.
                    return numbers.prefix(5).enumerated().map { $0 > 1 ? $1 * 1000 : $1 } + [numbers[numbers.count - 1]]
                }
                let before = try await group()
                let event = try await host.kata("events", "--stats", "figures")
                let after = try await group()
                let line = try #require(JSONSerialization.jsonObject(with: Data(event.output)) as? [String: Any])
                func figure(_ path: String...) -> Int? {
                    path.reduce(line["data"]) { ($0 as? [String: Any])?[$1] } as? Int
                }
                let told = [
                    figure("pids", "current"), figure("hugetlb", "2MB", "usage"), figure("cpu", "usage", "total"),
                    figure("cpu", "usage", "user"), figure("cpu", "usage", "kernel"),
                ]
                #expect(told == before.prefix(5).map { $0 } && before.prefix(5) == after.prefix(5), "\(before) \(event.text) \(after)")
                // The guest may write pages back meanwhile.
                let memory = try #require(figure("memory", "usage", "usage"))
                #expect((min(before[5], after[5])...max(before[5], after[5])).contains(memory), "\(before) \(event.text) \(after)")
                #expect(memory > 0 && before[0] == 1 && before[2] > 0)
                #expect(try await host.kata("delete", "--force", "figures").status == .exited(0))
            }
        }
    }
}
