// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite struct LifecycleTests {
        @Test func aContainerGoesThroughItsLife() async throws {
            try await withMachineHost(leaving: "life") { host in
                try host.specify(["sh", "-c", "echo started; sleep 600"])
                let creator = try await host.create("life")
                let created = try #require(try await host.state("life"))
                #expect(created.status == "created")
                #expect(String(created.pid) == String(decoding: try FileSystem.read(host.pidFile("life")), as: UTF8.self))
                #expect(try await host.kata("exec", "life", "true").status == .exited(1), "exec needs a running container")

                #expect(try await host.kata("start", "life").status == .exited(0))
                #expect(try creator.standardOutput.read(upTo: 64) == Array("started\n".utf8))
                #expect(try await host.state("life")?.status == "running")
                #expect(try await host.kata("start", "life").errorText.contains("it is running"))
                let list = try await host.kata("list", "--format", "json")
                #expect(list.text.contains("\"id\":\"life\""))
                let refused = try await host.kata("delete", "life")
                #expect(refused.status == .exited(1))
                #expect(refused.errorText.contains("--force"))

                #expect(try await host.kata("kill", "life", "KILL").status == .exited(0))
                try await host.waitFor("stopped", of: "life")
                #expect(try await host.state("life")?.pid == 0)
                let again = try await host.kata("kill", "life", "KILL")
                #expect(again.status == .exited(1))
                #expect(try await host.kata("delete", "life").status == .exited(0))
                #expect(try await host.state("life") == nil)
                #expect(try await host.kata("delete", "life").errorText.contains("does not exist"))
                #expect(try await host.kata("delete", "--force", "life").status == .exited(0))
            }
        }

        @Test func execRunsFurtherProcessesInARunningContainer() async throws {
            try await withMachineHost(leaving: "exec") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("exec")
                try await host.kata("start", "exec")
                let listing = try await host.kata(
                    "exec", "exec", "sh", "-c", "cat; hostname; echo $$ >/tmp/pid; exit 42", input: Array("fed\n".utf8))
                #expect(listing.text == "fed\nguest\n", "\(listing.errorText)")
                #expect(listing.status == .exited(42))
                let user = try await host.kata(
                    "exec", "--user", "1000:1000", "--cwd", "/tmp", "--env", "A=b", "exec", "sh", "-c", "id -u; pwd; echo $A")
                #expect(user.text == "1000\n/tmp\nb\n", "\(user.errorText)")
                let neighbours = try await host.kata("exec", "exec", "ps")
                #expect(neighbours.text.contains("sleep 600"), "exec is in the container's pid namespace: \(neighbours.text)")
                let missing = try await host.kata("exec", "exec", "/no/such/program")
                #expect(missing.status != .exited(0))
                #expect(missing.errorText.contains("/no/such/program"))
                #expect(try await host.kata("delete", "--force", "exec").status == .exited(0))
            }
        }

        @Test func theStubIsTheContainerForWhoeverWaits() async throws {
            try await withMachineHost(leaving: "stub") { host in
                try host.specify(["sh", "-c", "trap 'exit 9' USR1; echo ready; while true; do sleep 0.1; done"])
                let creator = try await host.create("stub")
                try await host.kata("start", "stub")
                #expect(try creator.standardOutput.read(upTo: 64) == Array("ready\n".utf8))
                let stub = try #require(try host.processes("stub")["stub"])
                try stub.signal(SIGUSR1)
                try await host.waitFor("stopped", of: "stub")
                #expect(!stub.isAlive)
                #expect(try await host.kata("delete", "stub").status == .exited(0))
            }
        }

        @Test(arguments: ["shim", "machine", "stub"])
        func stateIsTruthfulAfterAProcessWasKilled(_ victim: String) async throws {
            try await withMachineHost(leaving: "crash") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("crash")
                try await host.kata("start", "crash")
                let processes = try host.processes("crash")
                try #require(processes[victim]).signal(SIGKILL)
                try await host.waitFor("stopped", of: "crash")
                #expect(try await host.state("crash")?.pid == 0)
                let signal = try await host.kata("kill", "crash", "TERM")
                #expect(signal.status == .exited(1), "a stopped container takes no signal")
                #expect(try await host.kata("delete", "crash").status == .exited(0))
                for (name, process) in processes { #expect(!process.isAlive, "\(name) is alive") }
            }
        }

        @Test func aDetachedRunGoesOnByItself() async throws {
            try await withMachineHost(leaving: "detached") { host in
                try host.specify(["sleep", "600"])
                let output = SharedFD(try OwnedFD.open("/dev/null", O_RDWR))
                let child = try Subprocess(
                    program: MachineHost.runtime,
                    arguments: ["kata-runtime"] + host.arguments(["run", "--detach", "--bundle", host.bundle.string, "detached"]),
                    descriptors: [1: output, 2: output]
                ).spawn()
                #expect(try await child.waitAsync() == .exited(0))
                #expect(try await host.state("detached")?.status == "running")
                #expect(try await host.kata("delete", "--force", "detached").status == .exited(0))
            }
        }
    }
}
