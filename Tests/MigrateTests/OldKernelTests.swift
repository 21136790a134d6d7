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
    @Test func theKernelOfTheseTestsLacksWhatIsNewerThan310() async {
        await #expect(processExitsWith: .exitCode(38)) {
            try OldKernel.enter()
            let error = try OldKernel.errorOfGetrandom()
            if error != 0 { exit(error) }
        }
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
            [program = CommandTests.program.string as String, arguments, place = output.string as String] in
            let file = try OwnedFD.open(FilePath(place), O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            try OldKernel.become(FilePath(program), arguments, output: file)
        }
        _ = result
        let said = String(decoding: try FileSystem.read(output), as: UTF8.self)
        #expect(said.contains(words), "\(arguments.joined(separator: " ")): \(said)", sourceLocation: sourceLocation)
    }
}
