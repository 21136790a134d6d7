// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// A kubelet that asks frakti for its pods.
@Suite struct KubeletTests {
    private let host = HostFixture.fraktiNode
    private let dropIn: FilePath = "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf"
    private let configuration: FilePath = "/var/lib/kubelet/config.yaml"

    @Test func theKubeletIsToldOfTheEngineThatIsThere() throws {
        try host.withTree { root in
            let plan = try host.plan(root, running: .recreate)
            let step = try #require(plan.steps.first { $0.kind == .pointKubelet })
            #expect(step.object == "unix:///var/run/crio/crio.sock")
            for case .replace(let path, let before, let after) in step.changes {
                let (old, new) = (String(decoding: before, as: UTF8.self), String(decoding: after, as: UTF8.self))
                let former = path == dropIn ? "=/var/run/frakti.sock" : " unix:///var/run/frakti.sock"
                #expect(new == old.replacing(former, with: "\(former.prefix(1))unix:///var/run/crio/crio.sock"))
            }
            #expect(step.changes.compactMap(\.backedUp) == [dropIn, configuration])
            #expect(step.changes.last == .reloadUnits)
            #expect(!plan.preflight.contains { $0.code == "PRE034" || $0.code == "PRE035" })
        }
    }

    /// The kubelet sleeps from before its pods are stopped until it has been told; then frakti goes, and hyperd last.
    @Test(.needs(.root)) func theOrderKeepsPodsFromTheOldSystem() throws {
        try host.withLab { lab in
            try lab.apply()
            let docker = "0d1f6a9be3c2574880a1e6d35b72f94c16e8d0a7f35b9c2e4d618f07ab93c5e2"
            let order = [
                ["systemctl", "stop", "kubelet.service"], ["docker", "stop", docker],
                ["crictl", "--runtime-endpoint", "unix:///var/run/frakti.sock", "stopp", "web-1234567890"],
                ["systemctl", "daemon-reload"], ["systemctl", "start", "kubelet.service"], ["systemctl", "stop", "frakti.service"],
                ["systemctl", "daemon-reload"], ["systemctl", "stop", "hyperd.service"], ["systemctl", "daemon-reload"],
            ]
            let asked = lab.host.asked.filter { $0.first != "reap" }
            #expect(asked == order)
            let told = String(decoding: try FileSystem.read(FilePath(lab.root.string + dropIn.string)), as: UTF8.self)
            #expect(told.contains("--container-runtime-endpoint=unix:///var/run/crio/crio.sock"))
            let done = lab.host.asked.count
            try lab.rollBack()
            let back = Array(lab.host.asked[done...])
            #expect(back.first == ["systemctl", "stop", "kubelet.service"])
            #expect(back.contains(["systemctl", "daemon-reload"]))
            // Each needs the one before it.
            let started = back.filter { $0.prefix(2) == ["systemctl", "start"] }.map { $0[2] }
            #expect(started == ["hyperd.service", "frakti.service", "kubelet.service"])
            #expect(!back.contains(["docker", "start", docker]), "only when that is asked for")
        }
    }

    @Test(arguments: [nil, RunningChoice.leave]) func podsThatRunAreNotLeftBehind(choice: RunningChoice?) throws {
        try host.withTree { root in
            let plan = try host.plan(root, running: choice)
            #expect(!plan.steps.contains { [.pointKubelet, .holdKubelet, .retireUnit, .stopContainers].contains($0.kind) })
            #expect(plan.preflight.contains { $0.code == "PRE034" && $0.message.contains("--running drain or recreate") })
            #expect(plan.decisions.map(\.sandbox.rawValue) == (choice == nil ? ["web-1234567890"] : []))
        }
    }

    @Test func withNoPodThereIsNothingToDecide() throws {
        try host.withTree { root in
            try FileSystem.removeTree(root.appending("var/lib/docker/containers"))
            var facts = host.facts
            facts.processes?.removeAll { $0.executable.string.contains("qemu") }
            facts.sockets = []
            let plan = try host.plan(root, facts: facts)
            #expect(
                plan.steps.map(\.kind).filter { $0 != .writeConfiguration } == [
                    .holdKubelet, .pointKubelet, .releaseKubelet, .retireUnit, .retireUnit, .endLeftovers, .endLeftovers,
                ])
        }
    }

    /// What is done to the host, and what is then said to be missing; nothing is said where the kubelet moves all the same.
    enum Lack: String, CaseIterable {
        case noEngine, notRunning, noProgram, containerdToo, containerdWithoutCRI, containerdOnly, noRuntime

        var said: String? {
            switch self {
            case .noEngine, .noProgram: "is on this host"
            case .notRunning: "does not run"
            // The one that knows the new runtime is the one that was meant.
            case .containerdToo, .containerdWithoutCRI, .containerdOnly, .noRuntime: nil
            }
        }
    }

    @Test(arguments: Lack.allCases) func onlyAnEngineThatCanTakeThePodsGetsThem(lack: Lack) throws {
        try host.withTree { root in
            var facts = host.facts
            let containerd = root.appending("etc/containerd")
            try FileSystem.makeDirectory(containerd)
            try AtomicFile.write([], to: root.appending("usr/bin/containerd"), mode: 0o755)
            func configure(_ text: String) throws { try AtomicFile.write(Array(text.utf8), to: containerd.appending("config.toml")) }
            func removeCRIO() throws {
                for path in ["etc/crio", "usr/bin/crio", "usr/lib/systemd/system/crio.service"] {
                    try FileSystem.removeTree(root.appending(path))
                }
            }
            switch lack {
            case .noEngine: try removeCRIO()
            case .notRunning: facts.units?.known["crio.service"] = .inactive
            case .noProgram: try FileSystem.remove(root.appending("usr/bin/crio"))
            case .containerdToo: try configure("version = 2\n")
            case .containerdWithoutCRI:
                try removeCRIO()
                try configure("disabled_plugins = [\"cri\"]\n")
            case .containerdOnly:
                try removeCRIO()
                try configure("version = 2\n[grpc]\naddress = \"/run/ctd/c.sock\"\n")
            case .noRuntime: try AtomicFile.write(Array("[crio.runtime]\n".utf8), to: root.appending("etc/crio/crio.conf"))
            }
            let plan = try host.plan(root, facts: facts, running: .drain)
            let told = plan.steps.first { $0.kind == .pointKubelet }?.object
            let stays = plan.preflight.first { $0.code == "PRE034" }?.message
            switch lack {
            case .noEngine, .notRunning, .noProgram, .containerdWithoutCRI:
                #expect(told == nil)
                #expect(stays?.contains(lack.said ?? "is on this host") == true, "\(stays ?? "")")
                #expect(plan.sandboxes.first { $0.sandbox.rawValue == "web-1234567890" }?.verdict == .leftRunning)
                #expect(
                    plan.leftInPlace.contains { $0.what == "unit frakti.service" }
                        && plan.leftInPlace.contains { $0.what == "unit hyperd.service" })
            case .containerdToo: #expect(told == "unix:///var/run/crio/crio.sock")
            case .containerdOnly: #expect(told == "unix:///run/ctd/c.sock")
            case .noRuntime: #expect(told == "unix:///var/run/crio/crio.sock")
            }
            #expect(plan.preflight.contains { $0.code == "PRE035" } == (lack == .containerdOnly || lack == .noRuntime))
        }
    }
}
