// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// Docs/Worked-Hosts.md: the program's own words on one host of each old system, from its scan to the end of its backup.
@Suite(.serialized, .needs(.root), .enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"))
struct WorkedHostsTests {
    private static let hosts = [
        WorkedHost(
            "Clear Containers 2", .clearContainers2Docker, "cc2",
            """
            Ubuntu with docker 17.03 and Clear Containers 2.2, whose configuration is the image's `hypervisor.args` and the flags of its wrapper.
            """),
        WorkedHost(
            "Clear Containers 3.0", .clearContainersDocker, "cc3",
            """
            Ubuntu with docker 17.12 and Clear Containers 3.0.23: two containers of docker, one of which runs, and one that was run by hand.
            The migration is taken back once and done again.
            """, isTakenBack: true),
        WorkedHost(
            "runV", .runVDocker, "runv",
            """
            docker 17.12 and runV 1.0, whose configuration is the arguments in `daemon.json`. Two of docker's containers share one VM, and
            three were run by hand.
            """),
        WorkedHost(
            "hyperd and frakti", .hyperd, "hyperd",
            """
            A node of a cluster whose kubelet was given to CRI-O, while hyperd and frakti still hold pods of the time before.
            """),
        WorkedHost(
            "Kata Containers 1", .kataDocker, "kata1",
            """
            docker 19.03 and Kata Containers 1.12. The new runtime reads Kata's own configuration, which stays as it is.
            """),
    ]

    /// Docs/Migrating.md shows parts of two plans, in their order.
    @Test(arguments: [("A docker host", HostFixture.clearContainersDocker), ("A node of a cluster", .clearContainersCRIO)])
    func theExcerptsOfPlansAreTheirs(heading: String, host: HostFixture) throws {
        let page = String(decoding: try FileSystem.read(Repository.root.appending("Docs").appending("Migrating.md")), as: UTF8.self)
        let chapter = try #require(page.split(separator: "\n## ").first { $0.hasPrefix(heading + "\n") })
        let excerpt = try #require(chapter.split(separator: "plan --running recreate`:\n\n```\n").last?.split(separator: "\n```").first)
        var plan = try host.expected("plan-recreate.txt").split(separator: "\n")[...]
        for line in excerpt.split(separator: "\n") {
            let index = try #require(plan.firstIndex(of: line), "no longer in the plan, or not there: \(line)")
            plan = plan[(index + 1)...]
        }
    }

    @Test func thePageHoldsWhatTheProgramSays() async throws {
        var page = """
            # Worked hosts

            One host of each old system, from `scan` to `forget`, in the program's own words. The hosts are those of `fixtures/hosts`, copied with
            what ran on them, and the new runtime is installed there. In a copied tree no program runs, and what was therefore not done is
            listed: on the machine itself, without `--root` and `--host-facts`, it is. [Migrating.md](Migrating.md) explains the verbs.

            The page is written by `KATA_UPDATE_GOLDENS=1 swift test --filter WorkedHostsTests`, and a test compares it. Of the output nothing is
            left out but progress, and the long ones are folded; the places of the trees and the time at which a migration began are made the same
            each time.

            """
        for host in Self.hosts { page += try await host.chapter() }
        page.removeLast()  // the empty line before a next chapter
        let path = Repository.root.appending("Docs").appending("Worked-Hosts.md")
        let environment = Environment.variables()
        if environment["KATA_UPDATE_GOLDENS"] == "1", environment["CI"] == nil {
            try AtomicFile.write(Array(page.utf8), to: path, mode: 0o644)
            Issue.record("wrote \(path)")
            return
        }
        let difference = LineDifference(from: try FileSystem.read(path), to: Array(page.utf8)).lines
        #expect(difference.isEmpty, "Docs/Worked-Hosts.md is not what the program says:\n\(difference.prefix(40).joined(separator: "\n"))")
    }
}

private struct WorkedHost {
    let title: String
    let fixture: HostFixture
    /// Of its tree, in the page.
    let place: FilePath
    let about: String
    let isTakenBack: Bool

    init(_ title: String, _ fixture: HostFixture, _ name: String, _ about: String, isTakenBack: Bool = false) {
        self.title = title
        self.fixture = fixture
        place = FilePath("/srv/hosts").appending(name)
        self.about = about
        self.isTakenBack = isTakenBack
    }

    func chapter() async throws -> String {
        try await fixture.withInstalledTree { root in
            let before = try contents(of: root)
            let host = ["--root", root.string]
            let facts = host + ["--host-facts", fixture.directory.string]
            var text = "## \(title)\n\n\(about)\n\n"
            text += try await run("What is there:", ["scan"] + facts, root, isLong: true)
            text += try await run("What would be done:", ["plan"] + facts + ["--running", "recreate"], root, isLong: true)
            text += try await run("It is done:", ["apply", "--yes"] + facts + ["--running", "recreate"], root)
            if isTakenBack {
                let back = "Every byte comes back, and the same plan can be carried out again:"
                text += try await run(back, ["rollback", "--yes"] + host, root, endsWith: 5)
                #expect(difference(before, try contents(of: root)) == "")
                text += try await run("", ["apply", "--yes", "--no-verify"] + facts + ["--running", "recreate"], root)
            }
            text += try await run("What files became:", ["show", "--diff"] + host, root, isLong: true)
            text += try await run("Whether it works, at any later time:", ["verify"] + host, root)
            text += try await run("", ["status"] + host, root)
            text += try await run("Nobody wants to go back any more:", ["forget", "--yes"] + host, root)
            text += try await run("", ["status"] + host, root)
            return text
        }
    }

    /// Runs the program, and shows how it was called and what it said.
    private func run(
        _ words: String, _ arguments: [String], _ root: FilePath, endsWith status: Int32 = 0, isLong: Bool = false
    ) async throws -> String {
        let result = try await runMigrate(arguments)
        #expect(result.status == .exited(status), "\(arguments): \(result.errorText)")
        let command = stable("kata-migrate \(arguments.joined(separator: " "))", root)
        let end = status == 0 ? "" : "# exit status \(status)\n"
        let block = "```\n$ \(command)\n\(stable(result.text, root))\(end)```\n\n"
        let line = words.isEmpty ? "" : "\(words)\n\n"
        return isLong
            ? "<details><summary>\(words) <code>kata-migrate \(arguments[0])</code></summary>\n\n\(block)</details>\n\n" : line + block
    }

    private func stable(_ text: String, _ root: FilePath) -> String {
        text.replacing(root.string, with: place.string)
            .replacing(fixture.directory.string, with: "\(place).facts")
            .replacing(#/begun \d{4}-\d\d-\d\dT[0-9:.]+Z/#, with: "begun 2026-03-02T08:00:00Z")
    }
}
