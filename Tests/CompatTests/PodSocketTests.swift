// SPDX-License-Identifier: Apache-2.0

import Compat
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("sockets on which engines listen for a kubelet")
struct PodSocketTests {
    @Test(
        "the last file that says it counts, and a plugin that is disabled listens nowhere",
        arguments: [
            (.crio, ["[crio.api]\nlisten = \"/run/a.sock\"\n"], "/run/a.sock"), (.crio, [], "/var/run/crio/crio.sock"),
            (.crio, ["[crio.api]\nlisten = \"/run/a.sock\"\n", "[crio.api]\nlisten = \"/run/b.sock\"\n"], "/run/b.sock"),
            (.crio, ["[crio.api]\nlisten = \"relative\"\n"], "/var/run/crio/crio.sock"),
            (.containerd, ["version = 2\n"], "/run/containerd/containerd.sock"),
            (.containerd, ["[grpc]\naddress = \"/run/c.sock\"\n"], "/run/c.sock"),
            (.containerd, ["disabled_plugins = [\"cri\"]\n"], nil),
            (.containerd, ["version = 2\n", "disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n"], nil),
            (.containerd, ["disabled_plugins = [\"io.containerd.internal.v1.opt\"]\n"], "/run/containerd/containerd.sock"),
            (.containerd, ["[[[\n"], "/run/containerd/containerd.sock"), (.docker, ["{}"], nil), (.kubelet, [], nil),
        ] as [(Engine, [String], FilePath?)])
    func socket(engine: Engine, files: [String], socket: FilePath?) {
        let sources = files.enumerated().map { SourceText(path: FilePath("/etc/file\($0.offset)"), text: $0.element) }
        #expect(engine.podSocket(in: sources) == socket)
    }

    @Test("the command line of CRI-O counts more than its files")
    func flag() throws {
        let unit = SourceText(
            path: "/etc/systemd/system/crio.service", text: "[Service]\nExecStart=/usr/bin/crio --listen /run/flag.sock\n")
        let main = SourceText(path: "/etc/crio/crio.conf", text: "[crio.api]\nlisten = \"/run/a.sock\"\n")
        let settings = CRIO.registrations(main: main, units: [unit]).partial?.settings ?? []
        #expect(Engine.crio.podSocket(in: [main], settings) == "/run/flag.sock")
    }

    @Test("the registration of Docs/Engines.md is one of our runtime's command line")
    func page() throws {
        let block = SourceText(path: "/etc/crio/crio.conf.d/50-kata.conf", text: try EnginesPage.block(behind: "CRI-O, `/etc/crio"))
        let parsed = CRIO.registrations(main: nil, dropIns: [block])
        #expect(parsed.diagnostics.isEmpty)
        let own = (parsed.partial?.registrations ?? []).filter { $0.runtimeName == "kata" }
        #expect(own.map(\.binaryPath) == ["/usr/local/bin/kata-runtime"] && own.map(\.convention) == [.commandLine])
    }
}
