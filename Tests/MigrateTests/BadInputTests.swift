// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// What no configuration is, given to the program as one: it says where and what, soon, and without much memory.
@Suite struct BadInputTests {
    private static let program = TestMachine.debugBinaries.appending("kata-migrate")
    private static let isBuilt = FileSystem.exists(program)

    private static let whole = """
        [hypervisor.qemu]
        path = "/usr/bin/qemu-lite-system-x86_64"
        default_memory = 512
        [proxy.cc]
        path = "/p"
        [shim.cc]
        path = "/s"

        """

    /// Contents, and what stands in the report.
    private static let contents: [(name: String, bytes: [UInt8], status: Int32, says: String)] = [
        ("truncated in a string", Array(whole.utf8.prefix(40)), 2, "c.toml:2:"),
        ("empty", [], 2, "MIG020"),
        ("binary", (0..<65536).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 251) }, 2, "c.toml"),
        ("zeros", [UInt8](repeating: 0, count: 1 << 20), 2, "c.toml:1:1"),
        ("deep arrays", Array(("x = " + String(repeating: "[", count: 200_000)).utf8), 2, "c.toml:1:"),
        ("deep tables", Array(("[" + String(repeating: "a.", count: 200_000) + "b]\n").utf8), 2, "c.toml"),
        ("one long line", Array(("[proxy.cc]\n# " + String(repeating: "x", count: 3 << 20) + "\n[shim.cc]\n").utf8), 0, "recognised"),
        ("many keys", Array((whole + (0..<50_000).map { "k\($0) = 1\n" }.joined()).utf8), 2, "c.toml:8:1"),
        ("not UTF-8", Array(whole.utf8) + Array("# \u{E9}".utf8.prefix(3)) + [0xFF, 0x0A], 2, "c.toml:8:"),
        ("duplicate keys", Array((whole + "path = \"/t\"\n").utf8), 2, "c.toml:8:1"),
        ("CRLF", Array(whole.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8), 0, "1 recognised"),
        ("BOM", [0xEF, 0xBB, 0xBF] + Array(whole.utf8), 2, "c.toml:1:1"),
        ("UTF-16", Array(whole.utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, 2, "c.toml:1:"),
    ]

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"), arguments: contents.indices)
    func strangeContentsAreReportedWithTheirPlace(index: Int) async throws {
        let (name, bytes, status, says) = Self.contents[index]
        try await withTemporaryDirectory { directory in
            let path = directory.appending("c.toml")
            try AtomicFile.write(bytes, to: path, mode: 0o644)
            let result = try await check(path)
            #expect(result.status == .exited(status), "\(name): \(result.text.prefix(2000)) \(result.errorText.prefix(500))")
            #expect(result.text.contains(says), "\(name): \(result.text.prefix(2000))")
            #expect(result.output.count < 1 << 20, "\(name): a report is for people")
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func whatIsNoReadableFileIsReportedAndNeverWaitedFor() async throws {
        try await withTemporaryDirectory { directory in
            let fifo = directory.appending("fifo.toml")
            #expect(mkfifo(fifo.string, 0o600) == 0)
            let loop = directory.appending("loop.toml")
            #expect(symlink("loop.toml", loop.string) == 0)
            let big = directory.appending("big.toml")
            try AtomicFile.write([], to: big)
            #expect(truncate(big.string, 100 << 20) == 0)
            for (path, code) in [
                (fifo, "MIG023"), (loop, "MIG022"), (big, "MIG024"), ("/dev/zero", "MIG023"), ("/dev/tty", "MIG023"),
                ("/proc/self/mem", "MIG022"), (directory.appending("none"), "MIG022"),
            ] as [(FilePath, String)] {
                let result = try await check(path)
                #expect(result.status == .exited(1), "\(path)")
                #expect(result.text.hasPrefix("\(path): error: ") && result.text.contains("[\(code)]"), "\(path): \(result.text)")
            }
        }
    }

    @Test(.enabled(if: isBuilt, "needs kata-migrate beside the tests"))
    func aNameCannotDriveTheTerminal() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("a\u{1B}[2J\n.toml")
            try AtomicFile.write(Array("[proxy.cc]\n[shim.cc]\nx\u{1B} = 1".utf8), to: path)
            let result = try await check(path)
            #expect(!result.output.contains(0x1B))
        }
    }

    /// One core for twenty seconds of a debug build and 1 GiB of address space are far from what a sound file takes, and far below what
    /// an unbounded reader would.
    private func check(_ path: FilePath) async throws -> ProgramResult {
        try await runProgram(
            "/bin/sh", ["-c", "ulimit -v 1048576; ulimit -t 20; exec \"$0\" check \"$1\"", Self.program.string, path.string],
            environment: ["PATH=/usr/bin:/bin"], timeout: .seconds(60))
    }
}
