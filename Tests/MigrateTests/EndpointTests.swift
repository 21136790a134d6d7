// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// Engines listen for the kubelet where they are told to.
@Suite(.needs(.root)) struct EndpointTests {
    private let host = HostFixture.clearContainersCRIO
    private let pod = "c41f7be0a6d25938e1b07f34d8a95c62f0173e8ab9d4c265708e1f3ab6d90c57"

    @Test func anEngineIsAskedWhereItListens() throws {
        try host.withLab { lab in
            let file = lab.root.appending("etc/crio/crio.conf")
            let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
            try AtomicFile.write(Array((text + "\n[crio.api]\nlisten = \"/run/other/crio.sock\"\n").utf8), to: file, mode: 0o644)
            #expect(try lab.plan().text.contains("crictl --runtime-endpoint unix:///run/other/crio.sock stopp"))
            try lab.apply()
            #expect(lab.host.asked.contains(["crictl", "--runtime-endpoint", "unix:///run/other/crio.sock", "stopp", pod]))
            var asked: [[String]] = []
            let programs = AnsweringPrograms(root: lab.root)
            lab.host.answer = { command in
                asked.append(command)
                return programs.answer(command)
            }
            #expect(try lab.migrations.verify(nil).findings.filter(\.isFailed) == [])
            #expect(asked.contains(["crio-status", "--socket", "/run/other/crio.sock", "config"]), "\(asked)")
        }
    }

    @Test func containerdIsAskedWhereItListens() {
        let commands = EngineQuestion.ofDaemon(.containerd, at: "unix:///run/ctd/c.sock").map(\.command)
        #expect(commands == [["crictl", "--runtime-endpoint", "unix:///run/ctd/c.sock", "info"]])
        let usual = EngineQuestion.ofDaemon(.containerd).map(\.command)
        #expect(usual == [["crictl", "--runtime-endpoint", "unix:///run/containerd/containerd.sock", "info"]])
    }

    @Test(
        arguments: [
            ("[grpc]\naddress = \"/run/ctd/c.sock\"\n", "unix:///run/ctd/c.sock"),
            ("[grpc]\naddress = \"/run/containerd/containerd.sock\"\n", nil), ("", nil),
        ] as [(String, String?)])
    func whatIsNotUsualIsCarriedAlong(table: String, endpoint: String?) throws {
        let host = HostFixture.kataStatic
        try host.withTree { root in
            let file = root.appending("etc/containerd/config.toml")
            let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
            try AtomicFile.write(Array((text + "\n" + table).utf8), to: file, mode: 0o644)
            let plan = try host.plan(root, running: .drain)
            #expect(Undertaking.of(plan, number: 1).undertaking.endpoints?["containerd"] == endpoint)
        }
    }

    @Test func fraktiIsAskedWhereTheKubeletFindsIt() throws {
        let host = HostFixture.fraktiNode
        try host.withTree { root in
            for path in ["etc/systemd/system/kubelet.service.d/10-kubeadm.conf", "var/lib/kubelet/config.yaml"] {
                let file = root.pushing(FilePath(path))
                let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
                try AtomicFile.write(Array(text.replacing("/var/run/frakti.sock", with: "/run/frakti/f.sock").utf8), to: file, mode: 0o644)
            }
            let changes = try host.plan(root, running: .drain).steps.flatMap(\.changes)
            #expect(changes.contains(.stopPod(.frakti, id: "web-1234567890", endpoint: "unix:///run/frakti/f.sock")))
        }
    }

    /// Of before addresses were on record.
    @Test func anOlderJournalIsReadAsItWasMeant() throws {
        let text = SourceText(path: "undertaking.json", text: #"{"stopPod": {"_0": "crio", "_1": "pod"}}"#)
        let action = try #require(JSONDocument.parse(text).value).decode(Action.self)
        #expect(action == .stopPod(.crio, "pod", endpoint: nil))
        #expect(
            action.effect(runtime: "/r", outputs: "/o")
                == .run(["crictl", "--runtime-endpoint", "unix:///var/run/crio/crio.sock", "stopp", "pod"]))
        let line = SourceText(path: "journal", text: #"{"done": {"_0": 3, "milliseconds": 7}}"#)
        #expect(try #require(JSONDocument.parse(line).value).decode(JournalEntry.self) == .done(3, milliseconds: 7, at: nil))
    }
}
