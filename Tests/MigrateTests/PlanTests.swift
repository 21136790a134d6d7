// SPDX-License-Identifier: Apache-2.0

import Compat
import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

@Suite struct PlanTests {
    private let host = HostFixture.clearContainersDocker
    private let running = "5e0a7d41c96b38f2e17a90bd4cf3528610e7bb942d6ac8f05b19e3d7740c2f8a"

    @Test(arguments: HostFixture.all)
    func theHostIsPlannedAsExpected(host: HostFixture) throws {
        try host.withTree { root in
            let plan = try host.plan(root)
            try host.expect(plan.text.withRoot(root), is: "plan.txt")
            try host.expect(plan.json.withRoot(root), is: "plan.json")
            try host.expect(try host.plan(root, running: .recreate).text.withRoot(root), is: "plan-recreate.txt")
        }
    }

    @Test(arguments: [nil, RunningChoice.leave, .drain, .recreate])
    func aPlanLeavesTheTreeAsItIs(choice: RunningChoice?) throws {
        try host.withTree { root in
            let before = try fingerprint(of: root)
            _ = try host.plan(root, running: choice).json
            #expect(try fingerprint(of: root) == before)
        }
    }

    @Test func theReportIsJSON() throws {
        try host.withTree { root in
            let plan = try host.plan(root, running: .drain)
            let value = try #require(JSONDocument.parse(SourceText(path: "plan.json", text: plan.json)).value?.root)
            #expect(value["changes"]?.integer == Int64(plan.steps.count))
            #expect(value["steps"]?.array?.count == plan.steps.count)
        }
    }

    @Test func aPlanKeepsItsNameAsLongAsItSaysTheSame() throws {
        let ids = try host.withTree { root in
            let first = try host.plan(root).id
            #expect(try host.plan(root).id == first)
            try AtomicFile.write(
                Array("[hypervisor.qemu]\ndefault_memory = 512\n[shim.cc]\n[proxy.cc]\n".utf8),
                to: root.appending("etc/clear-containers/configuration.toml"))
            return [first, try host.plan(root).id, try host.plan(root, running: .drain).id]
        }
        #expect(Set(ids).count == 3)
        #expect(try host.withTree { try host.plan($0).id } == ids[0], "the place of the tree is no part of it")
    }

