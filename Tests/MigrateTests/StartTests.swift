// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// A container that runs for years has the outputs of whatever started it.
@Suite(.needs(.root)) struct StartTests {
    private let host = HostFixture.runVByHand
    private let start = ["/usr/local/bin/kata-runtime", "start", "front"]

    @Test(.timeLimit(.minutes(1))) func whatIsStartedMayKeepTheOutputs() async throws {
        try await withTemporaryDirectory { directory in
            let output = directory.appending("front")
            let script = "echo booting; echo slowly >&2; sleep 600 & echo $! > '\(directory)/pid'"
            try LiveHost(root: "/").perform(.start(["/bin/sh", "-c", script], output: output))
            let text = String(decoding: try FileSystem.read(directory.appending("pid")), as: UTF8.self)
            let pid = try #require(Int32(text.split(separator: "\n").first ?? ""))
            #expect(HostProcess.running(pid: pid) != nil, "it runs on")
            kill(pid, SIGKILL)
            #expect(try FileSystem.read(output) == Array("booting\nslowly\n".utf8))
            #expect(try FileSystem.status(output)?.mode == 0o600)
        }
    }

    @Test func aStartThatFailsSaysWhatTheProgramSaid() async throws {
        try await withTemporaryDirectory { directory in
            let output = directory.appending("front")
            try AtomicFile.write(Array("of before\n".utf8), to: output, mode: 0o600)
            let error = #expect(throws: SystemError.self) {
                try LiveHost(root: "/").perform(.start(["/bin/sh", "-c", "echo no such kernel >&2; exit 3"], output: output))
            }
            #expect(error?.description.contains("status 3: no such kernel") == true, "\(error.map { "\($0)" } ?? "")")
            #expect(throws: SystemError.self) { try LiveHost(root: "/").perform(.start(["/nonexistent"], output: output)) }
            #expect(try FileSystem.read(output) == Array("of before\nno such kernel\n".utf8))
        }
    }

    @Test func aSandboxThatIsStartedWritesBesideTheJournal() throws {
        try host.withLab { lab in
            var started: [Effect] = []
            lab.host.watch = { if case .start = $0 { started.append($0) } }
            try lab.apply()
            let id = try #require(try lab.migrations.all().first?.id)
            #expect(started == [.start(start, output: FilePath("/var/lib/kata-migrate/\(id)/output/front"))])
            #expect(FileSystem.exists(lab.root.appending("var/lib/kata-migrate/\(id)/output")))
        }
    }

    /// The runtime refuses to start what runs: a run that was cut off between the start and its note could never be finished.
    @Test(arguments: [("running", 1), ("stopped", 1), ("created", 2)])
    func aStartThatCameToItsEndIsNotRepeated(state: String, starts: Int) throws {
        try host.withLab { lab in
            var number = 0
            try lab.withCopy { copy in
                copy.host.watch = { [host = copy.host] in if case .start = $0 { number = host.effects } }
                try copy.apply()
            }
            lab.host.failing = (number + 1, .ioError)
            #expect(throws: MigrationError.self) { try lab.apply() }
            lab.host.failing = nil
            lab.host.answer = { _ in CommandResult(status: 0, output: Array("{\"status\": \"\(state)\"}".utf8)) }
            try lab.apply()
            #expect(lab.host.asked.count { $0 == start } == starts)
            #expect(try lab.migrations.all().map(\.phase) == ["applied"])
        }
    }
}
