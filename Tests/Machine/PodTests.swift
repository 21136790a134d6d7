// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite struct PodTests {
        /// A second bundle beside the host's own, for a container of the sandbox `pod`.
        private static func member(_ host: MachineHost, of pod: String, stub: Int32, _ arguments: [String]) throws -> MachineHost {
            var member = host
            member.bundle = host.directory.appending("member")
            try BusyboxBundle.makeRoot(member.bundle.appending("rootfs"))
            try member.specify(arguments) { document in
                document["hostname"] = nil
                document["annotations"] = ["io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.SandboxID": pod]
                document["linux"] = [
                    "namespaces": [["type": "mount"], ["type": "pid"]]
                        + ["network", "ipc", "uts"].map { ["type": $0, "path": "/proc/\(stub)/ns/\($0 == "network" ? "net" : $0)"] }
                ]
                document["mounts"] = (document["mounts"] as? [[String: Any]] ?? []) + [Self.memory(host)]
            }
            return member
        }

        private static func memory(_ host: MachineHost) -> [String: Any] {
            ["destination": "/dev/shm", "type": "bind", "source": host.directory.appending("shm").string, "options": ["bind"]]
        }

        /// Interrupts a creation that a hook holds.
        private static func giveUpAMember(_ host: MachineHost, stub: Int32) async throws {
            let member = try member(host, of: "pod", stub: stub, ["true"])
            let held = host.directory.appending("held")
            try member.specify(["true"]) { document in
                document["annotations"] = ["io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.SandboxID": "pod"]
                document["hooks"] = ["createRuntime": [["path": "/bin/sh", "args": ["sh", "-c", "echo >\(held); exec sleep 60"]]]]
            }
            let creation = try RunningProgram(
                MachineHost.runtime, host.arguments(["create", "--bundle", member.bundle.string, "given-up"]))
            while !FileSystem.exists(held) { try await Task.sleep(for: .milliseconds(10)) }
            try creation.child.signal(SIGTERM)
            #expect(try await creation.finish().status == .exited(1))
            #expect(try await host.state("given-up") == nil)
        }

        @Test func containersOfAPodAreInOneMachineAndShareItsNamespaces() async throws {
            try await withMachineHost(leaving: "pod") { host in
                let shared = host.directory.appending("shm")
                try FileSystem.makeDirectory(shared)
                let mounted = try await runProgram("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "shm", shared.string])
                #expect(mounted.status == .exited(0), "\(mounted.errorText)")
                defer { _ = umount2(shared.string, CInt(MNT_DETACH)) }
                try host.specify(["sh", "-c", "echo from-pause >/dev/shm/word; hostname podname; sleep 600"]) { document in
                    document["mounts"] = (document["mounts"] as? [[String: Any]] ?? []) + [Self.memory(host)]
                    var process = document["process"] as? [String: Any] ?? [:]
                    let admin = ["CAP_SYS_ADMIN", "CAP_KILL"]
                    process["capabilities"] = ["bounding": admin, "effective": admin, "permitted": admin]
                    document["process"] = process
                }
                _ = try await host.create("pod")
                try await host.kata("start", "pod")
                let pause = try #require(try host.processes("pod")["stub"])
                let machine = try #require(try host.processes("pod")["machine"])

                let member = try Self.member(
                    host, of: "pod", stub: pause.pid,
                    ["sh", "-c", "cat /dev/shm/word; hostname; df -k /dev/shm | grep -c ' 1024 '; ps; sleep 600"])
                let program = try await member.create("member")
                #expect(try member.processes("member")["machine"] == machine, "one virtual machine for both")
                try await member.kata("start", "member")
                var said = ""
                while !said.contains("sleep 600") {
                    let part = try program.standardOutput.read(upTo: 4096)
                    guard !part.isEmpty else { break }
                    said += String(decoding: part, as: UTF8.self)
                }
                #expect(said.hasPrefix("from-pause\npodname\n1\n"), "shared memory of the size asked for and host name: \(said)")
                #expect(!said.contains("echo from-pause"), "the pid namespace is its own: \(said)")

                #expect(try await host.kata("kill", "member", "KILL").status == .exited(0))
                try await host.waitFor("stopped", of: "member")
                #expect(try await host.state("pod")?.status == "running")
                #expect(try await host.kata("delete", "member").status == .exited(0))
                #expect(try await host.kata("exec", "pod", "true").status == .exited(0), "the others go on")

                let stranger = try Self.member(host, of: "pod", stub: 1, ["true"])
                let refused = try await stranger.kata("run", "--bundle", stranger.bundle.string, "stranger")
                #expect(refused.status == .exited(1))
                #expect(try await host.state("pod")?.status == "running", "a member that fails leaves the others alone")

                try await Self.giveUpAMember(host, stub: pause.pid)
                #expect(try await host.kata("exec", "pod", "true").status == .exited(0), "the pod is not given up with it")

                #expect(try await host.kata("delete", "--force", "pod").status == .exited(0))
                #expect(!machine.isAlive)
            }
        }

        /// As docker says `--network container:one` and `--ipc container:one`, which names the process of another machine's container.
        @Test func namespacesOfAnotherMachineAreRefused() async throws {
            try await withMachineHost(leaving: "one", "two") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("one")
                let stub = try #require(try host.processes("one")["stub"])
                let mark = try host.forbidMachines()
                for (kind, file, reason) in [
                    ("network", "net", "it belongs to another virtual machine, that of container 'one'"),
                    ("ipc", "ipc", "it is of no container in the same virtual machine"),
                ] {
                    let path = "/proc/\(stub.pid)/ns/\(file)"
                    let others = ["pid", "network", "ipc", "uts", "mount"].filter { $0 != kind }.map { ["type": $0] }
                    try host.specify(["true"]) { $0["linux"] = ["namespaces": others + [["type": kind, "path": path]]] }
                    let refused = try await host.kata("run", "--bundle", host.bundle.string, "two")
                    #expect(refused.status == .exited(1))
                    #expect(refused.errorText.contains("join \(kind) namespace '\(path)': \(reason)"), "\(refused.errorText)")
                }
                #expect(!FileSystem.exists(mark), "before a boot")
                #expect(try await host.kata("delete", "--force", "one").status == .exited(0))
            }
        }

        @Test(.enabled(if: findProgram("unshare") != nil, "unshare is not installed"))
        func aMemberHasTheMachinesNetworkOrNone() async throws {
            try await withMachineHost(leaving: "pod", "other") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("pod")
                let stub = try #require(try host.processes("pod")["stub"])
                let namespace = host.directory.appending("netns")
                try AtomicFile.write([], to: namespace)
                let made = try await runProgram(try #require(findProgram("unshare")), ["--net=\(namespace)", "true"])
                #expect(made.status == .exited(0), "\(made.errorText)")
                defer { _ = umount2(namespace.string, CInt(MNT_DETACH)) }
                let member = try Self.member(host, of: "pod", stub: stub.pid, [])
                func run(_ network: [String: String], _ script: String) async throws -> ProgramResult {
                    try member.specify(["sh", "-c", script]) { document in
                        document["hostname"] = nil
                        document["annotations"] = [
                            "io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.SandboxID": "pod",
                        ]
                        document["linux"] = ["namespaces": ["mount", "pid", "ipc", "uts"].map { ["type": $0] } + [network]]
                    }
                    return try await member.kata("run", "--bundle", member.bundle.string, "other")
                }
                let refused = try await run(["type": "network", "path": namespace.string], "true")
                #expect(refused.errorText.contains("its first container's network only"), "\(refused.errorText)")
                let look = "readlink /proc/self/ns/net; ls /sys/class/net"
                try await host.kata("start", "pod")
                let first = try await host.kata("exec", "pod", "readlink", "/proc/self/ns/net").text
                let joined = try await run(["type": "network", "path": "/proc/\(stub.pid)/ns/net"], look)
                #expect(joined.text == first + "lo\n", "\(joined.text) \(joined.errorText)")
                let alone = try await run(["type": "network"], look)
                #expect(alone.text.hasSuffix("]\nlo\n") && !alone.text.hasPrefix(first), "\(first) \(alone.text) \(alone.errorText)")
                #expect(try await host.kata("delete", "--force", "pod").status == .exited(0))
            }
        }
    }
}
