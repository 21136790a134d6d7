// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// What is left of an old system when its sandboxes are stopped and its units retired.
@Suite struct StrayTests {
    private let host = HostFixture.clearContainersDocker
    private let running = "5e0a7d41c96b38f2e17a90bd4cf3528610e7bb942d6ac8f05b19e3d7740c2f8a"

    /// A process of the host beside those that it has.
    private func facts(_ more: HostProcess...) -> HostFacts {
        var facts = host.facts
        facts.processes? += more
        return facts
    }

    private static let proxyOfNobody = HostProcess(
        pid: 8001, parent: 1, startTime: 77, executable: "/usr/libexec/clear-containers/cc-proxy",
        arguments: ["cc-proxy", "-uri", "unix:///run/virtcontainers/pods/long-gone/proxy.sock"])
    private static let machineOfNobody = HostProcess(
        pid: 8002, parent: 1, startTime: 78, executable: "/opt/local/qemu",
        arguments: ["qemu", "-name", "pod-long-gone", "-qmp", "unix:/run/virtcontainers/pods/long-gone/mon-0,server,nowait"])

    /// Docker's stop ends a container, and its VM only as long as the old runtime works.
    @Test func whatAnEnginesStopMayLeaveEndsBeforeTheRecordsGo() throws {
        try host.withTree { root in
            let steps = try host.plan(root, running: .drain).steps
            let drain = try #require(steps.firstIndex { $0.kind == .drainSandbox })
            let end = try #require(steps.firstIndex { $0.kind == .endLeftovers && $0.object == running })
            let retirement = try #require(steps.firstIndex { $0.kind == .retireRecords && $0.object == running })
            #expect(drain < end && end < retirement)
            guard case .endLeftovers(let processes) = try #require(steps[end].changes.first) else { throw Unexpected() }
            // The shims hand the signal on; the VM, then its proxy.
            #expect(processes.map(\.pid) == [4201, 4208, 4170, 4187])
            let found = try host.scan(root).processes ?? []
            for process in processes {
                let seen = try #require(found.first { $0.process.pid == process.pid }?.process)
                #expect(process.startTime == seen.startTime && process.arguments == seen.arguments)
            }
            #expect(try !host.plan(root, running: .leave).steps.contains { $0.object == running })
        }
    }

