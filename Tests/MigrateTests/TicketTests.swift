// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML
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
