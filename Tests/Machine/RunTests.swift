// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite struct RunTests {
        @Test func theMachineHasRoomForTheLimitsOfItsContainer() async throws {
            try await withMachineHost(leaving: "sized") { host in
                let script = "grep MemTotal /proc/meminfo; grep -c ^processor /proc/cpuinfo"
                try host.specify(["sh", "-c", script]) { document in
                    var linux = document["linux"] as? [String: Any] ?? [:]
                    linux["resources"] = ["memory": ["limit": 300 << 20], "cpu": ["quota": 100_000, "period": 100_000]]
                    document["linux"] = linux
                }
                let run = try await host.kata("run", "--bundle", host.bundle.string, "sized")
                let words = run.text.split(whereSeparator: \.isWhitespace)
                #expect(words.count == 4 && (Int(words[1]) ?? 0) > 450 << 10, "256 and 300 MiB: \(run.text) \(run.errorText)")
                #expect(words.last == (ProcessInfo.processInfo.activeProcessorCount > 1 ? "2" : "1"))
            }
        }

        @Test func theGuestHasAKernelOfItsOwn() async throws {
            try await withMachineHost(leaving: "kernel") { host in
                try host.specify(["uname", "-r"])
                let result = try await host.kata("run", "--report", "--bundle", host.bundle.string, "kernel")
                #expect(result.status == .exited(0), "\(result.errorText)")
                let manifest = try FileSystem.read(TestMachine.assets.appending("assets.json"))
                let assets = try #require(JSONSerialization.jsonObject(with: Data(manifest)) as? [String: Any])
                let release = try #require((assets["kernel"] as? [String: Any])?["release"] as? String)
                #expect(result.text == release + "\n")
                let own = String(decoding: try FileSystem.read("/proc/sys/kernel/osrelease"), as: UTF8.self)
                #expect(result.text != own)
                for stage in ["shim up", "QEMU up", "guest init", "agent answered", "process started", "total"] {
                    #expect(result.errorText.contains(stage), "\(stage) in \(result.errorText)")
                }
                for process in ["shim memory", "stub memory", "qemu memory"] {
                    #expect(result.errorText.contains(process), "\(process) in \(result.errorText)")
                }
            }
        }

        @Test(arguments: [("exit 0", 0), ("exit 1", 1), ("exit 42", 42), ("kill -KILL $$; sleep 9", 137)] as [(String, Int32)])
        func anExitStatusArrives(script: String, status: Int32) async throws {
            try await withMachineHost(leaving: "status") { host in
                // As pid 1 a process is spared its own SIGKILL, so a child passes its status on.
                try host.specify(["sh", "-c", "sh -c '\(script)'; exit $?"])
                let result = try await host.kata("run", "--bundle", host.bundle.string, "status")
                #expect(result.status == .exited(status), "\(result.errorText)")
            }
        }

        @Test func standardStreamsAreCarriedBothWaysAndApart() async throws {
            try await withMachineHost(leaving: "streams") { host in
                try host.specify(["sh", "-c", "cat; echo to stderr >&2"])
                let input = Array("line one\nline two, without end".utf8)
                let result = try await host.kata("run", "--bundle", host.bundle.string, "streams", input: input)
                #expect(result.output == input)
                #expect(result.errorText.hasSuffix("to stderr\n"))
                #expect(result.status == .exited(0))
            }
        }

        @Test func tenMebibytesOfOutputArriveWithoutLoss() async throws {
            try await withMachineHost(leaving: "bulk") { host in
                // Every line is different, so that a lost, doubled or moved block shows.
                try host.specify(["sh", "-c", "seq 1 1500000 | head -c 10485760"])
                let result = try await host.kata("run", "--bundle", host.bundle.string, "bulk", timeout: .seconds(400))
                #expect(result.output.count == 10_485_760)
                var expected: [UInt8] = []
                var number = 1
                while expected.count < 10_485_760 {
                    expected += Array("\(number)\n".utf8)
                    number += 1
                }
                // Compared outside the macro, which would print ten mebibytes.
                let isWhole = result.output == Array(expected.prefix(10_485_760))
                #expect(isWhole)
            }
        }

        @Test func fourMebibytesOfInputArriveWithoutLoss() async throws {
            try await withMachineHost(leaving: "feed") { host in
                try host.specify(["cat"])
                let input = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "feed", input: input, timeout: .seconds(400))
                let isWhole = result.output == input
                #expect(isWhole)
            }
        }

        @Test func theSpecDecidesEnvironmentUserDirectoryAndHostname() async throws {
            try await withMachineHost(leaving: "spec") { host in
                try host.specify([
                    "sh", "-c",
                    "id -u; id -g; pwd; hostname; echo $COLOUR; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status",
                ]) {
                    var process = $0["process"] as? [String: Any] ?? [:]
                    process["user"] = ["uid": 1000, "gid": 1001]
                    process["cwd"] = "/tmp"
                    process["env"] = ["PATH=/bin", "COLOUR=blue"]
                    process["capabilities"] = ["bounding": ["CAP_CHOWN"], "effective": [String](), "permitted": [String]()]
                    $0["process"] = process
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "spec")
                #expect(result.text == "1000\n1001\n/tmp\nguest\nblue\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n", "\(result.errorText)")
            }
        }

        /// What people begin with: runc's asks for ambient capabilities that are not inheritable.
        @Test(arguments: ["runc", "crun"]) func aSpecificationThatAnotherRuntimeWroteRuns(_ other: String) async throws {
            try await withMachineHost(leaving: "foreign") { host in
                let program = try #require(findProgram(other), "install \(other)")
                let written = try await runProgram(program, ["spec", "--bundle", host.bundle.string])
                #expect(written.status == .exited(0), "\(written.errorText)")
                let file = host.bundle.appending("config.json")
                var document = try #require(JSONSerialization.jsonObject(with: Data(FileSystem.read(file))) as? [String: Any])
                change(&document, "process") {
                    $0["terminal"] = false
                    $0["args"] = ["sh", "-c", "hostname; touch /new"]
                }
                try AtomicFile.write(Array(JSONSerialization.data(withJSONObject: document)), to: file)
                let run = try await host.kata("run", "--bundle", host.bundle.string, "foreign")
                #expect(run.text == "\(other)\n" && run.errorText.contains("Read-only file system"), "\(run.text) \(run.errorText)")
            }
        }

        @Test func hostFilesAreMountedAndAReadOnlyMountRefusesWrites() async throws {
            try await withMachineHost(leaving: "mounts") { host in
                let shared = host.directory.appending("shared")
                try FileSystem.makeDirectory(shared)
                try AtomicFile.write(Array("from the host".utf8), to: shared.appending("in"))
                try host.specify(["sh", "-c", "cat /rw/in; echo from the guest > /rw/out; touch /ro/no 2>&1 || echo refused"]) {
                    let mounts = $0["mounts"] as? [[String: Any]] ?? []
                    $0["mounts"] =
                        mounts + [
                            ["destination": "/rw", "type": "bind", "source": shared.string, "options": ["rbind", "rw"]],
                            ["destination": "/ro", "type": "bind", "source": shared.string, "options": ["rbind", "ro"]],
                        ]
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "mounts")
                #expect(result.text.hasPrefix("from the host"), "\(result.errorText)")
                #expect(result.text.hasSuffix("refused\n"))
                #expect(try FileSystem.read(shared.appending("out")) == Array("from the guest\n".utf8))
                #expect(!FileSystem.exists(shared.appending("no")))
            }
        }

        @Test func theRootIsReadOnlyWhenTheSpecSaysSo() async throws {
            try await withMachineHost(leaving: "readonly") { host in
                try host.specify(["sh", "-c", "touch /new 2>/dev/null && echo written || echo refused"]) {
                    $0["root"] = ["path": "rootfs", "readonly": true]
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "readonly")
                #expect(result.text == "refused\n", "\(result.errorText)")
            }
        }

        @Test func anInterruptedRunEndsAndLeavesNothing() async throws {
            try await withMachineHost(leaving: "interrupt") { host in
                try host.specify(["sleep", "600"])
                let program = try RunningProgram(
                    MachineHost.runtime, host.arguments(["run", "--bundle", host.bundle.string, "interrupt"]))
                // In the middle: the VM is coming up.
                while !FileSystem.exists("/run/kata-swift/sandboxes/interrupt/console.log") { try await Task.sleep(for: .milliseconds(10)) }
                try program.child.signal(SIGINT)
                let result = try await program.finish()
                #expect(result.status == .exited(130), "\(result.errorText)")
                #expect(result.errorText.contains("interrupted"))
            }
        }

        @Test func anInterruptedCreateEndsAndLeavesNothing() async throws {
            try await withMachineHost(leaving: "given-up") { host in
                let path = "/kata-test-given-up-\(getpid())"
                try host.specify(["sleep", "600"]) { document in
                    var linux = document["linux"] as? [String: Any] ?? [:]
                    linux["cgroupsPath"] = path
                    document["linux"] = linux
                }
                let program = try RunningProgram(
                    MachineHost.runtime, host.arguments(["create", "--bundle", host.bundle.string, "given-up"]))
                while !FileSystem.exists("/run/kata-swift/sandboxes/given-up/console.log") { try await Task.sleep(for: .milliseconds(10)) }
                let groups = try MachineHost.groups(path)
                #expect(!groups.isEmpty && groups.allSatisfy { FileSystem.exists($0) }, "\(groups)")
                try program.child.signal(SIGTERM)
                let result = try await program.finish()
                #expect(result.status == .exited(1) && result.errorText.contains("interrupted"), "\(result.status) \(result.errorText)")
                #expect(groups.filter { FileSystem.exists($0) } == [])
            }
        }

        @Test func aSignalToARunningRunReachesTheProcess() async throws {
            try await withMachineHost(leaving: "term") { host in
                try host.specify(["sh", "-c", "trap 'echo got it; exit 7' TERM; echo ready; while true; do sleep 0.1; done"])
                let program = try RunningProgram(MachineHost.runtime, host.arguments(["run", "--bundle", host.bundle.string, "term"]))
                #expect(try program.standardOutput.read(upTo: 64) == Array("ready\n".utf8))
                try program.child.signal(SIGTERM)
                let result = try await program.finish()
                #expect(result.text == "got it\n")
                #expect(result.status == .exited(7), "\(result.errorText)")
            }
        }
    }
}
