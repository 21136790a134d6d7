// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// The same files through virtiofsd.
    @Suite(.needs(.virtiofsd)) struct VirtioFSTests {
        private static func serve(_ host: MachineHost) throws {
            try serve(host, with: try #require(findVirtiofsd()))
        }

        private static func serve(_ host: MachineHost, with daemon: FilePath) throws {
            let text = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self)
            let keys = "[hypervisor.qemu]\nshared_fs = \"virtio-fs\"\nvirtio_fs_daemon = \"\(daemon)\"\n"
            try AtomicFile.write(Array(text.replacingOccurrences(of: "[hypervisor.qemu]\n", with: keys).utf8), to: host.configuration)
        }

        private static func export(_ sandbox: String) -> String { "sandboxes/\(sandbox)/shared" }

        @Test func rootAndVolumesAreServed() async throws {
            try await withMachineHost(leaving: "served") { host in
                try Self.serve(host)
                let shared = host.directory.appending("volume")
                try FileSystem.makeDirectory(shared)
                try AtomicFile.write(Array("from the host\n".utf8), to: shared.appending("in"), mode: 0o644)
                let script = """
                    cat /rw/in; echo from the guest >/rw/out; echo x 2>/dev/null >/ro/no || echo refused
                    grep -c virtiofs /proc/mounts; touch /made; ls /made; chmod 4711 /made; stat -c %a /made
                    """
                try host.specify(["sh", "-c", script]) { document in
                    document["mounts"] =
                        (document["mounts"] as? [[String: Any]] ?? []) + [
                            ["destination": "/rw", "type": "bind", "source": shared.string, "options": ["rbind", "rw"]],
                            ["destination": "/ro", "type": "bind", "source": shared.string, "options": ["rbind", "ro"]],
                        ]
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "served")
                #expect(result.text == "from the host\nrefused\n3\n/made\n4711\n", "\(result.errorText)")
                #expect(try FileSystem.read(shared.appending("out")) == Array("from the guest\n".utf8))
                #expect(!FileSystem.exists(shared.appending("no")))
            }
        }

        @Test func aContainerThatJoinsHasItsFilesAndTheSandboxEndsWithItsServer() async throws {
            try await withMachineHost(leaving: "served-pod") { host in
                try Self.serve(host)
                try host.specify(["sleep", "600"])
                _ = try await host.create("served-pod")
                try await host.kata("start", "served-pod")
                let stub = try #require(try host.processes("served-pod")["stub"])
                var member = host
                member.bundle = host.directory.appending("member")
                try BusyboxBundle.makeRoot(member.bundle.appending("rootfs"))
                try AtomicFile.write(Array("mine\n".utf8), to: member.bundle.appending("rootfs/word"), mode: 0o644)
                try member.specify(["cat", "/word"]) { document in
                    document["annotations"] = [
                        "io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.SandboxID": "served-pod",
                    ]
                    document["hostname"] = nil
                    document["linux"] = [
                        "namespaces": [["type": "mount"], ["type": "pid"]]
                            + ["network", "ipc", "uts"].map {
                                ["type": $0, "path": "/proc/\(stub.pid)/ns/\($0 == "network" ? "net" : $0)"]
                            }
                    ]
                }
                let joined = try await member.kata("run", "--bundle", member.bundle.string, "joined")
                #expect(joined.text == "mine\n", "\(joined.errorText)")

                let server = try #require(
                    try MachineHost.processes(mentioning: Self.export("served-pod")).first { $0.contains("virtiofsd") })
                kill(try #require(pid_t(server.prefix { $0 != " " })), SIGKILL)
                try await host.waitFor("stopped", of: "served-pod")
                #expect(try await host.kata("delete", "served-pod").status == .exited(0))
                #expect(try MachineHost.processes(mentioning: Self.export("served-pod")).isEmpty)
            }
        }

        @Test func aServerThatIsMissingIsNamed() async throws {
            try await withMachineHost(leaving: "unserved") { host in
                try Self.serve(host, with: "/no/virtiofsd")
                try host.specify(["true"])
                let result = try await host.kata("run", "--bundle", host.bundle.string, "unserved")
                #expect(
                    result.status == .exited(1) && result.errorText.contains("use virtiofsd '/no/virtiofsd' (virtio_fs_daemon"),
                    "\(result.errorText)")
                let check = try await host.kata("check")
                #expect(check.status == .exited(1) && check.text.contains("missing  virtiofsd /no/virtiofsd"), "\(check.text)")
            }
        }
    }
}
