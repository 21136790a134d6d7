// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import Synchronization
import SystemPackage
import Testing

/// What verbs print, and how.
@Suite struct OutputTests {
    @Test(arguments: [
        ("plan x", "\u{1B}[1mplan x\u{1B}[0m"), ("  -old", "\u{1B}[31m  -old\u{1B}[0m"), ("  +new", "\u{1B}[32m  +new\u{1B}[0m"),
        ("  --running drain  it stops", "  --running drain  it stops"), ("--- /etc/x", "\u{1B}[31m--- /etc/x\u{1B}[0m"),
        ("/x:1:2: error: no [A]", "/x:1:2: \u{1B}[31merror\u{1B}[0m: no [A]"), ("  note: y", "  \u{1B}[36mnote\u{1B}[0m: y"),
        ("failed: a", "\u{1B}[31mfailed\u{1B}[0m: a"), ("  hazard: none", "  hazard: none"), ("", ""),
    ])
    func aLineIsPaintedByItsBeginning(line: String, painted: String) {
        #expect(line.painted == painted)
        #expect("a\n\(line)\n".painted.hasSuffix("\n"))
    }

    @Test func paintAddsNothingElse() throws {
        try HostFixture.clearContainersDocker.withTree { root in
            let text = try HostFixture.clearContainersDocker.plan(root).text
            #expect(text.painted != text)
            #expect(text.painted.replacing(#/\x1B\[[0-9]+m/#, with: "") == text)
        }
    }

    @Test func theTimeLeftIsThatOfThePartsDone() {
        let start = MonotonicInstant.now()
        func after(_ seconds: UInt64) -> MonotonicInstant { MonotonicInstant(nanoseconds: start.nanoseconds + seconds * 1_000_000_000) }
        var left = TimeLeft(began: start)
        #expect(left.seconds(before: 3, of: 10, now: start) == nil, "nothing is done yet, and an earlier run did two")
        #expect(left.seconds(before: 4, of: 10, now: start) == nil, "in the first second nobody asks")
        #expect(left.seconds(before: 5, of: 10, now: after(4)) == 12)
        #expect(left.seconds(before: 10, of: 10, now: after(7)) == 1)
    }

    @Test func aReadingIsSpokenOfAfterASecondAndNotAllTheTime() {
        func at(_ milliseconds: UInt64) -> MonotonicInstant { MonotonicInstant(nanoseconds: 7_000_000_000 + milliseconds * 1_000_000) }
        func part(_ title: String, _ number: Int) -> ReadingProgress.Part { .init(title: title, number: number, count: 100) }
        var clock = ReadingClock(began: at(0))
        #expect(clock.line(part("look at sandboxes", 1), now: at(0)) == nil)
        #expect(clock.line(part("look at sandboxes", 20), now: at(900)) == nil)
        #expect(clock.line(part("look at sandboxes", 51), now: at(2000)) == "look at sandboxes, 51 of 100 (about 2 s left)")
        #expect(clock.line(part("look at sandboxes", 52), now: at(2050)) == nil)
        #expect(clock.line(part("plan sandboxes", 1), now: at(2200)) == "plan sandboxes, 1 of 100")
        #expect(clock.line(part("plan sandboxes", 11), now: at(4200)) == "plan sandboxes, 11 of 100 (about 18 s left)")
    }

    @Test func everyPartOfAReadingIsReported() throws {
        let host = HostFixture.clearContainersDocker
        try host.withTree { root in
            let parts = Mutex<[ReadingProgress.Part]>([])
            let progress = ReadingProgress { part in parts.withLock { $0.append(part) } }
            let view = try HostView(root: root, facts: host.facts)
            let scan = HostScan(of: view, progress: progress)
            let plan = Plan(for: scan, on: view, layout: TargetLayout(), progress: progress)
            #expect(plan.sandboxes.count == scan.sandboxes.count && !scan.sandboxes.isEmpty)
            for (title, count) in [("look at sandboxes", scan.sandboxes.count), ("plan sandboxes", scan.sandboxes.count)] {
                #expect(parts.withLock { $0 }.filter { $0.title == title }.map(\.number) == Array(1...count))
            }
            #expect(
                parts.withLock { $0 }.first
                    == .init(title: "read records of Clear Containers 3.0", number: 1, count: LegacySystem.all.count))
        }
    }
}

