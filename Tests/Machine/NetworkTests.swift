// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite struct NetworkTests {
        /// A script, as an engine's hook: it makes a pair of devices whose far end is in the container's namespace.
        private static func furnish(_ host: MachineHost, name: String, bridge: String) throws -> FilePath {
            let script = host.directory.appending("furnish")
            let text = """
                #!/bin/sh -e
                pid=$(sed 's/.*"pid": *\\([0-9]*\\).*/\\1/')
                ip link add \(name) type veth peer name eth7 netns $pid
                ip addr add \(bridge).1/24 dev \(name)
                ip -6 addr add fd5e:77::1/64 dev \(name) nodad
                ip link set \(name) up
                nsenter -n -t $pid ip link set eth7 mtu 1400 address 02:00:5e:00:00:07 up
                nsenter -n -t $pid ip addr add \(bridge).2/24 dev eth7
                nsenter -n -t $pid ip -6 addr add fd5e:77::2/64 dev eth7 nodad
                nsenter -n -t $pid ip route add default via \(bridge).1 metric 100
                nsenter -n -t $pid ip route add default via \(bridge).77 metric 200
                nsenter -n -t $pid ip route add 10.123.0.0/16 via \(bridge).77
                nsenter -n -t $pid ip neigh add \(bridge).77 lladdr 02:00:5e:00:00:77 dev eth7 nud permanent
                """
            try AtomicFile.write(Array(text.utf8), to: script, mode: 0o755)
            return script
        }

        @Test(.enabled(if: findProgram("ip") != nil && findProgram("nsenter") != nil, "ip and nsenter are not installed"))
        func theGuestHasTheInterfacesThatHooksMadeInTheContainersNamespace() async throws {
            try await withMachineHost(leaving: "net") { host in
                let device = "kt\(getpid() % 100_000)"
                let script = try Self.furnish(host, name: device, bridge: "10.231.77")
                let seen = host.directory.appending("seen")
                try host.specify([
                    "sh", "-c",
                    "ip addr show eth7; ip route; ip neigh; ping -c1 -W20 10.231.77.1 >&2 && echo four; ping -c1 -W20 fd5e:77::1 >&2 && echo six",
                ]) { document in
                    let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
                    var process = document["process"] as? [String: Any] ?? [:]
                    let raw = ["CAP_NET_RAW"]
                    process["capabilities"] = ["bounding": raw, "effective": raw, "permitted": raw]
                    document["process"] = process
                    func record(_ word: String) -> [String: Any] {
                        ["path": "/bin/sh", "args": ["sh", "-c", "(echo \(word); cat) >>\(seen)"], "env": environment]
                    }
                    document["hooks"] = [
                        "prestart": [["path": script.string, "env": environment]], "createRuntime": [record("createRuntime")],
                        "poststart": [record("poststart")], "poststop": [record("poststop")],
                    ]
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "net")
                #expect(result.status == .exited(0), "\(result.errorText)")
                for words in [
                    "mtu 1400", "link/ether 02:00:5e:00:00:07", "inet 10.231.77.2/24", "inet6 fd5e:77::2/64",
                    "default via 10.231.77.1 dev eth7  metric 100", "default via 10.231.77.77 dev eth7  metric 200",
                    "10.123.0.0/16 via 10.231.77.77", "02:00:5e:00:00:77", "\nfour\n", "six\n",
                ] {
                    #expect(result.text.contains(words), "no '\(words)' in \(result.text) \(result.errorText)")
                }
                let hooks = String(decoding: try FileSystem.read(seen), as: UTF8.self)
                #expect(hooks.contains(/(?s)createRuntime.*"creating".*poststart.*poststop.*"stopped"/), "\(hooks)")
            }
        }

        /// Engines keep a pod's namespace where its runtime was killed, and make the next container in it.
        @Test(.enabled(if: findProgram("ip") != nil && findProgram("unshare") != nil, "ip and unshare are not installed"))
        func aNamespaceThatOutlivesAKilledShimCanBeUsedAgain() async throws {
            try await withMachineHost(leaving: "heir") { host in
                let bytes = try FileSystem.read(host.configuration)
                try AtomicFile.write(bytes + Array("\ninternetworking_model = \"macvtap\"\n".utf8), to: host.configuration)
                let namespace = host.directory.appending("netns")
                try AtomicFile.write([], to: namespace)
                func inside(_ words: String...) async throws -> ProgramResult {
                    try await runProgram(try #require(findProgram("nsenter")), ["--net=\(namespace)"] + words)
                }
                let made = try await runProgram(try #require(findProgram("unshare")), ["--net=\(namespace)", "true"])
                #expect(made.status == .exited(0), "\(made.errorText)")
                defer { _ = umount2(namespace.string, CInt(MNT_DETACH)) }
                let words =
                    "ip link add eth7 type veth peer name far; ip addr add 10.231.91.2/24 dev eth7; ip link set eth7 up; ip link set far up"
                #expect(try await inside("sh", "-ec", words).status == .exited(0))
                try host.specify(["sh", "-c", "ip -4 addr show eth7; sleep 600"]) { document in
                    let own = ["pid", "ipc", "uts", "mount"].map { ["type": $0] }
                    document["linux"] = ["namespaces": own + [["type": "network", "path": namespace.string]]]
                }
                _ = try await host.create("heir")
                let before = try await inside("ip", "-o", "link").text
                #expect(before.contains("_kata@eth7"), "\(before)")
                let second = try await host.kata("create", "--bundle", host.bundle.string, "second")
                #expect(second.errorText.contains("belongs to another virtual machine"), "while it lives: \(second.errorText)")
                try #require(try host.processes("heir")["shim"]).signal(SIGKILL)
                try await host.waitFor("stopped", of: "heir")
                #expect(try await host.kata("delete", "--force", "heir").status == .exited(0))

                let program = try await host.create("heir")
                try await host.kata("start", "heir")
                var said = ""
                while !said.contains("inet 10.231.91.2/24") {
                    let part = try program.standardOutput.read(upTo: 4096)
                    guard !part.isEmpty else { break }
                    said += String(decoding: part, as: UTF8.self)
                }
                #expect(said.contains("inet 10.231.91.2/24"), "\(said)")
                #expect(try await host.kata("delete", "--force", "heir").status == .exited(0))
                let left = try await inside("ip", "-o", "link").text
                #expect(!left.contains("_kata"), "\(left)")
            }
        }

        @Test func aHookThatFailsEndsTheCreationWithItsWords() async throws {
            try await withMachineHost(leaving: "hook") { host in
                try host.specify(["true"]) { document in
                    document["hooks"] = [
                        "createRuntime": [["path": "/bin/sh", "args": ["sh", "-c", "echo no such luck >&2; exit 3"]]]
                    ]
                }
                let failed = try await host.kata("run", "--bundle", host.bundle.string, "hook")
                #expect(failed.status == .exited(1))
                #expect(failed.errorText.contains("createRuntime hook '/bin/sh': exit status 3: no such luck"), "\(failed.errorText)")
                try host.specify(["true"]) { document in
                    document["hooks"] = ["prestart": [["path": "/bin/sh", "args": ["sh", "-c", "sleep 600"], "timeout": 1]]]
                }
                let late = try await host.kata("run", "--bundle", host.bundle.string, "hook")
                #expect(late.errorText.contains("longer than 1 s"), "\(late.errorText)")
            }
        }

        @Test func theHostsNetworkIsRefused() async throws {
            try await withMachineHost(leaving: "hostnet") { host in
                let own = ["mount", "pid", "ipc", "uts"].map { ["type": $0] }
                for namespaces in [own, own + [["type": "network", "path": "/proc/self/ns/net"]]] {
                    try host.specify(["true"]) { $0["linux"] = ["namespaces": namespaces] }
                    let refused = try await host.kata("run", "--bundle", host.bundle.string, "hostnet")
                    #expect(refused.status == .exited(1))
                    #expect(refused.errorText.contains("share the host's network"), "\(refused.errorText)")
                }
            }
        }
    }
}
