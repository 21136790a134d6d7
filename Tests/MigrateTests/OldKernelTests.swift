// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// Hosts to be migrated run kernels from Linux 3.10 on (CentOS 7).
@Suite(.needs(.root), .enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"))
struct OldKernelTests {
    /// The static one where it is there: that is what a host gets.
    private static let program: FilePath = {
        let release = TestMachine.binaries.appending("kata-migrate")
        return FileSystem.exists(release) ? release : CommandTests.program
    }()

    @Test func theKernelOfTheseTestsLacksWhatIsNewerThan310() async {
        await #expect(processExitsWith: .exitCode(38)) {
            try OldKernel.enter()
            let error = try OldKernel.errorOfGetrandom()
            if error != 0 { exit(error) }
        }
    }

    /// O_TMPFILE is of 3.11. Here it is refused as a file system without it does, EOPNOTSUPP.
    @Test func theKernelOfTheseTestsMakesNoFileWithoutAName() async {
        await #expect(processExitsWith: .exitCode(95)) {
            try OldKernel.enter()
            let error = OldKernel.errorOfUnnamedFile(in: "/tmp")
            if error != 0 { exit(error) }
        }
    }

    @Test func programsRunAndProcessesEndWithoutDescriptorsOfThem() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try OldKernel.enter()
            let host = try LiveHost(root: "/")
            let answer = try host.ask(["/bin/sh", "-c", "echo words; echo more >&2; exit 3"])
            guard answer.status == 3, answer.said == "words\nmore\n" else { exit(1) }
            let child = try Subprocess(program: "/bin/sleep", arguments: ["sleep", "600"]).spawn()
            var seen: HostProcess?
            // Until it has executed its program it has the command line of ours.
            for _ in 0..<500 where seen?.arguments.first != "sleep" {
                seen = HostProcess.running(pid: child.pid)
                usleep(10_000)
            }
            guard let process = seen else { exit(2) }
            try host.perform(
                .end([
                    ExpectedProcess(
                        pid: process.pid, startTime: process.startTime, arguments: process.arguments, signal: SIGTERM)
                ]))
            guard try child.wait() == .signaled(SIGTERM) else { exit(3) }
        }
    }

    /// What only reads runs on the machine itself, which has whatever it has.
    @Test(
        arguments: [
            (["scan"], 0, "host /"), (["scan", "--format", "json"], 0, "\"kind\": \"scan\""), (["plan"], 0, " /"),
            (["dialects"], 0, "Read and translated"), (["explain", "enable_swap"], 0, "enable_swap"),
            (["explain", "MIG020"], 0, "MIG020"), (["convert", "CONFIG"], 0, "# Translated from"),
            (["diff", "CONFIG"], 0, "default_memory"), (["diff", "CONFIG", "CONFIG"], 0, "default_memory"),
        ] as [([String], CInt, String)])
    func whatReadsReads(arguments: [String], status: CInt, words: String) async throws {
        let output = FilePath("/tmp/kata-old-kernel.\(getpid()).\(UInt32.random(in: 0 ... .max))")
        defer { removeQuickly(output) }
        let file = HostFixture.clearContainersDocker.directory.appending("tree/etc/clear-containers/configuration.toml").string
        try await expect(arguments.map { $0 == "CONFIG" ? file : $0 }, endsWith: status, saying: words, output)
    }

    @Test(arguments: [HostFixture.clearContainersDocker, .clearContainersCRIO])
    func aHostMovesAndComesBack(host: HostFixture) async throws {
        let output = FilePath("/tmp/kata-old-kernel.\(getpid()).\(UInt32.random(in: 0 ... .max))")
        defer { removeQuickly(output) }
        try await host.withInstalledTree { root in
            let before = try contents(of: root)
            let facts = ["--root", root.string, "--host-facts", host.directory.string]
            let choice = ["--running", "recreate"]
            try await expect(["scan"] + facts, endsWith: 0, saying: "sandboxes (", output)
            try await expect(["plan", "--detailed-exitcode"] + facts + choice, endsWith: 2, saying: "taken back with", output)
            try await expect(["report", "--format", "markdown"] + facts + choice, endsWith: 0, saying: "# Migration", output)
            try await expect(["apply", "--yes"] + facts + choice, endsWith: 0, saying: "passed: create", output)
            #expect(try contents(of: root) != before)
            try await expect(["status", "--root", root.string], endsWith: 0, saying: "applied", output)
            try await expect(["verify", "--root", root.string], endsWith: 0, saying: "passed: ", output)
            try await expect(["show", "--diff", "--root", root.string], endsWith: 0, saying: "+++ ", output)
            try await expect(["rollback", "--yes", "--root", root.string], endsWith: 5, saying: "is rolled back", output)
            #expect(difference(before, try contents(of: root)) == "")
            try await expect(["apply", "--yes"] + facts + choice, endsWith: 0, saying: "passed: create", output)
            try await expect(["forget", "--yes", "--root", root.string], endsWith: 0, saying: "is gone", output)
            let converted = FilePath("\(root.string).converted")
            defer { removeQuickly(converted) }
            try await expect(["convert", "--root", root.string, "-o", converted.string], endsWith: 0, saying: "", output)
            let file = host.directory.appending("tree/etc").string
            try await expect(["check", "--fail-on", "error", file], endsWith: 0, saying: "recognised", output)
        }
    }

    /// Runs the program itself behind the filter, with both outputs in one file.
    private func expect(
        _ arguments: [String], endsWith status: CInt, saying words: String, _ output: FilePath,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = await #expect(processExitsWith: .exitCode(status), sourceLocation: sourceLocation) {
            [program = Self.program.string as String, arguments, place = output.string as String] in
            let file = try OwnedFD.open(FilePath(place), O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            try OldKernel.become(FilePath(program), arguments, output: file)
        }
        _ = result
        let said = String(decoding: try FileSystem.read(output), as: UTF8.self)
        #expect(said.contains(words), "\(arguments.joined(separator: " ")): \(said)", sourceLocation: sourceLocation)
    }
}
