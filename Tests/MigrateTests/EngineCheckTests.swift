// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// An engine is asked about its new configuration before anything is done.
@Suite(.needs(.root)) struct EngineCheckTests {
    /// What a dockerd answers, and what it was asked.
    private final class Dockerd {
        var asked: [[String]] = []
        var help = "      --validate                Validate daemon configuration and exit\n"
        var refusesNew = false
        var refusesPresent = false

        func answer(_ command: [String]) -> CommandResult {
            guard command.first == "dockerd" else { return CommandResult(status: 0, output: []) }
            asked.append(command)
            if command.contains("--help") { return CommandResult(status: 0, output: Array(help.utf8)) }
            let isRefused = command.last == "/etc/docker/daemon.json" ? refusesPresent : refusesNew
            return CommandResult(
                status: isRefused ? 1 : 0, output: Array((isRefused ? "unable to configure: \u{1B}bad\n" : "configuration OK\n").utf8))
        }
    }

    private func withDocker(_ body: (inout MigrationLab, Dockerd) throws -> Void) throws {
        try HostFixture.mixed.withLab { lab in
            let dockerd = Dockerd()
            lab.host.answer = dockerd.answer
            try body(&lab, dockerd)
        }
    }

    @Test func theCheckIsTheFirstStep() throws {
        try withDocker { lab, _ in
            let plan = try lab.plan()
            #expect(plan.steps.first?.id == .check(.docker))
            let registration = try #require(plan.steps.first { $0.id == .registration(.docker) })
            #expect(registration.after.contains { $0.step == .check(.docker) })
        }
    }

    @Test func whatTheEngineAcceptsIsCarriedOut() throws {
        try withDocker { lab, dockerd in
            try lab.apply()
            let id = try #require(try lab.migrations.all().first?.id)
            #expect(
                dockerd.asked == [
                    ["dockerd", "--help"], ["dockerd", "--validate", "--config-file", "/var/lib/kata-migrate/\(id)/content/0"],
                ])
            let staged = try FileSystem.read(lab.root.appending("var/lib/kata-migrate/\(id)/content/0"))
            #expect(try FileSystem.read(lab.root.appending("etc/docker/daemon.json")) == staged, "it was asked about what it got")
            #expect(try lab.migrations.all().first?.skipped.isEmpty == true)
            try lab.rollBack()
        }
    }

    @Test func whatTheEngineRefusesChangesNothing() throws {
        try withDocker { lab, dockerd in
            let before = try contents(of: lab.root)
            dockerd.refusesNew = true
            let error = #expect(throws: MigrationError.self) { try lab.apply() }
            #expect(error?.description.contains("unable to configure: \\u{1b}bad") == true, "in its own words")
            #expect(lab.host.asked.isEmpty, "nothing was stopped")
            #expect(difference(before, try contents(of: lab.root)) == "")
            #expect(try lab.migrations.all().map(\.phase) == ["rolled back"])
            dockerd.refusesNew = false
            try lab.apply()
            #expect(try lab.migrations.all().contains { $0.phase == "applied" })
        }
    }

    @Test func aCheckThatThePresentFileFailsTooSaysNothing() throws {
        try withDocker { lab, dockerd in
            dockerd.refusesNew = true
            dockerd.refusesPresent = true
            try lab.apply()
            let skipped = try #require(try lab.migrations.all().first?.skipped.first)
            #expect(skipped.title == "have docker check /etc/docker/daemon.json")
            #expect(skipped.why.contains("does not accept the present one by itself either"))
        }
    }

    @Test func anEngineWithoutACheckIsNotTrusted() throws {
        try withDocker { lab, dockerd in
            dockerd.help = "Usage: dockerd COMMAND\n"
            dockerd.refusesNew = true
            try lab.apply()
            #expect(dockerd.asked == [["dockerd", "--help"]])
            #expect(try lab.migrations.all().first?.skipped.first?.why == "this dockerd has no '--validate' to check it with")
        }
    }

    @Test func theOtherEnginesAreAskedInTheirOwnWay() {
        let fresh: FilePath = "/staged"
        var asked: [[String]] = []
        struct Silent: Host {
            let answer: ([String]) -> CommandResult
            var isCopy: Bool { false }
            func node(at path: FilePath) throws(SystemError) -> HostNode? { nil }
            func bytes(of path: FilePath) throws(SystemError) -> [UInt8] { [] }
            func names(in directory: FilePath) throws(SystemError) -> [String] { [] }
            func areEqual(_ path: FilePath, _ other: FilePath) throws(SystemError) -> Bool { true }
            func mounts(below path: FilePath) throws(SystemError) -> [FilePath] { [] }
            func ask(_ command: [String]) throws(SystemError) -> CommandResult { answer(command) }
            func perform(_ effect: Effect) throws(SystemError) {}
        }
        let host = Silent { command in
            asked.append(command)
            return CommandResult(status: 0, output: Array("dump  See the output of the final main config\n".utf8))
        }
        #expect(EngineCheck(engine: .crio).verdict(on: host, fresh: fresh, present: "/etc/crio/crio.conf") == .accepted)
        #expect(EngineCheck(engine: .containerd).verdict(on: host, fresh: fresh, present: "/etc/containerd/config.toml") == .accepted)
        #expect(
            asked == [
                ["crio", "--config", "/staged", "config"], ["containerd", "config", "--help"],
                ["containerd", "--config", "/staged", "config", "dump"],
            ])
        #expect(EngineCheck(engine: .kubelet).verdict(on: host, fresh: fresh, present: "/x") == .unknown("kubelet cannot check it"))
    }

    @Test func aCopiedTreeSaysThatNobodyWasAsked() async throws {
        try HostFixture.mixed.withTree { root in
            let guide = MigrationGuide(runtime: TargetLayout().runtime, boot: "boot", user: 0, group: 0)
            let migrations = Migrations(of: try LiveHost(root: root), layout: TargetLayout(), guide)
            let view = try HostView(root: root, facts: HostFixture.mixed.facts)
            _ = try migrations.apply(try HostFixture.mixed.plan(root, running: .recreate), view: view)
            let skipped = try #require(try migrations.all().first?.skipped.first)
            #expect(skipped.title.hasPrefix("have docker check") && skipped.why == "nothing runs in a copied tree")
        }
    }
}