    @Test func aSandboxCanHaveAChoiceOfItsOwn() throws {
        let host = HostFixture.runVDocker
        try host.withTree { root in
            let plan = try host.plan(root, running: .drain, own: ["gate": .leave])
            let fates = Dictionary(plan.sandboxes.map { ($0.sandbox.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
            #expect(fates["vm-GateIsOpen"]?.verdict == .leftRunning && fates["vm-ShopAndSid"]?.isDrained == true)
            #expect(plan.applyCommand.hasSuffix(" --running drain --running gate=leave"))
            #expect(try plan.id != host.plan(root, running: .drain).id)
            #expect(try host.plan(root, running: .drain, own: ["vm-Gate": .leave]).sandboxes == plan.sandboxes, "the beginning of its id")
            for name in ["nobody", "vm-", "gat"] {
                let blocked = try host.plan(root, running: .drain, own: [name: .leave])
                #expect(blocked.preflight.contains { $0.code == "PRE037" } && blocked.isBlocked, "\(name)")
            }
        }
    }

    /// Grace periods in full, and a usual time for what has none.
    @Test(arguments: [(nil, 22), (60, 72), (-1, nil)] as [(Int?, Int?)])
    func whatStopsIsSaidWithHowLong(timeout: Int?, seconds: Int?) throws {
        let host = HostFixture.clearContainersDocker
        try host.withTree { root in
            let container = "5e0a7d41c96b38f2e17a90bd4cf3528610e7bb942d6ac8f05b19e3d7740c2f8a"
            let record = root.appending("var/lib/docker/containers").appending(container).appending("config.v2.json")
            let text = String(decoding: try FileSystem.read(record), as: UTF8.self)
            if let timeout {
                let said = "{\"Config\": {\"StopTimeout\": \(timeout)}, " + text.replacing("\"Config\"", with: "\"OldConfig\"").dropFirst()
                try AtomicFile.write(Array(said.utf8), to: record, mode: 0o600)
            }
            let plan = try host.plan(root, running: .recreate)
            let stop = try #require(plan.interruptions.first { $0.what == "billing" })
            #expect(stop.seconds == seconds)
            #expect(stop.title.hasSuffix(seconds.map { ", up to some \($0) s" } ?? "step 9"))
        }
    }

    @Test(arguments: [RunningChoice.leave, .drain, .recreate])
    func everyStepComesAfterThoseItNames(choice: RunningChoice) throws {
        try host.withTree { root in
            let steps = try host.plan(root, running: choice).steps
            for (index, step) in steps.enumerated() {
                for predecessor in step.after {
                    #expect(steps[..<index].contains { $0.id == predecessor.step }, "\(step.id) after \(predecessor.step)")
                }
            }
            #expect(Set(steps.map(\.id)).count == steps.count)
        }
    }

    @Test func everythingThatIsReplacedOrRemovedHasABackupAndAnObservation() throws {
        try host.withTree { root in
            let plan = try host.plan(root, running: .drain)
            for step in plan.steps {
                let isDrained = step.kind == .retireRecords && step.after.contains { $0.step.rawValue.hasPrefix("drain-") }
                for path in step.changes.compactMap(\.backedUp) {
                    #expect(plan.backup(of: path).string == "/var/lib/kata-migrate/\(plan.id)/backup\(path)")
                    // What a drain rewrites cannot be relied on.
                    let isObserved = step.reliesOn.contains { $0.path == path && $0.kind != .absent }
                    #expect(isObserved != isDrained, "\(step.id.rawValue) changes \(path)")
                }
                for case .replace(let path, _, _) in step.changes {
                    #expect(step.reliesOn.contains { $0.path == path && $0.digest != nil })
                }
            }
        }
    }

    @Test func theRegistrationChangesByThePathAlone() throws {
        try host.withTree { root in
            let plan = try host.plan(root, layout: TargetLayout(prefix: "/opt/kata"))
            let step = try #require(plan.steps.first { $0.kind == .registerRuntime })
            guard case .replace(_, let before, let after) = try #require(step.changes.first) else { throw Unexpected() }
            let old = String(decoding: before, as: UTF8.self)
            #expect(
                String(decoding: after, as: UTF8.self)
                    == old.replacing("=/usr/bin/cc-runtime", with: "=/opt/kata/libexec/kata-swift/legacy/cc-runtime"))
            #expect(step.changes.count == 1, "the name stays, so daemon.json does")
        }
    }

    @Test func whatRunsAwaitsADecision() throws {
        try host.withTree { root in
            let undecided = try host.plan(root)
            #expect(undecided.isBlocked)
            #expect(undecided.decisions.map(\.sandbox.rawValue) == [running])
            #expect(undecided.preflight.contains { $0.code == "PRE001" })
            for choice in RunningChoice.allCases {
                let plan = try host.plan(root, running: choice)
                #expect(plan.decisions.isEmpty)
                #expect(!plan.preflight.contains { $0.code == "PRE001" })
                #expect(plan.steps.contains { $0.kind == .drainSandbox } == (choice != .leave))
                #expect(plan.steps.contains { $0.kind == .startContainer } == (choice == .recreate))
            }
        }
    }

    /// Docker's documentation of restart policies: what a restart of the daemon does to a container that ran, and to one that was stopped.
    @Test(arguments: [("always", true, true), ("unless-stopped", true, false), ("on-failure", false, false), ("no", false, false)])
    func theRestartPolicyDecidesWhatComesBack(policy: String, comesBack: Bool, evenIfDrained: Bool) throws {
        try host.withTree { root in
            let path = root.appending("var/lib/docker/containers").appending(running).appending("hostconfig.json")
            try AtomicFile.write(Array("{\"Runtime\":\"cc-runtime\",\"RestartPolicy\":{\"Name\":\"\(policy)\"}}".utf8), to: path)
            let restart = try #require(try host.plan(root).steps.first { $0.kind == .restartEngine })
            let back = restart.hazards.contains {
                if case .stopsContainers(let names, true) = $0 { names.contains("billing") } else { false }
            }
            #expect(back == comesBack)
            let drain = try #require(try host.plan(root, running: .drain).steps.first { $0.kind == .drainSandbox })
            #expect(drain.hazards.contains(.stopsContainers(["billing"], comeBack: evenIfDrained)))
            let answers = try #require(try host.plan(root).decisions.first).answers
            #expect(answers.contains { $0.consequence.contains("docker start billing") } == !evenIfDrained)
        }
    }

    @Test func aSandboxThatIsLeftMustSurviveTheRestart() throws {
        try host.withTree { root in
            #expect(try host.plan(root, running: .leave).preflight.contains { $0.code == "PRE007" })
            try AtomicFile.write(
                Array("{\"live-restore\": true, \"default-runtime\": \"cc-runtime\"}".utf8), to: root.appending("etc/docker/daemon.json"))
            let plan = try host.plan(root, running: .leave)
            #expect(!plan.preflight.contains { $0.code == "PRE007" })
            let units = plan.steps.filter { $0.kind == .retireUnit }.map(\.object)
            #expect(units == ["cc-ksm-throttler.service"], "its proxy stays")
        }
    }

    /// Kubernetes had docker run its pods until 1.24: whoever stops one of their containers has the kubelet make it anew at once.
    @Test(arguments: [true, false]) func aKubeletOnDockerSleepsWhileItsPodsAreStopped(isThere: Bool) throws {
        try host.withTree { root in
            let path = root.appending("var/lib/docker/containers").appending(running).appending("config.v2.json")
            let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
            let name = "k8s_POD_billing_default_5f0c1e7a_0"
            try AtomicFile.write(Array(text.replacing("/billing", with: "/\(name)").utf8), to: path)
            var facts = host.facts
            if isThere {
                try AtomicFile.write(
                    Array("[Service]\nExecStart=/usr/bin/kubelet --container-runtime=docker\n".utf8),
                    to: root.appending("lib/systemd/system/kubelet.service"), mode: 0o644)
                facts.units?.known["kubelet.service"] = .active
            }
            let plan = try host.plan(root, facts: facts, running: .recreate)
            let kinds = plan.steps.map(\.kind)
            let drain = try #require(plan.steps.first { $0.kind == .drainSandbox })
            #expect(drain.changes == [.stopContainer(.docker, id: running)])
            #expect(drain.after.contains { $0.step == .kubeletHold } == isThere)
            #expect(drain.hazards.contains(.stopsContainers([name], comeBack: true)))
            guard isThere else {
                #expect(!kinds.contains(.holdKubelet) && kinds.contains(.startContainer))
                return
            }
            let hold = try #require(kinds.firstIndex(of: .holdKubelet))
            let release = try #require(kinds.firstIndex(of: .releaseKubelet))
            let restart = try #require(kinds.firstIndex(of: .restartEngine))
            #expect(hold < kinds.firstIndex(of: .drainSandbox) ?? 0 && restart < release)
            #expect(!kinds.contains(.startContainer), "the kubelet makes it anew, under another name")
            #expect(plan.interruptions.first { $0.what == name }?.end == .step(release + 1))
            let undecided = try host.plan(root, facts: facts)
            #expect(undecided.decisions.first?.answers.first?.consequence.contains("the kubelet makes its pod anew") == true)
            #expect(try !host.plan(root, facts: facts, running: .leave).steps.contains { $0.kind == .holdKubelet })
        }
    }

    @Test func withoutFactsARecordedLifeCounts() throws {
        try host.withTree { root in
            let plan = try host.plan(root, facts: .unknown)
            #expect(plan.decisions.map(\.sandbox.rawValue) == [running])
            #expect(plan.preflight.contains { $0.code == "PRE008" })
        }
    }

    @Test func aSandboxOfNobodyMovesOnlyIfItCanBeMadeAgain() throws {
        try host.withTree { root in
            let moved = try #require(try host.plan(root).steps.first { $0.kind == .moveSandbox })
            #expect(moved.object == "nightly-report")
            guard case .create(let path, _, let mode) = try #require(moved.changes.first) else {
                Issue.record("\(moved.changes)")
                return
            }
            #expect(path == "/var/lib/kata-swift/sandboxes/nightly-report/record.json")
            #expect(mode == 0o600)
            try FileSystem.removeTree(root.appending("srv/oci/nightly-report"))
            let plan = try host.plan(root)
            #expect(!plan.steps.contains { $0.kind == .moveSandbox })
            #expect(plan.preflight.contains { $0.code == "PRE011" })
            #expect(plan.leftInPlace.contains { $0.what == "sandbox nightly-report" })
        }
    }

    @Test(arguments: [("cor", true), ("runc", false), ("cc-runtime", false), ("io.containerd.runc.v2", false), ("", false)])
    func aContainerWhoseRuntimeIsGoneIsNamed(runtime: String, isNamed: Bool) throws {
        try host.withTree { root in
            let path = root.appending("var/lib/docker/containers").appending(running).appending("hostconfig.json")
            try AtomicFile.write(Array("{\"Runtime\":\"\(runtime)\"}".utf8), to: path)
            #expect(try host.plan(root).preflight.contains { $0.code == "PRE031" && $0.message.contains("'billing'") } == isNamed)
        }
    }

    @Test func anOccupiedTargetIsNeverOverwritten() throws {
        try host.withTree { root in
            try FileSystem.makeDirectory(root.appending("etc/kata-containers"))
            let target = root.appending("etc/kata-containers/configuration.toml")
            try AtomicFile.write(Array("[runtime]\n".utf8), to: target)
            let plan = try host.plan(root)
            #expect(plan.preflight.contains { $0.code == "PRE004" && $0.severity == .error })
            #expect(!plan.steps.contains { $0.kind == .writeConfiguration })
        }
    }

    @Test func theConfigurationThatTheInstallationBroughtIsReplacedUnlessSomebodyChangedIt() throws {
        try host.withTree { root in
            let target = root.appending("etc/kata-containers/configuration.toml")
            let installed = Array("# as installed\n".utf8)
            try FileSystem.makeDirectory(target.removingLastComponent())
            try AtomicFile.write(installed, to: target, mode: 0o644)
            let list = root.appending("usr/local/share/kata-swift/installed")
            try FileSystem.makeDirectory(list.removingLastComponent())
            try AtomicFile.write(
                Array("\(SHA256.hexadecimal(of: installed))  /etc/kata-containers/configuration.toml\n".utf8), to: list, mode: 0o644)
            let plan = try host.plan(root)
            #expect(!plan.preflight.contains { $0.code == "PRE004" })
            let step = try #require(plan.steps.first { $0.kind == .writeConfiguration })
            guard case .replace(_, let before, _)? = step.changes.first else {
                Issue.record("\(step.changes)")
                return
            }
            #expect(before == installed)
            try AtomicFile.write(installed + Array("# mine\n".utf8), to: target, mode: 0o644)
            #expect(try host.plan(root).preflight.contains { $0.code == "PRE004" })
        }
    }

    @Test func anEmptyHostNeedsNoPlan() async throws {
        try await withTemporaryDirectory { root in
            let view = try HostView(root: root, facts: HostFacts(processes: [], mounts: [], sockets: []))
            let plan = Plan(for: HostScan(of: view), on: view, layout: TargetLayout())
            #expect(plan.steps.isEmpty && plan.preflight.isEmpty)
            #expect(plan.text == "nothing to do on \(root)\n")
        }
    }

    @Test func theInstalledRuntimeAndItsFilesSatisfyThePreflight() throws {
        try host.withTree { root in
            try install(["cc-runtime"], below: root)
            let plan = try host.plan(root, running: .drain)
            #expect(!plan.isBlocked, "\(plan.preflight.map(\.message))")
        }
    }

    @Test func aRuntimeWithoutTheNameThatAnEngineCallsBlocks() throws {
        let names = TargetLayout().legacyNames
        try HostFixture.mixed.withTree { root in
            // runV's flags become configuration, so that its registration calls the runtime itself.
            try install([], below: root)
            let missing = try HostFixture.mixed.plan(root, running: .leave).preflight.filter { $0.code == "PRE013" }
            #expect(missing.map(\.path) == [names.appending("cc-runtime")])
            try install(["cc-runtime"], below: root)
            #expect(try !HostFixture.mixed.plan(root, running: .leave).preflight.contains { $0.code == "PRE013" })
        }
    }

    @Test func everyProgramThatEnginesCallHasANameThatIsUnderstoodAndInstalled() throws {
        let script = try FileSystem.read(Repository.root.appending(".ci/install"))
        let line = try #require(String(decoding: script, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("for name in cc-") })
        let installed = Set(line.split { " ;".contains($0) }.map(String.init))
        // Kata's command line is ours, and its shim is no command line.
        for program in LegacySystem.all.filter({ $0.name != "Kata Containers" }).flatMap(\.runtimes) {
            let text = "{\"runtimes\": {\"old\": {\"path\": \"/usr/bin/\(program)\"}}}"
            let found = Docker.registrations(daemonJSON: SourceText(path: "/d.json", text: text), units: []).partial?.registrations
            let name = try #require(found?.first?.legacyProgram, "\(program)")
            #expect(LegacyCommandLine.named(name) != nil && installed.contains(name), "\(program)")
        }
    }

    /// What `make install` makes, as empty files.
    private func install(_ names: [String], below root: FilePath) throws {
        let layout = TargetLayout()
        let assets = AssetRole.allCases.map { layout.assets[$0] }
        for path in [layout.runtime] + assets + names.map({ layout.legacyNames.appending($0) }) {
            let place = root.pushing(path.removingRoot())
            try FileSystem.makeDirectory(place.removingLastComponent())
            try AtomicFile.write([], to: place, mode: 0o755)
        }
    }
}

private struct Unexpected: Error {}
