// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// runtime-spec config.md, "POSIX-platform Hooks".
    @Suite struct HookTests {
        private func hook(_ script: String, timeout: Int? = nil) -> [String: Any] {
            var hook: [String: Any] = ["path": "/bin/sh", "args": ["sh", "-c", script], "env": ["PATH=/bin:/usr/bin:/sbin:/usr/sbin"]]
            hook["timeout"] = timeout
            return hook
        }

        @Test func hooksRunInOrderInTheirNamespacesWithTheStateOnStandardInput() async throws {
            try await withMachineHost(leaving: "hooked") { host in
                let log = host.directory.appending("log").string
                try host.specify(["sh", "-c", "cat /tmp/started; echo; hostname"]) { document in
                    document["annotations"] = ["org.example.key": "a \"quoted\" value"]
                    document["hooks"] = [
                        "prestart": [hook("echo prestart $(cat) >> \(log)")],
                        "createRuntime": [hook("echo createRuntime $(cat) >> \(log)")],
                        "createContainer": [hook("echo createContainer $(cat) $(readlink /proc/self/ns/net) >> \(log)")],
                        "startContainer": [hook("(cat; echo; echo \"|$GREETING|$(hostname)|$(id -u)\") > /tmp/started")].map {
                            $0.merging(["env": ["GREETING=hello", "PATH=/bin"]]) { _, new in new }
                        },
                        "poststart": [hook("exit 3"), hook("echo poststart $(cat) >> \(log)")],
                        "poststop": [hook("echo poststop $(cat) >> \(log)")],
                    ]
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "hooked")
                #expect(result.status == .exited(0), "\(result.errorText)")
                let lines = result.text.split(separator: "\n")
                // The program of a startContainer hook is the container's, and so is all that it sees.
                let state = try #require(lines.first)
                #expect(
                    state.contains("\"status\":\"created\"") && state.contains("\"id\":\"hooked\"") && state.contains("\"pid\":1"),
                    "\(state)")
                #expect(state.contains("a \\\"quoted\\\" value") && state.contains(host.bundle.string), "\(state)")
                #expect(lines.dropFirst().first == "|hello|guest|0", "\(result.text)")
                let said = String(decoding: try FileSystem.read(FilePath(log)), as: UTF8.self).split(separator: "\n")
                #expect(
                    said.map { $0.prefix { $0 != " " } } == ["prestart", "createRuntime", "createContainer", "poststart", "poststop"],
                    "\(said)")
                for (line, status) in zip(said, ["created", "creating", "creating", "running", "stopped"]) {
                    #expect(line.contains("\"status\":\"\(status)\""), "\(line)")
                }
                let own = try FileSystem.readLink("/proc/self/ns/net")
                #expect(said.count > 2 && !said[2].contains(own), "createContainer runs in the container's network namespace")
            }
        }

        @Test func aStartHookThatFailsStopsTheContainerAndSaysWhy() async throws {
            try await withMachineHost(leaving: "unhooked") { host in
                try host.specify(["echo", "never"]) { $0["hooks"] = ["startContainer": [hook("echo no luck >&2; exit 7")]] }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "unhooked")
                #expect(result.status != .exited(0) && !result.text.contains("never"))
                #expect(result.errorText.contains("startContainer") && result.errorText.contains("no luck"), "\(result.errorText)")
                try host.specify(["echo", "never"]) { $0["hooks"] = ["startContainer": [hook("sleep 60", timeout: 1)]] }
                let late = try await host.kata("run", "--bundle", host.bundle.string, "unhooked")
                #expect(late.status != .exited(0) && late.errorText.contains("longer than 1 s"), "\(late.errorText)")
            }
        }

        @Test func theGuestsOwnHooksRunForEveryContainer() async throws {
            try await withMachineHost(leaving: "guesthook", "unlucky", "doomed") { host in
                let hooks = host.directory.appending("additions").appending("usr/share/oci/hooks")
                let root = "/run/kata-containers/shared/containers/guesthook/rootfs/tmp"
                func add(_ point: String, _ script: String) throws {
                    try FileSystem.makeDirectory(hooks.appending(point))
                    try AtomicFile.write(Array("#!/bin/sh\n\(script)\n".utf8), to: hooks.appending(point).appending("10-own"), mode: 0o755)
                }
                try add(
                    "prestart",
                    "state=$(cat)\ncase $state in *unlucky*) echo no luck >&2; exit 4;; *doomed*) echo c >/proc/sysrq-trigger; sleep 60;; esac\necho \"$state\" >\(root)/prestart"
                )
                try add("poststart", "cat >\(root)/poststart.new && mv \(root)/poststart.new \(root)/poststart")
                try add("poststop", "cat >\(root)/poststop")
                let busybox = try #require(findProgram("busybox"))
                let bin = host.directory.appending("additions").appending("bin")
                try FileSystem.makeDirectory(bin)
                try AtomicFile.write(FileSystem.read(busybox), to: bin.appending("busybox"), mode: 0o755)
                symlink("busybox", bin.appending("sh").string)
                symlink("busybox", bin.appending("cat").string)
                symlink("busybox", bin.appending("mv").string)
                let output = host.directory.appending("assets")
                let build = try await runProgram(
                    MachineHost.runtime,
                    [
                        "assets", "build", "--agent", TestMachine.binaries.appending("kata-agent").string, "--output", output.string,
                        "--add",
                        host.directory.appending("additions").string,
                    ])
                #expect(build.status == .exited(0), "\(build.errorText)")
                var text = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self)
                let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("initrd =") })
                text = text.replacingOccurrences(
                    of: line, with: "initrd = \"\(output.appending("initrd.cpio"))\"\nguest_hook_path = \"/usr/share/oci/hooks\"")
                try AtomicFile.write(Array(text.utf8), to: host.configuration)
                try host.specify([
                    "sh", "-c", "until test -e /tmp/poststart; do sleep 0.1; done; cat /tmp/prestart; echo; cat /tmp/poststart",
                ])
                let result = try await host.kata("run", "--bundle", host.bundle.string, "guesthook")
                let states = result.text.split(separator: "\n")
                #expect(
                    states.count == 2 && states.allSatisfy { $0.contains("\"id\":\"guesthook\"") }, "\(result.text) \(result.errorText)")
                let last = String(decoding: try FileSystem.read(host.bundle.appending("rootfs/tmp/poststop")), as: UTF8.self)
                #expect(last.contains("\"id\":\"guesthook\"") && last.contains("\"status\":\"stopped\""), "\(last)")
                let failed = try await host.kata("run", "--bundle", host.bundle.string, "unlucky")
                #expect(failed.status != .exited(0), "\(failed.text)")
                #expect(failed.errorText.contains("prestart") && failed.errorText.contains("no luck"), "\(failed.errorText)")
                #expect(try await host.state("unlucky") == nil)
                // The guest, and the agent with it, ends while it makes the container.
                let doomed = try await host.kata("run", "--bundle", host.bundle.string, "doomed")
                #expect(doomed.status != .exited(0), "\(doomed.text)")
                if let state = try await host.state("doomed") { #expect(state.status == "stopped") }
                try await host.kata("delete", "--force", "doomed")
            }
        }
    }
}