/// The options that every verb has where they make sense.
@Suite(.serialized, .needs(.root), .enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"))
struct GlobalOptionTests {
    private let host = HostFixture.clearContainersDocker

    private func run(_ arguments: [String], environment: [String] = []) async throws -> ProgramResult {
        try await runProgram(CommandTests.program, arguments, environment: ["PATH=/usr/bin:/bin"] + environment)
    }

    private func json(_ text: String) throws -> JSONValue {
        try #require(JSONDocument.parse(SourceText(path: "output", text: text)).value?.root)
    }

    @Test func aMigrationSpeaksJSONFromBeginningToEnd() async throws {
        try await host.withInstalledTree { root in
            let log = FilePath("\(root.string).log")
            defer { removeQuickly(log) }
            let options = ["--root", root.string, "--format", "json"]
            #expect(try json(try await run(["status"] + options).text)["migrations"]?.array?.count == 0)
            let applied = try await run(
                [
                    "apply", "--host-facts", host.directory.string, "--running", "recreate", "--yes", "--progress", "json", "--log",
                    log.string,
                ]
                    + options)
            #expect(applied.status == .exited(0))
            let outcome = try json(applied.text)
            #expect(outcome["kind"]?.string == "outcome")
            #expect(outcome["migration"]?["phase"]?.string == "applied")
            let verdicts = Set((outcome["verification"]?.array ?? []).compactMap { $0["verdict"]?.string })
            #expect(verdicts == ["passed", "not tried"])
            let lines = applied.errorText.split(separator: "\n")
            let tasks = try lines.map { try json(String($0)) }
            #expect(tasks.first?["number"]?.integer == 1 && tasks.first?["task"]?.string != nil && tasks.first?["of"]?.integer ?? 0 > 5)
            #expect(String(decoding: try FileSystem.read(log), as: UTF8.self).split(separator: "\n").count >= lines.count)
            let status = try json(try await run(["status"] + options).text)
            #expect(status["migrations"]?.array?.first?["verified"]?.bool == true)
            #expect(try json(try await run(["verify"] + options).text)["verification"]?.array?.isEmpty == false)
            #expect(try json(try await run(["show"] + options).text)["kind"]?.string == "plan")
            let undone = try await run(["rollback", "--yes"] + options)
            #expect(undone.status == .exited(5))
            #expect(try json(undone.text)["migration"]?["phase"]?.string == "rolled back")
            #expect(try json(try await run(["forget", "--yes"] + options).text)["migration"]?["phase"]?.string == "forgotten")
        }
    }

    @Test func aSandboxHasItsChoiceAndAnEditedFileItsWayBack() async throws {
        try await host.withInstalledTree { root in
            let before = try contents(of: root)
            let tree = ["--root", root.string]
            let facts = ["--host-facts", host.directory.string] + tree
            let sandbox = "5e0a7d41c96b38f2e17a90bd4cf3528610e7bb942d6ac8f05b19e3d7740c2f8a"
            func verdict(_ choices: [String]) async throws -> String? {
                let options = choices.flatMap { ["--running", $0] } + ["--format", "json"]
                let plan = try json(try await run(["plan"] + options + facts).text)
                return plan["sandboxes"]?.array?.first { $0["id"]?.string == sandbox }?["fate"]?.string
            }
            #expect(try await verdict(["recreate"]) == "left to its engine")
            #expect(try await verdict(["recreate", "\(sandbox)=leave"]) == "left running")
            #expect(try await verdict(["leave", "billing=drain"]) == "left to its engine")
            #expect(try await run(["plan", "--running", "billing=sometimes"] + facts).status == .exited(2))

            #expect(try await run(["apply", "--yes", "--no-verify", "--running", "recreate"] + facts).status == .exited(0))
            let dropIn: FilePath = "/etc/systemd/system/docker.service.d/clear-containers.conf"
            let file = root.pushing(dropIn.removingRoot())
            let edited = try FileSystem.read(file) + Array("\n".utf8)
            try AtomicFile.write(edited, to: file, mode: 0o644)
            let refused = try await run(["rollback", "--yes"] + tree)
            #expect(refused.status == .exited(1) && refused.errorText.contains("--force PATH"), "\(refused.errorText)")
            let back = try await run(["rollback", "--yes", "--restart", "--force", dropIn.string] + tree)
            #expect(back.status == .exited(5), "\(back.errorText)")
            #expect(difference(before, try contents(of: root)) == "")
            let journals = root.pushing(TargetLayout().journals.removingRoot())
            let kept = try FileSystem.list(journals).map {
                journals.appending($0).appending("edited").pushing(dropIn.removingRoot())
            }.filter(FileSystem.exists)
            #expect(try kept.map { try FileSystem.read($0) } == [edited])
        }
    }

    @Test func coloursAreForTerminalsUnlessTheyAreAskedFor() async throws {
        try await host.withInstalledTree { root in
            let tree = ["--root", root.string]
            for verb in [["scan"], ["plan"], ["explain", "enable_swap"], ["dialects"], ["status"]] {
                let options = ["explain", "dialects"].contains(verb[0]) ? [] : tree
                let plain = try await run(verb + options)
                #expect(!plain.text.contains("\u{1B}"), "\(verb)")
                #expect(try await run(verb + options + ["--color", "never"]).text == plain.text)
                let log = FilePath("\(root.string).log")
                defer { removeQuickly(log) }
                #expect(try await run(verb + options + ["--yes", "--log", log.string]).text == plain.text)
                let logged = String(decoding: try FileSystem.read(log), as: UTF8.self).split(separator: "\n")
                #expect(logged.count == plain.text.split(separator: "\n").count, "\(verb)")
                let refused = try await run(verb + options + ["--log", "/proc/no/such/log"])
                #expect(refused.status != .exited(0) && refused.errorText.contains("/proc/no/such/log"), "\(verb): \(refused.errorText)")
                #expect(try await run(verb + options + ["--color", "always"]).text.contains("\u{1B}[1m"), "\(verb)")
            }
            #expect(try await run(["scan", "--color", "maybe"]).status == .exited(2))
            let before = try contents(of: root)
            let unlogged = try await run(["apply", "--yes", "--log", "/proc/no/such/log"] + tree)
            #expect(unlogged.status != .exited(0) && unlogged.errorText.contains("/proc/no/such/log"), "\(unlogged.errorText)")
            #expect(try contents(of: root) == before, "nothing is done")
        }
    }

    @Test func aReportIsWrittenOnceAndReplacedOnlyWhenForced() async throws {
        try await host.withInstalledTree { root in
            let page = FilePath("\(root.string).html")
            defer { removeQuickly(page) }
            let report = ["report", "--root", root.string, "--host-facts", host.directory.string, "--running", "drain"]
            #expect(try await run(report + ["-o", page.string]).status == .exited(0))
            #expect(try await run(report).output == (try FileSystem.read(page)))
            let refused = try await run(report + ["-o", page.string])
            #expect(refused.status == .exited(1) && refused.errorText.contains("--force"))
            #expect(try await run(report + ["-o", page.string, "--force", "--format", "markdown"]).status == .exited(0))
            #expect(String(decoding: try FileSystem.read(page), as: UTF8.self).hasPrefix("# Migration "))
            #expect(try await run(["report", "--root", root.string, "nothing-of-that-name"]).status == .exited(1))
            #expect(try await run(["report", "--planned", "x"]).status == .exited(2))
        }
    }
}
