// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// Kinds of interfaces of the container's namespace, and how the guest has them.
    @Suite(.enabled(if: findProgram("ip") != nil && findProgram("nsenter") != nil, "ip and nsenter are not installed"))
    struct EndpointTests {
        /// An interface `eth7` of the container, made by a script in which `$pid` is of the container's namespace, `$near` the name of a
        /// device on the host that reaches it, and `inside` runs a command in the namespace.
        struct Endpoint: Sendable, CustomTestStringConvertible {
            let kind: String
            let model: String
            let make: String

            var testDescription: String { "\(kind) by \(model)" }

            private static let pair = "ip link add ${near}l type veth peer name $near; ip link set ${near}l up; "

            static let all = [
                Endpoint(kind: "veth", model: "macvtap", make: "ip link add $near type veth peer name eth7 netns $pid"),
                Endpoint(
                    kind: "macvlan", model: "tcfilter",
                    make: pair + "ip link add link ${near}l name eth7 netns $pid type macvlan mode bridge"),
                Endpoint(
                    kind: "macvtap", model: "macvtap",
                    make: pair + "ip link add link ${near}l name eth7 netns $pid type macvtap mode bridge"),
                Endpoint(
                    kind: "bridge with a port", model: "tcfilter",
                    make: "ip link add $near type veth peer name port netns $pid; inside ip link add eth7 type bridge; "
                        + "inside ip link set port master eth7 up"),
            ]

            static let ipvlan = Endpoint(
                kind: "ipvlan", model: "tcfilter",
                make: pair
                    + "ip link set ${near}l address 02:00:5e:00:00:08; ip link add link ${near}l name eth7 netns $pid type ipvlan mode l2")

            /// Whether the host's kernel can make it.
            @Sendable static func hostHasIPVLAN() async throws -> Bool {
                guard let unshare = findProgram("unshare") else { return false }
                let words = "ip link add a type veth peer name b; ip link add link a name c type ipvlan mode l2"
                return try await runProgram(unshare, ["-n", "sh", "-ec", words]).status == .exited(0)
            }
        }

        /// A prestart hook, as libnetwork's.
        private static func furnish(_ host: MachineHost, near: String, _ words: String) throws -> [String: Any] {
            let script = host.directory.appending("furnish")
            let text = """
                #!/bin/sh -e
                pid=$(sed 's/.*"pid": *\\([0-9]*\\).*/\\1/')
                near=\(near)
                inside() { nsenter -n -t $pid "$@"; }
                \(words)
                """
            try AtomicFile.write(Array(text.utf8), to: script, mode: 0o755)
            return ["prestart": [["path": script.string, "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]]]]
        }

        private static func use(_ model: String, on host: MachineHost) throws {
            let bytes = try FileSystem.read(host.configuration)
            try AtomicFile.write(bytes + Array("\ninternetworking_model = \"\(model)\"\n".utf8), to: host.configuration)
        }

        private static func specify(_ script: String, _ hooks: [String: Any], on host: MachineHost) throws {
            try host.specify(["sh", "-c", script]) { document in
                let raw = ["CAP_NET_RAW"]
                change(&document, "process") { $0["capabilities"] = ["bounding": raw, "effective": raw, "permitted": raw] }
                document["hooks"] = hooks
            }
        }

        @Test(arguments: Endpoint.all) func carriesTheGuestsFrames(_ endpoint: Endpoint) async throws { try await Self.exchange(endpoint) }

        @Test(.enabled("the host's kernel makes no ipvlan devices", Endpoint.hostHasIPVLAN))
        func ipvlanCarriesTheGuestsFrames() async throws { try await Self.exchange(.ipvlan) }

        private static func exchange(_ endpoint: Endpoint) async throws {
            try await withMachineHost(leaving: "endpoint") { host in
                let near = "kw\(getpid() % 100_000)"
                try use(endpoint.model, on: host)
                // An ipvlan device has the address of the device below it, and takes no other.
                let hooks = try furnish(
                    host, near: near,
                    """
                    \(endpoint.make)
                    ip addr add 10.231.87.1/24 dev $near
                    ip link set $near up
                    \(endpoint.kind == "ipvlan" ? "" : "inside ip link set eth7 address 02:00:5e:00:00:08")
                    inside ip link set eth7 up
                    inside ip addr add 10.231.87.2/24 dev eth7
                    """)
                try specify("ip addr show eth7; ping -c2 -W20 10.231.87.1 >&2 && echo answered", hooks, on: host)
                let result = try await host.kata("run", "--bundle", host.bundle.string, "endpoint")
                _ = try await runProgram(try #require(findProgram("ip")), ["link", "del", near])
                #expect(result.status == .exited(0), "\(result.errorText)")
                for words in ["link/ether 02:00:5e:00:00:08", "inet 10.231.87.2/24", "\nanswered\n"] {
                    #expect(result.text.contains(words), "no '\(words)' in \(result.text) \(result.errorText)")
                }
            }
        }

        @Test func severalInterfacesAreThereFromTheStart() async throws {
            try await withMachineHost(leaving: "several") { host in
                let near = "kx\(getpid() % 100_000)"
                // The tap device has nobody at its other end.
                let hooks = try Self.furnish(
                    host, near: near,
                    """
                    for n in 1 2; do
                        ip link add ${near}$n type veth peer name eth$n netns $pid
                        ip addr add 10.231.9$n.1/24 dev ${near}$n
                        ip link set ${near}$n up
                        inside ip link set eth$n address 02:00:5e:00:01:0$n up
                        inside ip addr add 10.231.9$n.2/24 dev eth$n
                    done
                    inside ip tuntap add eth3 mode tap
                    inside ip link set eth3 address 02:00:5e:00:01:03 up
                    inside ip addr add 10.231.93.2/24 dev eth3
                    """)
                let script = "ls /sys/class/net; for n in 1 2; do ping -c1 -W20 10.231.9$n.1 >&2 && echo $n; done; ip addr show eth3"
                try Self.specify(script, hooks, on: host)
                let result = try await host.kata("run", "--bundle", host.bundle.string, "several")
                for n in 1...2 { _ = try await runProgram(try #require(findProgram("ip")), ["link", "del", "\(near)\(n)"]) }
                #expect(result.text.hasPrefix("eth1\neth2\neth3\nlo\n1\n2\n"), "\(result.text) \(result.errorText)")
                for words in ["link/ether 02:00:5e:00:01:03", "inet 10.231.93.2/24"] {
                    #expect(result.text.contains(words), "\(result.text)")
                }
            }
        }

        /// As slirp4netns makes and serves it, for containers of those who may make no other device.
        @Test(.needs(.program("slirp4netns"))) func aTapThatSomebodyServesCarriesTheGuestsFrames() async throws {
            try await withMachineHost(leaving: "tap") { host in
                let server = host.directory.appending("slirp.pid")
                let hooks = try Self.furnish(
                    host, near: "",
                    """
                    slirp4netns --configure --disable-host-loopback $pid eth7 >/dev/null 2>&1 </dev/null &
                    echo $! >\(server)
                    until inside ip addr show eth7 2>/dev/null | grep -q 10.0.2.100; do sleep 0.1; done
                    """)
                try Self.specify("ip addr show eth7; ping -c2 -W20 10.0.2.2 >&2 && echo answered", hooks, on: host)
                let result = try await host.kata("run", "--bundle", host.bundle.string, "tap")
                let pid = try #require(
                    Int32(String(decoding: try FileSystem.read(server), as: UTF8.self).trimmingCharacters(in: .newlines)))
                kill(pid, SIGTERM)
                #expect(result.status == .exited(0), "\(result.errorText)")
                for words in ["inet 10.0.2.100/24", "\nanswered\n"] {
                    #expect(result.text.contains(words), "no '\(words)' in \(result.text) \(result.errorText)")
                }
            }
        }

        @Test func withoutAModelTheGuestHasItsLoopbackDeviceOnly() async throws {
            try await withMachineHost(leaving: "none") { host in
                try Self.use("none", on: host)
                let hooks = try Self.furnish(host, near: "", "inside ip link add eth7 type veth peer name far; inside ip link set eth7 up")
                try Self.specify("ls /sys/class/net", hooks, on: host)
                let result = try await host.kata("run", "--bundle", host.bundle.string, "none")
                #expect(result.text == "lo\n", "\(result.text) \(result.errorText)")
            }
        }

        @Test func whatGoesOnTheHostGoesInTheGuestAndNothingElse() async throws {
            try await withMachineHost(leaving: "going") { host in
                let hooks = try Self.furnish(
                    host, near: "",
                    """
                    inside ip link add eth7 type veth peer name far
                    inside ip link set far up
                    inside ip link set eth7 address 02:00:5e:00:00:07 up
                    inside ip addr add 10.231.94.2/24 dev eth7
                    inside ip addr add 10.231.94.3/24 dev eth7
                    inside ip route add 10.124.0.0/16 via 10.231.94.77
                    inside ip neigh add 10.231.94.77 lladdr 02:00:5e:00:00:77 dev eth7 nud permanent
                    """)
                try host.specify(["sleep", "600"]) { document in
                    let admin = ["CAP_NET_ADMIN"]
                    change(&document, "process") { $0["capabilities"] = ["bounding": admin, "effective": admin, "permitted": admin] }
                    document["hooks"] = hooks
                }
                _ = try await host.create("going")
                try await host.kata("start", "going")
                func look() async throws -> String {
                    try await host.kata("exec", "going", "sh", "-c", "ip addr show eth7; ip route; ip neigh").text
                }
                let own = try await host.kata("exec", "going", "ip", "route", "add", "10.125.0.0/16", "via", "10.231.94.78")
                #expect(own.status == .exited(0), "\(own.errorText)")
                let before = try await look()
                for words in ["10.231.94.3/24", "10.124.0.0/16", "02:00:5e:00:00:77"] { #expect(before.contains(words), "\(before)") }
                let stub = try #require(try host.processes("going")["stub"])
                let words = "ip addr del 10.231.94.3/24 dev eth7; ip route del 10.124.0.0/16; ip neigh del 10.231.94.77 dev eth7"
                let gone = try await runProgram(try #require(findProgram("nsenter")), ["-n", "-t", "\(stub.pid)", "sh", "-ec", words])
                #expect(gone.status == .exited(0), "\(gone.errorText)")
                var after = before
                for _ in 0..<100 where ["10.231.94.3", "10.124", "02:00:5e:00:00:77"].contains(where: { after.contains($0) }) {
                    try await Task.sleep(for: .milliseconds(100))
                    after = try await look()
                }
                for words in ["10.231.94.3", "10.124", "02:00:5e:00:00:77"] { #expect(!after.contains(words), "\(words) in \(after)") }
                for words in ["10.231.94.2/24", "10.125.0.0/16"] { #expect(after.contains(words), "no \(words) in \(after)") }
                #expect(try await host.kata("delete", "--force", "going").status == .exited(0))
            }
        }
    }
}
