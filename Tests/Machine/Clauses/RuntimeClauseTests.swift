// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// runtime.md.
    @Suite struct RuntimeClauseTests {
        /// "… MUST generate an error if it is not provided the ID of a container", and for one that does not exist.
        @Test(arguments: ["state", "start", "kill", "delete"])
        func anOperationNeedsAContainer(_ verb: String) async throws {
            try await withMachineHost { host in
                #expect(try await host.kata(verb).status != .exited(0))
                let unknown = try await host.kata(verb, "nobody")
                #expect(unknown.status == .exited(1) && unknown.errorText.contains("'nobody' does not exist"), "\(unknown.errorText)")
            }
        }

        /// "… MUST generate an error if it is not provided a path to the bundle and the container ID".
        @Test func createNeedsABundleAndAnID() async throws {
            try await withMachineHost { host in
                #expect(try await host.kata("create", "--bundle", host.bundle.string).status != .exited(0))
                // The working directory stands for a bundle that is not named, and has none.
                let without = try await runProgram(
                    MachineHost.runtime, host.arguments(["create", "nobody"]), workingDirectory: host.directory)
                #expect(without.status == .exited(1) && without.errorText.contains("config.json"), "\(without.errorText)")
            }
        }

        /// State, Lifecycle, Create, Start, Kill and Delete, in the order in which a container meets them.
        @Test func aContainerGoesFromCreatedToDeletedAndNoOperationSkipsAStep() async throws {
            try await withMachineHost(leaving: "clauses") { host in
                let log = host.directory.appending("log")
                let ran = host.bundle.appending("rootfs/tmp/ran")
                func hook(_ word: String) -> [[String: Any]] {
                    [["path": "/bin/sh", "args": ["sh", "-c", "echo \(word) >>\(log)"]]]
                }
                try host.specify(["sh", "-c", "echo first >/tmp/ran; trap 'exit 4' USR1; while :; do sleep 0.1; done"]) { document in
                    document["annotations"] = ["org.example.key": "value"]
                    document["hooks"] = ["poststart": hook("poststart"), "poststop": hook("poststop")]
                }
                _ = try await host.create("clauses")
                #expect(!FileSystem.exists(ran), "the program MUST NOT be run before start")
                let state = try await host.kata("state", "clauses")
                let members = try #require(try JSONSerialization.jsonObject(with: Data(state.output)) as? [String: Any])
                #expect(members["ociVersion"] as? String == "1.2.1" && members["id"] as? String == "clauses")
                #expect(members["status"] as? String == "created" && members["bundle"] as? String == host.bundle.string)
                #expect(members["pid"] as? Int ?? 0 > 0 && members["annotations"] as? [String: String] == ["org.example.key": "value"])

                let twice = try await host.kata("create", "--bundle", host.bundle.string, "clauses")
                #expect(twice.status == .exited(1), "an id MUST be unique")
                #expect(try await host.kata("delete", "clauses").status == .exited(1), "only a stopped container can be deleted")
                #expect(try await host.state("clauses")?.status == "created", "and the attempts MUST have no effect")

                try host.specify(["sh", "-c", "echo second >/tmp/ran"]) { document in
                    document["hooks"] = ["poststart": hook("later-poststart"), "poststop": hook("later-poststop")]
                }
                #expect(try await host.kata("start", "clauses").status == .exited(0))
                for _ in 0..<200 where !FileSystem.exists(ran) { try await Task.sleep(for: .milliseconds(25)) }
                let first = Array("first\n".utf8)
                for _ in 0..<200 where try FileSystem.read(ran) != first { try await Task.sleep(for: .milliseconds(25)) }
                #expect(try FileSystem.read(ran) == first, "later updates of config.json MUST NOT affect the container")
                #expect(try await host.kata("start", "clauses").status == .exited(1), "only a created container can be started")
                #expect(try await host.kata("delete", "clauses").status == .exited(1))
                #expect(try await host.state("clauses")?.status == "running")
                let exec = try await host.kata("exec", "clauses", "sh", "-c", "echo $HOME")
                #expect(exec.text == "/\n", "a further process is built on the container's own: \(exec.errorText)")

                #expect(try await host.kata("kill", "clauses", "USR1").status == .exited(0))
                try await host.waitFor("stopped", of: "clauses")
                #expect(try await host.kata("kill", "clauses", "USR1").status == .exited(1), "a stopped container takes no signal")
                #expect(try await host.kata("start", "clauses").status == .exited(1))
                #expect(try await host.state("clauses")?.status == "stopped")
                #expect(try await host.kata("delete", "clauses").status == .exited(0))
                #expect(try await host.state("clauses") == nil)
                #expect(FileSystem.exists(host.bundle.appending("config.json")), "what create did not make MUST NOT be deleted")
                let said = String(decoding: try FileSystem.read(log), as: UTF8.self)
                #expect(said == "poststart\npoststop\n", "the hooks are those that it was created with")
            }
        }

        /// What only the guest can find out; each in a container that wants to join a machine, which goes on without it.
        static let refusals = [
            RefusalClause(
                "config-linux.md, Huge page limits", "a page size that is not there cannot be limited", "linux.resources",
                #"{"hugepageLimits":[{"pageSize":"4MB","limit":1}]}"#, says: "hugetlb.4MB.max"),
            RefusalClause(
                "config-linux.md, Unified", "a controller that is not there MUST be an error", "linux.resources",
                #"{"unified":{"nothing.max":"1"}}"#, says: "nothing.max"),
            RefusalClause(
                "config-linux.md, Devices", "another file at path MUST be an error", "linux.devices",
                #"[{"path":"/etc/passwd","type":"c","major":1,"minor":3}]"#, says: "make device node '/etc/passwd'"),
            RefusalClause(
                "runtime.md, Create", "a kernel parameter that cannot be set is an error", "linux.sysctl", #"{"kernel.nothing":"1"}"#,
                says: "kernel/nothing"),
            RefusalClause(
                "runtime.md, Create", "a program that is not there is an error", "process.args", #"["/no/such/program"]"#,
                says: "/no/such/program"),
            RefusalClause(
                "runtime.md, Create", "a mount that cannot be made is an error", "mounts",
                #"[{"destination":"/m","type":"nothingfs","source":"none"}]"#, says: "mount nothingfs"),
        ]

        @Test func whatTheGuestCannotApplyIsAnErrorAndNoContainer() async throws {
            try await withMachineHost(leaving: "joined") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("joined")
                try await host.kata("start", "joined")
                let stub = try #require(try host.processes("joined")["stub"])
                for clause in Self.refusals {
                    var member = host
                    member.bundle = host.directory.appending("member-\(clause.words.count)")
                    try BusyboxBundle.makeRoot(member.bundle.appending("rootfs"))
                    var namespaces: [[String: String]] = ["mount", "pid"].map { ["type": $0] }
                    for (type, name) in [("network", "net"), ("ipc", "ipc"), ("uts", "uts")] {
                        namespaces.append(["type": type, "path": "/proc/\(stub.pid)/ns/\(name)"])
                    }
                    try member.specify(["true"]) { document in
                        document["hostname"] = nil
                        document["annotations"] = [
                            "io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.sandbox-id": "joined",
                        ]
                        document["linux"] = ["namespaces": namespaces]
                        do { document = try clause.apply(to: document) } catch { Issue.record(error) }
                    }
                    let refused = try await member.kata("run", "--bundle", member.bundle.string, "member")
                    #expect(
                        refused.status != .exited(0) && refused.errorText.contains(clause.says), "\(clause.place): \(refused.errorText)")
                    #expect(try await host.state("member") == nil, "\(clause.place)")
                }
                #expect(try await host.kata("exec", "joined", "true").status == .exited(0), "the machine goes on")
                #expect(try await host.kata("delete", "--force", "joined").status == .exited(0))
            }
        }
    }
}
