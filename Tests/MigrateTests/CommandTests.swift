// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// The program itself, as a script would run it.
@Suite struct CommandTests {
    private let host = HostFixture.clearContainersDocker

    /// `KATA_TEST_BIN`, or beside the tests, where SwiftPM puts what it builds with them.
    private static let program: FilePath = {
        if let directory = Environment.variables()["KATA_TEST_BIN"] { return FilePath(directory).appending("kata-migrate") }
        let own = (try? FileSystem.readLink("/proc/self/exe")) ?? ""  // without it the tests below are skipped and say so
        return FilePath(own).removingLastComponent().appending("kata-migrate")
    }()

    private static let isBuilt = FileSystem.exists(program)

    private func run(_ arguments: [String]) async throws -> ProgramResult {
        try await runProgram(Self.program, arguments, environment: ["PATH=/usr/bin:/bin"])
    }

    private var tree: String { host.directory.appending("tree").string }

    @Test(
        .enabled(if: isBuilt, "needs kata-migrate beside the tests"),
        arguments: [
            ([], 0), (["--help"], 0), (["--version"], 0), (["dialects"], 0), (["help", "plan"], 0), (["bogus"], 2),
            (["scan", "--bogus"], 2),
            (["scan", "--format", "xml"], 2), (["scan", "surplus"], 2), (["plan", "--running", "maybe"], 2),
            (["scan", "--root", "/nonexistent"], 1),
            (["scan", "--root", "TREE", "--host-facts", "/nonexistent"], 1), (["scan", "--root", "TREE"], 0),
            (["plan", "--root", "TREE", "--host-facts", "FACTS"], 0),
            (["plan", "--root", "TREE", "--host-facts", "FACTS", "--detailed-exitcode"], 3),
            (["convert", "--root", "TREE"], 0), (["convert", "/nonexistent"], 1), (["convert", "/etc/passwd"], 1),
            (["convert", "--root", "TREE", "--dialect", "bogus"], 1), (["convert", "--root", "TREE", "-o", "/nonexistent/x"], 1),
        ] as [([String], Int32)])
    func theExitStatusTells(arguments: [String], status: Int32) async throws {
        let substituted = arguments.map { $0 == "TREE" ? tree : $0 == "FACTS" ? host.directory.string : $0 }
        let result = try await run(substituted)
        #expect(result.status == .exited(status), "\(result.errorText)")
        if status == 1 {
            let last = try #require(result.errorText.split(separator: "\n").last)
            #expect(last.hasPrefix("kata-migrate: ") && result.text.isEmpty, "the last line names act, object and fault")
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func pendingChangesAreTwoOnlyIfAskedFor() async throws {
        try await withTemporaryDirectory { directory in
            let root = directory.appending("root")
            try host.materialise(at: root)
            let layout = TargetLayout()
            try FileSystem.makeDirectory(root.pushing(layout.runtime.removingRoot()).removingLastComponent())
            try AtomicFile.write([], to: root.pushing(layout.runtime.removingRoot()), mode: 0o755)
            let plan = ["plan", "--root", root.string, "--host-facts", host.directory.string, "--running", "drain"]
            #expect(try await run(plan).status == .exited(0))
            #expect(try await run(plan + ["--detailed-exitcode"]).status == .exited(2))
            let empty = directory.appending("empty")
            try FileSystem.makeDirectory(empty)
            #expect(try await run(["plan", "--root", empty.string, "--detailed-exitcode"]).status == .exited(0))
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"), arguments: ["scan", "plan"])
    func standardOutputIsOneJSONDocument(verb: String) async throws {
        let result = try await run([verb, "--root", tree, "--host-facts", host.directory.string, "--format", "json"])
        let parsed = JSONDocument.parse(SourceText(path: "output", bytes: result.output))
        #expect(parsed.value?.root["kind"]?.string == verb)
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func convertWritesOnceAndReplacesOnlyWhenForced() async throws {
        try await withTemporaryDirectory { directory in
            let convert = ["convert", "--root", tree, "--output", directory.string]
            #expect(try await run(convert).status == .exited(0))
            let path = directory.appending("configuration.toml")
            let written = try FileSystem.read(path)
            #expect(try await run(["convert", "--root", tree]).output == written, "'-' is the default")
            #expect(try FileSystem.list(directory) == ["configuration.toml"])

            try AtomicFile.write(Array("mine".utf8), to: path)
            let refused = try await run(convert)
            #expect(refused.status == .exited(1))
            #expect(refused.errorText.contains("--force"))
            #expect(try FileSystem.read(path) == Array("mine".utf8))
            #expect(try await run(convert + ["--force"]).status == .exited(0))
            #expect(try FileSystem.read(path) == written)
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func convertSaysWhereItLookedWhenThereIsNothing() async throws {
        try await withTemporaryDirectory { directory in
            let result = try await run(["convert", "--root", directory.string])
            #expect(result.status == .exited(1))
            #expect(result.errorText.contains("/etc/clear-containers/configuration.toml"))
            #expect(result.errorText.contains("kata-migrate convert FILE"))
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"), arguments: DiagnosticFormat.allCases)
    func findingsGoToStandardErrorInTheFormatThatIsAskedFor(format: DiagnosticFormat) async throws {
        let result = try await run(["convert", "--root", tree, "--format", format.rawValue])
        #expect(result.text.hasPrefix("# Translated from "))
        #expect(result.errorText.contains("machine_type"))
        switch format {
        case .text: #expect(result.errorText.contains("configuration.toml:8:16: warning:"))
        case .json, .sarif: #expect(JSONDocument.parse(SourceText(path: "errors", bytes: result.errors)).value != nil)
        case .junit: #expect(result.errorText.hasPrefix("<?xml"))
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func aFullDiskIsAFailure() async throws {
        let result = try await runProgram("/bin/sh", ["-c", "exec \"$0\" convert --root \"$1\" > /dev/full", Self.program.string, tree])
        #expect(result.status == .exited(1))
        #expect(result.errorText.contains("standard output"))
    }
}
