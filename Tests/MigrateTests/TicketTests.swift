// SPDX-License-Identifier: Apache-2.0

import Compat
import Foundation
import FoundationXML
import Glibc
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

@Suite struct TicketTests {
    private let host = HostFixture.clearContainersDocker

    @Test(arguments: [HostFixture.clearContainersDocker, .clearContainersCRIO, .mixed])
    func thePageOfAPlanSaysWhatIsExpected(host: HostFixture) throws {
        try host.withTree { root in
            let page = TicketPage(of: try host.plan(root, running: .recreate))
            try host.expect(page.html.withRoot(root), is: "report.html")
            try host.expect(page.markdown.withRoot(root), is: "report.md")
        }
    }

    /// An XML parser takes nothing that is not closed or not escaped.
    @Test func thePageIsWellFormedAndNeedsNothingElse() throws {
        try host.withTree { root in
            let html = TicketPage(of: try host.plan(root)).html
            var document = html.replacing("<!DOCTYPE html>", with: "")
            document = document.replacing("<meta charset=\"utf-8\">", with: "")
            document.replace(#/<meta [^>]*>/#, with: "")
            let parser = XMLParser(data: Data(document.utf8))
            #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") in line \(parser.lineNumber)")
            for foreign in ["<script", "<img", "<link", "<iframe", "url(", "@import", " src=", "javascript:"] {
                #expect(!html.contains(foreign), "\(foreign)")
            }
            #expect(!html.contains(#/href="[^#]/#))
        }
    }

    @Test func noNameOfTheHostBecomesMarkup() throws {
        let name = "<script>alert(1)<!--&amp;\"'`|**x**[a](http://b)\u{1B}[2J\u{202E}\n| a |"
        try host.withTree { root in
            let pods = root.appending("var/lib/virtcontainers/pods")
            try FileManager.default.moveItem(
                atPath: pods.appending("nightly-report").string,
                toPath: pods.string + "/" + name.replacing("/", with: "\u{2044}"))
            let container = "b27c4ff8a9135d60e84e1f0b6a72c9d3581d40e6f7ab932c06e5814d9fb7a03e"
            let record: [String: Any] = ["Name": "/" + name, "State": ["Running": false]]
            try AtomicFile.write(
                Array(try JSONSerialization.data(withJSONObject: record)),
                to: root.appending("var/lib/docker/containers").appending(container).appending("config.v2.json"))
            let page = TicketPage(of: try host.plan(root, running: .drain))
            for text in [page.html, page.markdown] {
                #expect(text.contains("alert"))
                #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
            }
            #expect(!page.html.contains("<script"))
            #expect(!page.html.contains("<!--"))
            // Every row of a table has as many cells as its head: no bar of a name ends one.
            var columns: Int?
            for line in page.markdown.split(separator: "\n", omittingEmptySubsequences: false) {
                guard line.hasPrefix("|") else {
                    columns = nil
                    continue
                }
                let bars = line.replacing("\\\\", with: "").replacing("\\|", with: "").count { $0 == "|" }
                #expect(bars == columns ?? bars, "\(line)")
                columns = bars
            }
        }
    }

    @Test(arguments: [
        ("a|b", "`a\\|b`", "a\\|b"), ("`", "`` ` ``", "\\`"), ("a``b", "```a``b```", "a\\`\\`b"), ("1. x", "`1. x`", "1\\. x"),
        ("- x", "`- x`", "\\- x"), ("http://x", "`http://x`", "http\\://x"), ("www.x", "`www.x`", "www\\.x"), ("    x", "`    x`", "x"),
    ])
    func markdownSaysWhatTheTextSays(text: String, code: String, words: String) {
        let page = TicketPage(title: "t", sections: [.init("s", [.table(head: [""], rows: [.init([.code(text), .text(text)])])])])
        #expect(page.markdown.contains("| \(code) | \(words) |"), "\(page.markdown)")
    }

    @Test func codeThatHasFencesIsFencedLonger() {
        let page = TicketPage(title: "t", sections: [.init("s", [.lines(["````", "x"])])])
        #expect(page.markdown.hasSuffix("\n`````\n````\nx\n`````\n"))
    }
}

@Suite(.needs(.root)) struct TicketOfMigrationTests {
    @Test func whatWasDoneStandsInFrontOfWhatWasPlanned() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            let planned = TicketPage(of: try lab.plan())
            #expect(try lab.migrations.ticket(of: nil) == nil)
            try lab.apply()
            let done = try #require(try lab.migrations.ticket(of: nil))
            #expect(
                done.sections.map(\.title) == ["Outcome", "Interruptions as measured", "What was done"] + planned.sections.map(\.title))
            #expect(Array(done.sections.dropFirst(3)) == planned.sections, "the host as it was")
            #expect(done.markdown.contains("| state | applied |"))
            #expect(done.markdown.contains(#/\| 2 \| 9 \| [0-9]+\.[0-9]{3} s \|/#), "the downtime of the one that ran")
            let id = try #require(try lab.migrations.all().first?.id)
            try lab.rollBack()
            #expect(try lab.migrations.ticket(of: nil) == nil, "the next one is the plan's")
            let undone = try #require(try lab.migrations.ticket(of: id))
            #expect(undone.markdown.contains("| state | rolled back |"))
            #expect(undone.markdown.contains("taken back"))
        }
    }

    /// The clock that counts the downtime of a container runs on while nobody migrates, and begins anew with each boot.
    @Test(arguments: [false, true]) func theDowntimeHoldsWhatInterruptedTheRun(isRebooted: Bool) throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            lab.prepared = try lab.plan()
            lab.between.ask = { [host = lab.host] in host.asked.contains { $0.first == "docker" } }
            try lab.untilInterrupted { try $0.apply() }
            usleep(1_500_000)
            lab.between.ask = { false }
            if isRebooted { lab.boot = "boot-2" }
            try lab.apply()
            let page = try #require(try lab.migrations.ticket(of: nil)).markdown
            let row = try #require(page.split(separator: "\n").first { $0.contains("| 2 | 9 |") })
            if isRebooted {
                #expect(row.contains("| not known: interrupted |"), "\(row)")
            } else {
                let time = try #require(row.firstMatch(of: #/\| ([0-9]+)\.[0-9]{3} s \|/#)?.1)
                #expect(Int(time) ?? 0 >= 1, "\(row)")
            }
        }
    }

    @Test func aMigrationThatIsCutOffIsReportedSo() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            var effects = 0
            try lab.withCopy { copy in
                try copy.apply()
                effects = copy.host.effects
            }
            lab.host.failing = (effects - 4, .noSpace)
            #expect(throws: MigrationError.self) { try lab.apply() }
            let page = try #require(try lab.migrations.ticket(of: nil)).markdown
            #expect(page.contains("interrupted while it was applied"))
            #expect(page.contains("| begun |") && page.contains("| done |"))
        }
    }
}

