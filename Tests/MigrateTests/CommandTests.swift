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
    static let program: FilePath = {
        if let directory = Environment.variables()["KATA_TEST_BIN"] { return FilePath(directory).appending("kata-migrate") }
        let own = (try? FileSystem.readLink("/proc/self/exe")) ?? ""  // without it the tests below are skipped and say so
        return FilePath(own).removingLastComponent().appending("kata-migrate")
    }()

    static let isBuilt = FileSystem.exists(program)

    private func run(_ arguments: [String]) async throws -> ProgramResult {
        try await runProgram(Self.program, arguments, environment: ["PATH=/usr/bin:/bin"])
    }

    private var configuration: String { tree + "/etc/clear-containers/configuration.toml" }

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
            (["convert", "--root", "TREE", "--dialect", "bogus"], 1), (["convert", "--from", "cc3", "/dev/null"], 1),
            (["check"], 2), (["check", "--format", "xml", "x"], 2), (["check", "--fail-on", "never", "x"], 2),
            (["check", "/nonexistent"], 1),
            (["check", "--update", "TREE"], 1), (["explain"], 2), (["explain", "a", "b"], 2), (["explain", "enable_swap"], 0),
            (["explain", "--default_memory"], 0), (["explain", "cc3:default_vcpus", "--format", "json"], 0), (["explain", "mig020"], 0),
            (["explain", "no_such_key_of_any"], 1), (["explain", "windows:path"], 1), (["dialects", "--format", "json"], 0),
            (["diff"], 2), (["diff", "--width", "0", "x"], 2), (["diff", "/nonexistent"], 1), (["diff", "CONFIG"], 0),
            (["diff", "CONFIG", "--format", "json", "--release", "3.0.9"], 0), (["diff", "CONFIG", "CONFIG", "--changed"], 0),
            (["diff", "CONFIG", "--release", "new"], 1), (["diff", "CONFIG", "/etc/passwd"], 1),
            (["convert", "--root", "TREE", "-o", "/nonexistent/x"], 1),
        ] as [([String], Int32)])
    func theExitStatusTells(arguments: [String], status: Int32) async throws {
        let substituted = arguments.map {
            $0 == "TREE" ? tree : $0 == "FACTS" ? host.directory.string : $0 == "CONFIG" ? configuration : $0
        }
        let result = try await run(substituted)
        #expect(result.status == .exited(status), "\(result.errorText)")
        if status == 1 {
            // A report that is complete but for unread files is still printed.
            guard arguments.first != "check" || result.text.isEmpty else { return }
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
            let names = root.pushing(layout.legacyNames.removingRoot())
            try FileSystem.makeDirectory(names)
            try AtomicFile.write([], to: names.appending("cc-runtime"), mode: 0o755)
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

    @Test(
        .enabled(if: isBuilt, "needs kata-migrate beside the tests"),
        arguments: [
            ("default_memory = 512", [], 0), ("default_memory = 512", ["--fail-on", "note"], 2), ("machine_type = \"pc\"", [], 2),
            ("machine_type = \"pc\"", ["--fail-on", "error"], 0), ("machine_type = 1", ["--fail-on", "error"], 2), ("=", [], 2),
        ] as [(String, [String], Int32)])
    func checkEndsWithTwoForWhatIsAsBadAsItWasToldToMind(line: String, options: [String], status: Int32) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("configuration.toml")
            try AtomicFile.write(Array("[hypervisor.qemu]\n\(line)\n[proxy.cc]\n[shim.cc]\n".utf8), to: path)
            let result = try await run(["check", path.string] + options)
            #expect(result.status == .exited(status), "\(result.text)\(result.errorText)")
            #expect(result.errors.isEmpty)
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"), arguments: DiagnosticFormat.allCases)
    func checkReportsToStandardOutputInTheFormatThatIsAskedFor(format: DiagnosticFormat) async throws {
        let result = try await run(["check", tree, "--format", format.rawValue])
        #expect(result.status == .exited(2) && result.errors.isEmpty)
        #expect(result.text.contains("CC3-0") && result.text.contains("MIG021"), "what is not recognised is said too")
        switch format {
        case .text: #expect(result.text.contains(" recognised, "))
        case .json, .sarif: #expect(JSONDocument.parse(SourceText(path: "output", bytes: result.output)).value != nil)
        case .junit: #expect(result.text.hasPrefix("<?xml"))
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func severalResultsGoIntoADirectoryOrBelowTheirNames() async throws {
        try await withTemporaryDirectory { directory in
            let (sources, target) = (directory.appending("in"), directory.appending("out"))
            for name in ["a", "b"] {
                try FileSystem.makeDirectory(sources.appending(name))
                try AtomicFile.write(Array("[proxy.cc]\n[shim.cc]\n".utf8), to: sources.appending(name).appending("c.toml"))
            }
            #expect(try await run(["convert", sources.string, "-o", target.string]).status == .exited(0))
            #expect(try FileSystem.list(target.appending("b")) == ["c.toml"])
            let printed = try await run(["convert", sources.string]).text
            #expect(printed.hasPrefix("==> a/c.toml <==\n") && printed.contains("\n==> b/c.toml <==\n"))
            #expect(try await run(["convert", sources.string, "-o", target.appending("a/c.toml").string, "--force"]).status == .exited(1))
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func oneRefusedFileKeepsAllFromBeingWritten() async throws {
        try await withTemporaryDirectory { directory in
            try AtomicFile.write(Array("[proxy.cc]\n[shim.cc]\n".utf8), to: directory.appending("good.toml"))
            try AtomicFile.write(Array("[proxy.cc\n[shim.cc]\n".utf8), to: directory.appending("bad.toml"))
            let target = directory.appending("out")
            let result = try await run([
                "convert", directory.appending("good.toml").string, directory.appending("bad.toml").string, "-o", target.string,
            ])
            #expect(result.status == .exited(1) && !FileSystem.exists(target))
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func aFullDiskIsAFailure() async throws {
        let result = try await runProgram("/bin/sh", ["-c", "exec \"$0\" convert --root \"$1\" > /dev/full", Self.program.string, tree])
        #expect(result.status == .exited(1))
        #expect(result.errorText.contains("standard output"))
    }
}
