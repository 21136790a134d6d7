// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

@Suite(.needs(.root)) struct ApplyTests {
    @Test(arguments: HostFixture.all, [RunningChoice.leave, .drain, .recreate])
    func rollbackGivesBackWhatApplyTook(host: HostFixture, choice: RunningChoice) throws {
        try host.withLab(running: choice) { lab in
            let before = try contents(of: lab.root)
            try lab.apply()
            #expect(try contents(of: lab.root) != before)
            let after = try contents(of: lab.root)
            let findings = try lab.verify()
            #expect(findings.filter(\.isFailed) == [])
            let paths = try lab.operations().compactMap(\.path)
            #expect(findings.count { $0.detail == "is as it was written" || $0.detail == "is in the backup" } == paths.count)
            #expect(try lab.migrations.all().map(\.verified) == [true])
            #expect(difference(after, try contents(of: lab.root)) == "", "a look changes nothing")
            try lab.rollBack()
            #expect(difference(before, try contents(of: lab.root)) == "")
            #expect(try lab.migrations.all().map(\.phase) == ["rolled back"])
        }
    }

    @Test(arguments: HostFixture.all, [RunningChoice.leave, .drain, .recreate])
    func aSecondApplyHasNothingToDo(host: HostFixture, choice: RunningChoice) throws {
        try host.withLab(running: choice) { lab in
            let quiet = host.quiet(after: try lab.plan(), of: try host.scan(lab.root))
            try lab.apply()
            let after = try contents(of: lab.root)
            let again = try lab.plan(quiet)
            #expect(again.steps.flatMap(\.changes) == [])
            #expect(!again.isBlocked, "\(again.preflight.map(\.message))")
            #expect(try contents(of: lab.root) == after)
        }
    }

    /// What was asked of engines and units, and when.
    @Test func theEngineIsToldInTime() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            try lab.apply()
            let id = "5e0a7d41c96b38f2e17a90bd4cf3528610e7bb942d6ac8f05b19e3d7740c2f8a"
            #expect(
                lab.host.asked == [
                    ["docker", "stop", id], ["reap", "4201", "4208", "4170", "4187"], ["systemctl", "daemon-reload"],
                    ["systemctl", "restart", "docker.service"], ["docker", "start", id], ["systemctl", "stop", "cc-ksm-throttler.service"],
                    ["systemctl", "daemon-reload"],
                    ["systemctl", "stop", "cc-proxy.socket"], ["systemctl", "daemon-reload"], ["reap", "412"],
                ])
            let done = lab.host.asked.count
            try lab.rollBack(restart: true)
            // First what was started stops; the engine is told after its files are back, and starts the container last.
            #expect(lab.host.asked[done] == ["docker", "stop", id])
            #expect(lab.host.asked.last != ["docker", "stop", id])
            #expect(lab.host.asked[(done + 1)...].contains(["systemctl", "restart", "docker.service"]))
            #expect(lab.host.asked.contains(["systemctl", "start", "cc-ksm-throttler.service"]))
            #expect(lab.host.asked.last == ["docker", "start", id], "its proxy runs by then")
        }
    }

    @Test func podsAreStoppedThroughTheirEngine() throws {
        try HostFixture.clearContainersCRIO.withLab { lab in
            try lab.apply()
            let pod = "c41f7be0a6d25938e1b07f34d8a95c62f0173e8ab9d4c265708e1f3ab6d90c57"
            #expect(
                lab.host.asked == [
                    ["systemctl", "stop", "kubelet.service"],
                    ["crictl", "--runtime-endpoint", "unix:///var/run/crio/crio.sock", "stopp", pod],
                    ["reap", "2911", "2917", "2880", "2900"], ["systemctl", "daemon-reload"], ["systemctl", "restart", "crio.service"],
                    ["systemctl", "start", "kubelet.service"],
                ])
            let done = lab.host.asked.count
            try lab.rollBack()
            // The kubelet sleeps again until its engine calls the old runtime.
            #expect(
                lab.host.asked[done...] == [
                    ["systemctl", "stop", "kubelet.service"], ["systemctl", "daemon-reload"], ["systemctl", "restart", "crio.service"],
                    ["systemctl", "start", "kubelet.service"],
                ])
            try lab.apply()
            let configuration = String(decoding: try FileSystem.read(lab.root.appending("etc/crio/crio.conf")), as: UTF8.self)
            #expect(configuration.contains("runtime_untrusted_workload = \"/usr/local/libexec/kata-swift/legacy/cc-runtime\""))
            #expect(configuration.contains("# what is not trusted runs in a VM of its own"))
        }
    }

    /// What cannot be read is left, and said so; the rest of the host moves.
    @Test func aHostOfSeveralSystemsMovesAsFarAsItCanBeRead() throws {
        try HostFixture.mixed.withLab { lab in
            let plan = try lab.plan()
            let codes = Set(plan.preflight.map(\.code.rawValue))
            #expect(codes.isSuperset(of: ["PRE011", "PRE012"]))
            let strays = plan.leftInPlace.map(\.what).filter { $0.hasPrefix("process ") }
            #expect(strays == ["process 6001 (hypervisor of sandbox vm-ZxCvBnMaSd)"])
            // Its bundle is gone: it could not be made again, so that it is not stopped either.
            #expect(plan.sandboxes.first { $0.system == "runV" }?.verdict == .notCarried)
            #expect(!plan.steps.contains { $0.kind == .drainSandbox })
            #expect(plan.leftInPlace.contains { $0.what == "unit hyperd.service" })
            try lab.apply()
            let registered = String(decoding: try FileSystem.read(lab.root.appending("etc/docker/daemon.json")), as: UTF8.self)
            #expect(registered.contains("/usr/local/libexec/kata-swift/legacy/cc-runtime"))
            #expect(registered.contains("\"path\": \"/usr/local/bin/kata-runtime\""))
            #expect(!registered.contains("runtimeArgs"), "they are configuration now")
            #expect(FileSystem.exists(lab.root.appending("run/runv/billing/state.json")))
            #expect(FileSystem.exists(lab.root.appending("var/lib/kata-swift/sandboxes/by-hand/record.json")))
        }
    }

    @Test func aMovedSandboxHasTheRecordThatTheRuntimeReads() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            try lab.apply()
            let place = lab.root.appending("var/lib/kata-swift/sandboxes/nightly-report")
            let text = SourceText(path: "record.json", bytes: try FileSystem.read(place.appending("record.json")))
            let record = try #require(JSONDocument.parse(text).value?.root)
            #expect(record["version"]?.integer == 1)
            #expect(record["id"]?.string == "nightly-report")
            #expect(record["rootfs"]?.string == "/srv/oci/nightly-report/rootfs")
            #expect(record["origin"]?.string?.hasPrefix("Clear Containers 3.0") == true)
            #expect(try FileSystem.status(place)?.mode == 0o700)
            #expect(try FileSystem.status(place.appending("record.json"))?.mode == 0o600)
            // Either the bundle is there, or the directory is one.
            let bundle = FilePath(try #require(record["bundle"]?.string))
            #expect(FileSystem.exists(FilePath(lab.root.string + bundle.string).appending("config.json")))
        }
    }

    /// Of a pod what has ended stays ended, and what ran starts again.
    @Test func whatHadEndedKeepsItsStatusAndIsNotStarted() throws {
        try HostFixture.runVByHand.withLab { lab in
            let plan = try lab.plan()
            #expect(
                Set(plan.endings.map { "\($0.container) \($0.status) \($0.keeper.rawValue)" }) == [
                    "batch 3 kata-runtime", "side 0 kata-runtime",
                ])
            #expect(plan.text.contains("kata-runtime delete batch'"))
            try lab.apply()
            for (id, status) in [("batch", 3), ("side", 0), ("front", nil), ("idle", nil)] as [(String, Int64?)] {
                let path = lab.root.appending("var/lib/kata-swift/sandboxes").appending(id).appending("record.json")
                let record = try #require(JSONDocument.parse(SourceText(path: path, bytes: try FileSystem.read(path))).value?.root)
                #expect(record["exitStatus"]?.integer == status, "\(id)")
                #expect(record["bundle"]?.string.map { FilePath($0).isAbsolute } == true)
            }
            #expect(lab.host.asked.filter { $0.contains("start") } == [["/usr/local/bin/kata-runtime", "start", "front"]])
            #expect(lab.host.asked.contains(["end", "455", "451", "440", "450"]))
        }
    }

    @Test(arguments: [
        (#"{"status": "stopped", "exitStatus": 3}"#, true), (#"{"status": "stopped"}"#, false), (#"{"status": "created"}"#, false),
    ])
    func verificationAsksForTheStatusOfWhatHadEnded(answer: String, isGood: Bool) throws {
        try HostFixture.runVByHand.withLab { lab in
            lab.host.answer = { command in
                switch command.suffix(2) {
                case ["state", "batch"]: CommandResult(status: 0, output: Array(answer.utf8))
                case ["state", "side"]: CommandResult(status: 0, output: Array(#"{"status": "stopped", "exitStatus": 0}"#.utf8))
                case _ where command.contains("state"): CommandResult(status: 0, output: Array(#"{"status": "created"}"#.utf8))
                default: CommandResult(status: 0, output: Array("kata-runtime version\n".utf8))
                }
            }
            try lab.apply()
            let failed = try lab.migrations.verify(nil).findings.filter(\.isFailed).map(\.what)
            #expect(failed == (isGood ? [] : ["sandbox batch answers"]))
        }
    }

    @Test func aHostThatChangedSinceItWasPlannedIsLeftAlone() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            let plan = try lab.plan()
            let edited = lab.root.appending("etc/clear-containers/configuration.toml")
            try AtomicFile.write(Array("[hypervisor.qemu]\n".utf8), to: edited, mode: 0o640)
            let before = try contents(of: lab.root)
            let error = #expect(throws: MigrationError.self) {
                _ = try lab.migrations.apply(plan, view: try HostView(root: lab.root, facts: lab.fixture.facts))
            }
            #expect(error?.description.contains("/etc/clear-containers/configuration.toml") == true)
            #expect(try contents(of: lab.root) == before)
        }
    }

    @Test func whatWasEditedSinceIsShownAndKept() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            let before = try contents(of: lab.root)
            try lab.apply()
            let written: FilePath = "/etc/kata-containers/configuration.toml"
            let real = FilePath(lab.root.string + written.string)
            try AtomicFile.write(try FileSystem.read(real) + Array("# mine\n".utf8), to: real, mode: 0o644)
            let after = try contents(of: lab.root)
            let error = #expect(throws: MigrationError.self) { try lab.rollBack() }
            #expect(error?.description.contains("+# mine") == true)
            #expect(try contents(of: lab.root) == after, "a refused rollback changes nothing")
            try lab.rollBack(forced: [written])
            #expect(try contents(of: lab.root) == before)
            let journals = lab.root.appending("var/lib/kata-migrate")
            let id = try #require(try lab.migrations.all().first?.id)
            let kept = try FileSystem.read(journals.appending(id).appending("edited").pushing(written.removingRoot()))
            #expect(String(decoding: kept, as: UTF8.self).hasSuffix("# mine\n"))
        }
    }

    @Test func aContainerThatSomebodyStartedIsHisToDelete() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            try lab.apply()
            try FileSystem.makeDirectory(lab.root.appending("run/kata-swift/nightly-report"))
            let error = #expect(throws: MigrationError.self) { try lab.rollBack() }
            #expect(error?.description.contains("kata-runtime delete --force") == true)
        }
    }

    @Test func aMigrationThatIsForgottenCannotBeTakenBack() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            try lab.apply()
            let after = try contents(of: lab.root)
            let id = try lab.migrations.forget(nil)
            #expect(!FileSystem.exists(lab.root.appending("var/lib/kata-migrate/\(id)/backup")))
            #expect(throws: MigrationError.self) { try lab.rollBack() }
            #expect(try contents(of: lab.root) == after)
            #expect(try lab.migrations.all().map(\.phase) == ["forgotten"])
        }
    }

    @Test func aHostCanBeMigratedAgainAfterARollback() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            try lab.apply()
            let after = try contents(of: lab.root, times: false)
            try lab.rollBack()
            try lab.apply()
            #expect(try contents(of: lab.root, times: false) == after)
            #expect(try Set(lab.migrations.all().map(\.phase)) == ["applied", "rolled back"])
            try lab.rollBack()
        }
    }

    @Test func onlyOneMigratesAtATime() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            let live = try LiveHost(root: lab.root)
            let first = try MigrationLock(of: live, journals: TargetLayout().journals)
            #expect(throws: MigrationError.self) { _ = try MigrationLock(of: live, journals: TargetLayout().journals) }
            _ = consume first
            _ = try MigrationLock(of: live, journals: TargetLayout().journals)
        }
    }

    @Test func verificationTellsWhatWasChangedSince() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            lab.host.answer = { command in
                switch command.first {
                case "docker":
                    CommandResult(
                        status: 0, output: Array(#"{"cc-runtime":{"path":"/usr/local/libexec/kata-swift/legacy/cc-runtime"}}"#.utf8))
                case _ where command.contains("state"): CommandResult(status: 0, output: Array(#"{"status": "created"}"#.utf8))
                default: CommandResult(status: 0, output: Array("kata-runtime version\n".utf8))
                }
            }
            try lab.apply()
            #expect(try lab.migrations.verify(nil).findings.allSatisfy { $0.verdict == .passed })
            #expect(try lab.migrations.all().map(\.verified) == [true])
            try AtomicFile.write([], to: lab.root.appending("etc/kata-containers/configuration.toml"), mode: 0o644)
            lab.host.answer = { _ in CommandResult(status: 1, output: Array("no\n".utf8)) }
            let failed = try lab.migrations.verify(nil).findings.filter(\.isFailed)
            #expect(
                failed.map(\.what) == [
                    "create /etc/kata-containers/configuration.toml", "a sandbox boots", "sandbox nightly-report answers",
                    "docker knows the new runtime",
                ])
            #expect(try lab.migrations.all().map(\.verified) == [false])
        }
    }
}