/// Whoever approves a plan has its command to run.
@Suite(.needs(.root), .enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"))
struct TicketCommandTests {
    @Test(
        arguments: [
            [], ["--running", "recreate"], ["--running", "drain", "--clean-stale"],
            ["--running", "drain", "--clean-stale", "--prefix", "/opt/new place"],
        ])
    func theCommandOnThePageCarriesOutThePlan(options: [String]) async throws {
        let host = HostFixture.clearContainersDocker
        try await host.withInstalledTree { root in
            // Of a container that docker has forgotten nobody can start anything.
            let forgotten = "b27c4ff8a9135d60e84e1f0b6a72c9d3581d40e6f7ab932c06e5814d9fb7a03e"
            try FileSystem.removeTree(root.appending("var/lib/docker/containers").appending(forgotten))
            let layout = TargetLayout(prefix: "/opt/new place")
            for path in [layout.runtime, layout.legacyNames.appending("cc-runtime")] + AssetRole.allCases.map({ layout.assets[$0] }) {
                let place = root.pushing(path.removingRoot())
                try FileSystem.makeDirectory(place.removingLastComponent())
                try AtomicFile.write([], to: place, mode: 0o755)
            }
            let place = ["--root", root.string, "--host-facts", host.directory.string]
            let page = try await runMigrate(["report", "--format", "markdown"] + place + options)
            #expect(page.status == .exited(0), "\(page.errorText)")
            let command = try #require(page.text.firstMatch(of: #/`(kata-migrate apply [^`]*)`/#)?.1)
            let script = "'\(CommandTests.program)'\(command.dropFirst("kata-migrate".count)) --yes"
            let result = try await runProgram("/bin/sh", ["-c", script], environment: ["PATH=/usr/bin:/bin"])
            // Without a word on what runs it is blocked, and not another plan.
            #expect(result.status == .exited(options.isEmpty ? 3 : 0), "\(command): \(result.errorText)")
        }
    }
}
