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
                let early = try await host.kata("exec", "life", "sh", "-c", "hostname; echo $$ >/dev/null; exit 3")
                #expect(early.status == .exited(3) && early.text == "guest\n", "exec does not wait for start: \(early.errorText)")

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
                let late = try await host.kata("exec", "life", "true")
                #expect(late.status == .exited(255), "no process of the container can end with it unnoticed")
                #expect(late.errorText.contains("container not running"))
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
                #expect(missing.status == .exited(255))
                let labels = host.directory.appending("labels.log")
                let labelled = try await host.kata(
                    "--log", labels.string, "exec", "--process-label", "system_u:x", "--apparmor", "strict", "exec", "true")
                #expect(labelled.status == .exited(0) && labelled.errors.isEmpty, "\(labelled.errorText)")
                let told = String(decoding: try FileSystem.read(labels), as: UTF8.self)
                #expect(told.contains("SELinux label 'system_u:x'") && told.contains("AppArmor profile 'strict'"), "\(told)")
                let file = host.directory.appending("process.json")
                try AtomicFile.write(Array(#"{"args":["true"],"cwd":"/","rlimits":[{"type":"NOFILE","soft":1,"hard":1}]}"#.utf8), to: file)
                let wrong = try await host.kata("exec", "--process", file.string, "exec")
                #expect(wrong.status == .exited(255))
                #expect(wrong.errorText.contains("process.json:1:47: 'rlimits[0].type'"), "\(wrong.errorText)")
                #expect(missing.errorText.contains("/no/such/program"))
                #expect(try await host.kata("delete", "--force", "exec").status == .exited(0))
            }
        }

        @Test func theHostCountsTheMachineInTheGroupThatTheSpecificationNames() async throws {
            try await withMachineHost(leaving: "group") { host in
                let group = "/kata-test-\(getpid())"
                try host.specify(["sleep", "600"]) { document in
                    var linux = document["linux"] as? [String: Any] ?? [:]
                    linux["cgroupsPath"] = group
                    document["linux"] = linux
                }
                _ = try await host.create("group")
                let processes = try host.processes("group")
                let groups = try MachineHost.groups(group)
                #expect(!groups.isEmpty)
                let expected = Set(processes.values.map(\.pid))
                for directory in groups {
                    let text = String(decoding: try FileSystem.read(directory.appending("cgroup.procs")), as: UTF8.self)
                    let members = Set(text.split(separator: "\n").compactMap { Int32($0) })
                    #expect(members == expected, "stub, shim and machine are in \(directory)")
                }
                #expect(try await host.kata("delete", "--force", "group").status == .exited(0))
                for directory in groups { #expect(!FileSystem.exists(directory)) }
            }
        }

        @Test func aPausedContainerStandsStillAndItsFiguresAreTold() async throws {
            try await withMachineHost(leaving: "figures") { host in
                try host.specify(["sh", "-c", "i=0; while true; do i=$((i+1)); echo $i >/tmp/count; done"]) {
                    $0["linux"] = ["namespaces": ["pid", "network", "ipc", "uts", "mount"].map { ["type": $0] }]
                }
                _ = try await host.create("figures")
                #expect(try await host.kata("pause", "figures").errorText.contains("it is created"))
                try await host.kata("start", "figures")
                #expect(try await host.kata("resume", "figures").errorText.contains("it is running"))
                func count() throws -> [UInt8] { try FileSystem.read(host.bundle.appending("rootfs/tmp/count")) }
                for _ in 0..<200 where !FileSystem.exists(host.bundle.appending("rootfs/tmp/count")) {
                    try await Task.sleep(for: .milliseconds(25))
                }
                #expect(try await host.kata("pause", "figures").status == .exited(0))
                #expect(try await host.state("figures")?.status == "paused")
                #expect(try await host.kata("exec", "figures", "true").errorText.contains("it is paused"))
                let waiting = try RunningProgram(
                    MachineHost.runtime, host.arguments(["exec", "--ignore-paused", "figures", "echo", "resumed"]))
                let before = try count()
                try await Task.sleep(for: .milliseconds(500))
                #expect(try count() == before, "nothing runs in a paused container")
                #expect(try await host.kata("resume", "figures").status == .exited(0))
                #expect(try await host.state("figures")?.status == "running")
                let resumed = try await waiting.finish()
                #expect(resumed.status == .exited(0) && resumed.text == "resumed\n", "\(resumed.errorText)")

                let table = try await host.kata("ps", "figures").text
                #expect(table.contains(/\n0 +1 +0 .*while true/), "\(table)")
                let pids = try await host.kata("ps", "--format", "json", "figures").text
                #expect(pids == "[\(try #require(try host.processes("figures")["stub"]).pid)]\n")

                #expect(try await host.kata("update", "--memory", "50000000", "--pids-limit", "77", "figures").status == .exited(0))
                let given = try await host.kata(
                    "update", "-r", "-", "figures", input: Array(#"{"cpu":{"quota":30000,"period":100000}}"#.utf8))
                #expect(given.status == .exited(0), "\(given.errorText)")
                let swap = try await host.kata(
                    "update", "--memory-swap", "60m", "--blkio-weight", "300", "--cpu-period", "50000", "figures")
                #expect(swap.status == .exited(0), "swap alone is counted from the memory there is: \(swap.errorText)")
                let less = try await host.kata("update", "--memory-swap", "1m", "figures")
                #expect(less.status == .exited(1) && less.errorText.contains("the limit of memory is 49999872"), "\(less.errorText)")
                let told = try await host.kata(
                    "update", "-r", "-", "figures", input: Array(#"{"memory":{"swappiness":10},"devices":[{"allow":true}],"novel":1}"#.utf8)
                )
                #expect(told.status == .exited(0))
                for words in ["memory.swappiness is not applied", "devices is not applied", "/dev/stdin:1:56: 'novel' is ignored"] {
                    #expect(told.errorText.contains(words), "\(told.errorText)")
                }
                try await Task.sleep(for: .milliseconds(600))  // some periods of the quota
                let event = try await host.kata("events", "--stats", "figures")
                let line = try #require(JSONSerialization.jsonObject(with: Data(event.output)) as? [String: Any])
                let data = try #require(line["data"] as? [String: Any])
                #expect(((data["memory"] as? [String: Any])?["usage"] as? [String: Any])?["limit"] as? Int == 49_999_872)
                #expect((data["pids"] as? [String: Any])?["limit"] as? Int == 77)
                #expect(((data["cpu"] as? [String: Any])?["usage"] as? [String: Any])?["total"] as? Int ?? 0 > 1_000_000)
                #expect(((data["cpu"] as? [String: Any])?["throttling"] as? [String: Any])?["periods"] as? Int ?? 0 > 0)

                let lifted = try await host.kata(
                    "update", "--memory", "-1", "--memory-swap", "-1", "--cpu-quota", "-1", "--pids-limit", "-1", "figures")
                #expect(lifted.status == .exited(0), "\(lifted.errorText)")
                let free = try await host.kata("events", "--stats", "figures").text
                #expect(!free.contains("\"limit\":77"), "\(free)")

                try await host.kata("pause", "figures")
                #expect(try await host.kata("delete", "--force", "figures").status == .exited(0), "a paused container can be taken away")
            }
        }

        @Test func killReachesTheFirstProcessAndWithAllEveryOne() async throws {
            try await withMachineHost(leaving: "all") { host in
                func loop(_ name: String) -> String { "trap 'echo \(name)' USR1; echo ready; while true; do sleep 1 & wait $!; done" }
                try host.specify(["sh", "-c", "(\(loop("child"))) & \(loop("first"))"])
                let creator = try await host.create("all")
                try await host.kata("start", "all")
                var said = ""
                func read(until isEnough: (String) -> Bool) throws {
                    while !isEnough(said) {
                        let part = try creator.standardOutput.read(upTo: 64)
                        guard !part.isEmpty else { break }
                        said += String(decoding: part, as: UTF8.self)
                    }
                }
                try read { $0 == "ready\nready\n" }
                try await host.kata("kill", "all", "USR1")
                try read { $0.contains("first") }
                #expect(!said.contains("child"), "\(said)")
                try await host.kata("kill", "--all", "all", "USR1")
                try read { $0.contains("child") }
                #expect(said.contains("child"), "\(said)")
                #expect(try await host.kata("kill", "-a", "all", "KILL").status == .exited(0))
                try await host.waitFor("stopped", of: "all")
                #expect(try await host.kata("delete", "all").status == .exited(0))
            }
        }

        @Test func execTakesRuncsFlags() async throws {
            try await withMachineHost(leaving: "flags") { host in
                try host.specify(["sleep", "600"]) { document in
                    var process = document["process"] as? [String: Any] ?? [:]
                    let kill = ["CAP_KILL"]
                    process["capabilities"] = ["bounding": kill, "effective": kill, "permitted": kill]
                    process["noNewPrivileges"] = false
                    document["process"] = process
                }
                _ = try await host.create("flags")
                try await host.kata("start", "flags")
                let words = "grep -E '^(CapEff|NoNewPrivs):' /proc/self/status; id -G; pwd; echo $A$B"
                let plain = try await host.kata("exec", "flags", "sh", "-c", words)
                #expect(plain.text == "CapEff:\t0000000000000020\nNoNewPrivs:\t0\n0\n/\n\n", "\(plain.text) \(plain.errorText)")
                let flags = [
                    // Linux has no CAP_FLY, which is a warning.
                    "exec", "--cap", "CAP_NET_RAW", "-c", "CAP_CHOWN", "--cap", "CAP_FLY", "--additional-gids", "50", "-g", "51",
                    "--no-new-privs", "--cwd", "/tmp",
                    "--env", "A=1", "-e", "B=2", "flags", "sh", "-c", words,
                ]
                let flagged = try await runProgram(MachineHost.runtime, host.arguments(flags))
                #expect(
                    flagged.text == "CapEff:\t0000000000002021\nNoNewPrivs:\t1\n0 50 51\n/tmp\n12\n", "\(flagged.text) \(flagged.errorText)"
                )
                #expect(try await host.kata("delete", "--force", "flags").status == .exited(0))
            }
        }

        @Test func theStubIsTheContainerForWhoeverWaits() async throws {
            try await withMachineHost(leaving: "stub") { host in
                try host.specify(["sh", "-c", "trap 'exit 9' USR1; echo ready; while true; do sleep 0.1; done"])
                let creator = try await host.create("stub")
                try await host.kata("start", "stub")
                #expect(try creator.standardOutput.read(upTo: 64) == Array("ready\n".utf8))
                let stub = try #require(try host.processes("stub")["stub"])
                let files = try FileSystem.list(FilePath("/proc/\(stub.pid)/root"))
                #expect(
                    Set(files) == Set(try FileSystem.list(host.bundle.appending("rootfs"))),
                    "whoever enters its mount namespace finds the container's files, not the host's")
                try stub.signal(SIGUSR1)
                try await host.waitFor("stopped", of: "stub")
                #expect(!stub.isAlive)
                #expect(try await host.kata("delete", "stub").status == .exited(0))
            }
        }

        /// A container that has ended has no stub any more.
        @Test(
            arguments: ["shim", "machine", "stub"].flatMap { victim in
                ["created", "running", "paused", "stopped"].map { (victim, $0) }
            }.filter { $0 != ("stub", "stopped") })
        func stateIsTruthfulAfterAProcessWasKilled(_ victim: String, _ stage: String) async throws {
            try await withMachineHost(leaving: "crash") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("crash")
                if stage != "created" { try await host.kata("start", "crash") }
                if stage == "paused" { try await host.kata("pause", "crash") }
                let processes = try host.processes("crash")
                if stage == "stopped" {
                    try await host.kata("kill", "crash", "KILL")
                    try await host.waitFor("stopped", of: "crash")
                }
                #expect(try await host.state("crash")?.status == stage)
                let end = ContinuousClock.now
                try #require(processes[victim]).signal(SIGKILL)
                try await host.waitFor("stopped", of: "crash")
                #expect(end.duration(to: .now) < MachineHost.truthLimit)
                #expect(try await host.state("crash")?.pid == 0)
                let signal = try await host.kata("kill", "crash", "TERM")
                #expect(signal.status == .exited(1), "a stopped container takes no signal")
                #expect(try await host.kata("delete", "crash").status == .exited(0))
                for (name, process) in processes { #expect(!process.isAlive, "\(name) is alive") }
                guard stage == "running" || victim == "machine" else { return }
                try host.specify(["true"])
                let next = try await host.kata("run", "--bundle", host.bundle.string, "crash")
                #expect(next.status == .exited(0), "the next container of this name: \(next.errorText)")
            }
        }

        @Test(arguments: ["shim", "machine", "stub"])
        func aKillDuringTheCreationLeavesNothingThatCannotBeDeleted(_ victim: String) async throws {
            try await withMachineHost(leaving: "early") { host in
                try host.specify(["sleep", "600"])
                let creator = try RunningProgram(MachineHost.runtime, host.arguments(["create", "--bundle", host.bundle.string, "early"]))
                let names = ["shim": "kata-shim", "machine": "qemu-system", "stub": "kata-stub"]
                var killed = false
                for _ in 0..<2000 where !killed {
                    for process in try MachineHost.processes(mentioning: names[victim] ?? "", below: creator.child.pid, host) {
                        killed = kill(process, SIGKILL) == 0 || killed
                    }
                    try await Task.sleep(for: .milliseconds(2))
                }
                #expect(killed, "there was a \(victim)")
                #expect(try await creator.child.waitAsync() != .exited(0))
                if let state = try await host.state("early") { #expect(state.status == "stopped") }
                #expect(try await host.kata("delete", "--force", "early").status == .exited(0))
            }
        }

        @Test(arguments: ["created", "running", "paused"])
        func aGuestThatPanicsIsTheEndOfItsContainers(_ stage: String) async throws {
            try await withMachineHost(leaving: "panic") { host in
                try GuestShellTests.addShell(to: host)
                try host.specify(["sleep", "600"])
                _ = try await host.create("panic")
                if stage != "created" { try await host.kata("start", "panic") }
                if stage == "paused" { try await host.kata("pause", "panic") }
                #expect(try await host.state("panic")?.status == stage)
                let processes = try host.processes("panic")
                // The agent is the guest's first process, which only its kernel can end.
                let began = ContinuousClock.now
                let end = try RunningProgram(
                    MachineHost.runtime, host.arguments(["exec-guest", "panic", "/bin/sh", "-c", "echo c >/proc/sysrq-trigger"]))
                try await host.waitFor("stopped", of: "panic")
                #expect(began.duration(to: .now) < MachineHost.truthLimit)
                #expect(try await end.finish().status != .exited(0))
                #expect(try await host.state("panic")?.pid == 0)
                #expect(try await host.kata("delete", "panic").status == .exited(0))
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
