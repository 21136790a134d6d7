// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite struct GrowthTests {
        /// What the guest has: processors, and memory in MiB.
        private func size(_ host: MachineHost, _ id: String) async throws -> (processors: Int, memory: Int) {
            let script =
                "grep -c ^processor /proc/cpuinfo; while read name number unit; do case $name in MemTotal:) echo $number;; esac; done </proc/meminfo"
            let result = try await host.kata("exec", id, "sh", "-c", script)
            let numbers = result.text.split(separator: "\n").compactMap { Int($0) }
            try #require(numbers.count == 2, "\(result.text) \(result.errorText)")
            return (numbers[0], numbers[1] >> 10)
        }

        /// Memory is taken into use a moment after it was plugged in.
        private func grown(_ host: MachineHost, _ id: String, beyond memory: Int) async throws -> (processors: Int, memory: Int) {
            for _ in 0..<100 {
                let now = try await size(host, id)
                if now.memory > memory { return now }
                try await Task.sleep(for: .milliseconds(100))
            }
            return try await size(host, id)
        }

        private func configure(_ host: MachineHost, _ table: String, _ line: String) throws {
            let text = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self)
            try #require(text.contains("[\(table)]"))
            try AtomicFile.write(Array(text.replacing("[\(table)]", with: "[\(table)]\n\(line)").utf8), to: host.configuration)
        }

        private func isEmulated(_ host: MachineHost) async throws -> Bool {
            try await host.kata("env", "--json").text.contains(#""Accelerator": "tcg""#)
        }

        private func expectNoGrowth(_ host: MachineHost) async throws {
            try host.specify(["sleep", "600"])
            _ = try await host.create("c")
            try await host.kata("start", "c")
            let first = try await size(host, "c")
            #expect(try await host.kata("update", "--memory", "\(200 << 20)", "--cpu-quota", "100000", "c").status == .exited(0))
            #expect(try await size(host, "c") == first)
            #expect(try await host.kata("delete", "--force", "c").status == .exited(0))
        }

        @Test func aMachineGrowsWithTheLimitsOfItsContainers() async throws {
            try await withMachineHost(leaving: "c") { host in
                try configure(host, "hypervisor.qemu", "default_maxmemory = 2048\ndefault_maxvcpus = 2")
                try host.specify(["sleep", "600"])
                _ = try await host.create("c")
                try await host.kata("start", "c")
                let first = try await size(host, "c")
                let update = try await host.kata(
                    "update", "--memory", "\(200 << 20)", "--cpu-quota", "100000", "--cpu-period", "100000", "c")
                #expect(update.status == .exited(0), "\(update.errorText)")
                let second = try await grown(host, "c", beyond: first.memory + 200)
                // Blocks of 128 MiB; some of it goes into the kernel's description of its pages.
                #expect((first.memory + 200...first.memory + 256).contains(second.memory), "\(first) \(second)")
                #expect(second.processors == min(first.processors + 1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
                #expect(try await host.kata("update", "--memory", "\(100 << 20)", "c").status == .exited(0))
                #expect(try await size(host, "c") == second, "what a machine has it keeps")
                #expect(try await host.kata("update", "--memory", "\(8 << 30)", "c").status == .exited(0))
                let last = try await grown(host, "c", beyond: 1799)
                #expect((1800...2048).contains(last.memory), "up to the limit: \(last)")
                #expect(try await host.kata("delete", "--force", "c").status == .exited(0))
            }
        }

        /// Where nobody has said how far, a boot would take a second longer.
        @Test func aMachineThatIsEmulatedKeepsItsSize() async throws {
            try await withMachineHost(leaving: "c") { host in
                guard try await isEmulated(host) else { try Test.cancel("needs a machine that is emulated") }
                try await expectNoGrowth(host)
            }
        }

        @Test func aMachineOfFixedSizeDoesNotGrow() async throws {
            try await withMachineHost(leaving: "c") { host in
                try configure(host, "runtime", "static_sandbox_resource_mgmt = true")
                try configure(host, "hypervisor.qemu", "default_maxmemory = 2048")
                try await expectNoGrowth(host)
            }
        }
    }
}