    /// Up to 0.6.0 it was called otherwise, and ends with its VM all the same.
    @Test func theDaemonOfAnEarlyVMEndsWithIt() throws {
        let host = HostFixture.runVEarly
        try host.withTree { root in
            let plan = try host.plan(root, running: .drain)
            let drain = try #require(plan.steps.first { $0.kind == .drainSandbox })
            guard case .stopSandbox(_, let processes) = try #require(drain.changes.first) else { throw Unexpected() }
            #expect(processes.map(\.pid) == [1526, 1509, 1544])
            let roles = Dictionary(
                uniqueKeysWithValues: try #require(host.scan(root).processes).map { ($0.process.pid, $0.role) })
            #expect(roles[640] == .daemon && roles[655] == .engine && roles[1312] == .runtime && roles[1509] == .proxy)
        }
    }

    /// What cannot be anybody's work ends, what can be needs a word.
    @Test func aVMWithoutARecordEndsOnlyWhenThatIsAskedFor() throws {
        try host.withTree { root in
            let alone = try host.plan(root, facts: facts(Self.proxyOfNobody), running: .drain)
            #expect(alone.endedPids.contains(8001))
            #expect(!alone.preflight.contains { $0.code == "PRE012" })
            let both = facts(Self.proxyOfNobody, Self.machineOfNobody)
            let plan = try host.plan(root, facts: both, running: .drain)
            #expect(plan.endedPids.isDisjoint(with: [8001, 8002]))
            #expect(plan.preflight.count { $0.code == "PRE012" && $0.message.contains("--clean-stale") } == 2)
            let cleaned = try host.plan(root, facts: both, running: .drain, cleansStale: true)
            #expect(cleaned.endedPids.isSuperset(of: [8001, 8002]))
            #expect(cleaned.steps.flatMap(\.hazards).contains(.endsMachines([8002])))
            #expect(!cleaned.preflight.contains { $0.code == "PRE012" })
        }
    }

    @Test func aDamagedRecordHoldsItsProcesses() throws {
        try host.withTree { root in
            let place = root.appending("var/lib/virtcontainers/pods/long-gone")
            try FileSystem.makeDirectory(place)
            try AtomicFile.write(Array("{".utf8), to: place.appending("config.json"))
            let plan = try host.plan(root, facts: facts(Self.proxyOfNobody, Self.machineOfNobody), running: .drain, cleansStale: true)
            #expect(plan.endedPids.isDisjoint(with: [8001, 8002]))
            #expect(plan.preflight.count { $0.code == "PRE012" && $0.message.contains("cannot be read") } == 2)
        }
    }

    @Test(
        arguments: [
            ("/usr/libexec/clear-containers/cc-proxy", [], true), ("/home/user/cc-proxy", [], false),
            ("/home/user/cc-proxy", ["-uri", "unix:///run/virtcontainers/pods/long-gone/proxy.sock"], true),
            ("", ["-uri", "unix:///run/virtcontainers/pods/long-gone/proxy.sock"], false),
        ] as [(FilePath, [String], Bool)])
    func theProgramOrThePathsOfTheOldSystemAreTheProof(executable: FilePath, arguments: [String], isProven: Bool) throws {
        try host.withTree { root in
            let process = HostProcess(
                pid: 8001, parent: 1, startTime: 77, executable: executable, arguments: ["cc-proxy"] + arguments)
            let plan = try host.plan(root, facts: facts(process), running: .drain)
            #expect(plan.endedPids.contains(8001) == isProven)
            #expect(plan.leftInPlace.contains { $0.what.hasPrefix("process 8001 ") } != isProven)
        }
    }

    /// The proxy of the whole system speaks for every sandbox.
    @Test func nothingIsTakenFromSandboxesThatAreLeft() throws {
        try host.withTree { root in
            let system = HostProcess(
                pid: 8003, parent: 1, startTime: 79, executable: "/usr/libexec/clear-containers/cc-proxy", arguments: ["cc-proxy"])
            let left = try host.plan(root, facts: facts(system, Self.proxyOfNobody), running: .leave)
            #expect(left.endedPids.isEmpty)
            let drained = try host.plan(root, facts: facts(system), running: .drain)
            #expect(drained.endedPids.contains(8003))
        }
    }

    /// Containerd's shims are containerd's: some of them are the VM.
    @Test func aShimOfContainerdIsLeftToContainerd() throws {
        try HostFixture.kataDocker.withTree { root in
            var facts = HostFixture.kataDocker.facts
            facts.processes?.append(
                HostProcess(
                    pid: 8004, parent: 1, startTime: 80, executable: "/usr/bin/containerd-shim-kata-v2",
                    arguments: ["/usr/bin/containerd-shim-kata-v2", "-namespace", "k8s.io", "-id", "unknown"]))
            let plan = try HostFixture.kataDocker.plan(root, facts: facts, running: .drain, cleansStale: true)
            #expect(!plan.endedPids.contains(8004))
            #expect(plan.leftInPlace.contains { $0.what.hasPrefix("process 8004 ") && $0.why.contains("containerd") })
        }
    }

    /// A daemon that an engine uses in containerd's place is not ended for being idle.
    @Test func aDaemonThatNoUnitStartsIsLeft() throws {
        try HostFixture.runVByHand.withTree { root in
            var facts = HostFixture.runVByHand.facts
            facts.processes?.append(
                HostProcess(
                    pid: 8005, parent: 1, startTime: 81, executable: "/usr/local/bin/runv",
                    arguments: ["runv", "--kernel", "/k", "containerd", "-l", "/run/runv-containerd/containerd.sock"]))
            let plan = try HostFixture.runVByHand.plan(root, facts: facts, running: .drain)
            #expect(!plan.endedPids.contains(8005))
            #expect(plan.leftInPlace.contains { $0.what.hasPrefix("process 8005 ") })
        }
    }

    /// Without a record the VM is one of hyperd's as far as anybody can tell.
    @Test func aShimOfRunVIsNotEndedBesideAVMThatMayBeIts() throws {
        try HostFixture.runVByHand.withTree { root in
            var facts = HostFixture.runVByHand.facts
            facts.processes? += [
                HostProcess(
                    pid: 8006, parent: 1, startTime: 82, executable: "/usr/bin/qemu-system-x86_64",
                    arguments: ["qemu-system-x86_64", "-qmp", "unix:/var/run/hyper/vm-WithoutOne/qmp.sock,server,nowait"]),
                HostProcess(
                    pid: 8007, parent: 1, startTime: 83, executable: "/usr/local/bin/runv",
                    arguments: ["runv", "--root", "/run/runv", "shim", "--container", "lost", "--process", "init"]),
            ]
            let plan = try HostFixture.runVByHand.plan(root, facts: facts, running: .drain)
            #expect(plan.endedPids.isDisjoint(with: [8006, 8007]))
            facts.processes?.removeAll { $0.pid == 8006 }
            let alone = try HostFixture.runVByHand.plan(root, facts: facts, running: .drain)
            #expect(alone.endedPids.contains(8007))
        }
    }

    /// What a reboot ended must not be looked for: a pid and its start may come again.
    @Test(.needs(.root)) func afterARebootNobodyIsSignalled() throws {
        try host.withLab { lab in
            lab.prepared = try lab.plan()
            lab.between.ask = { [host = lab.host] in host.asked.contains { $0.first == "docker" } }
            try lab.untilInterrupted { try $0.apply() }
            lab.boot = "boot-2"
            lab.between.ask = { false }
            try lab.apply()
            #expect(!lab.host.asked.contains { $0.first == "reap" || $0.first == "end" })
            #expect(try lab.migrations.all().first?.skipped.contains { $0.why.contains("restarted") } == true)
        }
    }

    /// The signals themselves, on processes of ours.
    @Test func aProcessIsEndedOnlyIfItStillIsTheOneThatWasSeen() throws {
        func start() throws -> ChildProcess { try Subprocess(program: "/bin/sleep", arguments: ["sleep", "600"]).spawn() }
        let (meant, younger, other) = (try start(), try start(), try start())
        defer {
            for child in [younger, other] {
                kill(child.pid, SIGKILL)
                _ = try? child.wait()  // it was killed just now
            }
        }
        func seen(_ child: ChildProcess) throws -> HostProcess {
            // Until it has executed its program it has the command line of ours.
            for _ in 0..<500 {
                if let process = HostProcess.running(pid: child.pid), process.arguments.first == "sleep" { return process }
                usleep(10_000)
            }
            throw Unexpected()
        }
        func expected(_ process: HostProcess, startTime: UInt64? = nil, arguments: [String]? = nil) -> ExpectedProcess {
            ExpectedProcess(
                pid: process.pid, startTime: startTime ?? process.startTime, arguments: arguments ?? process.arguments, signal: SIGTERM)
        }
        let all = try [
            expected(seen(meant)), expected(seen(younger), startTime: seen(younger).startTime + 1),
            expected(seen(other), arguments: ["cc-proxy"]),
        ]
        try LiveHost(root: "/").perform(.reap(all))
        #expect(try meant.wait() == .signaled(SIGTERM))
        #expect(HostProcess.running(pid: younger.pid) != nil)
        #expect(HostProcess.running(pid: other.pid) != nil)
    }
}

extension Plan {
    /// Processes that are ended beside drains.
    var endedPids: Set<Int32> {
        Set(
            steps.flatMap(\.changes).flatMap { change -> [Int32] in
                if case .endLeftovers(let processes) = change { processes.map(\.pid) } else { [] }
            })
    }
}

private struct Unexpected: Error {}
