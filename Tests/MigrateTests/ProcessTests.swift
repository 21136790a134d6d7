// SPDX-License-Identifier: Apache-2.0

import Compat
import Glibc
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// The program itself, interrupted and starved: what the tests of single effects take for granted.
@Suite(.serialized, .needs(.root), .enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"))
struct ProcessTests {
    @Test func anInterruptEndsARunBetweenTwoActs() async throws {
        let host = HostFixture.clearContainersDocker
        try await host.withInstalledTree { model in
            for milliseconds: UInt64 in [0, 20, 40, 80, 160] {
                try await withTreeCopy(of: model) { root in
                    let status = try await cutOff(host.apply(root), by: SIGINT, after: milliseconds * 1_000_000)
                    // Before it listens an interrupt is its end, and after its end there is nothing to interrupt.
                    #expect([.exited(4), .exited(0), .signaled(SIGINT)].contains(status), "\(milliseconds) ms: \(status)")
                    #expect(try await runMigrate(host.apply(root)).status == .exited(0), "\(milliseconds) ms")
                }
            }
        }
    }

    @Test func aSecondRunDoesNotWorkBesideTheFirst() async throws {
        let host = HostFixture.clearContainersDocker
        try await host.withInstalledTree { root in
            let live = try LiveHost(root: root)
            let first = try MigrationLock(of: live, journals: TargetLayout().journals)
            let before = try contents(of: root)
            for arguments in [
                host.apply(root), HostFixture.rollback(root), ["verify", "--root", root.string],
                ["forget", "--root", root.string, "--yes"],
            ] {
                let refused = try await runMigrate(arguments)
                #expect(refused.status == .exited(1))
                #expect(refused.errorText.contains("is locked"), "\(refused.errorText)")
            }
            #expect(try await runMigrate(["status", "--root", root.string]).status == .exited(0), "a reader waits for nobody")
            #expect(difference(before, try contents(of: root)) == "")
            _ = consume first
            #expect(try await runMigrate(host.apply(root)).status == .exited(0))
        }
    }

    @Test func whatADiskTooSmallCutsOffIsFinishedOnALargerOne() async throws {
        let host = HostFixture.clearContainersDocker
        try await host.withInstalledTree { model in
            let whole = try await withTreeCopy(of: model) { root in
                #expect(try await runMigrate(host.apply(root)).status == .exited(0))
                return try contents(of: root, times: false)
            }
            var failures = 0
            for free in [0, 4, 16, 48, 96, 160, 240, 400] {
                let (first, second, now) = try await onDisk(of: model, host, remount: "size=$((used + \(free)))k")
                #expect(["0", "1", "4"].contains(first), "\(free) KiB: \(first)")
                #expect(second == "0", "\(free) KiB")
                #expect(difference(whole, now) == "", "\(free) KiB")
                if first != "0" { failures += 1 }
            }
            #expect(failures > 2, "the disk was large enough after all")
            // One that cannot be written to at all.
            let (first, second, now) = try await onDisk(of: model, host, remount: "ro")
            #expect(first == "1")
            #expect(second == "0")
            #expect(difference(whole, now) == "")
        }
    }
}

extension ProcessTests {
    /// Starts the program and sends it a signal after so many nanoseconds.
    @discardableResult
    private func cutOff(_ arguments: [String], by signal: CInt, after nanoseconds: UInt64) async throws -> KataSystem.ExitStatus {
        let running = try RunningProgram(CommandTests.program, arguments, environment: ["PATH=/usr/bin:/bin"])
        try await Task.sleep(for: .nanoseconds(Int64(nanoseconds)))
        _ = try? running.child.signal(signal)  // it may have ended by itself
        return try await running.finish().status
    }

    /// Applies on a disk of its own, remounted as `remount` says, which may name what is `used`, and again when there is room.
    ///
    /// - Returns: how the two runs ended, and the host afterwards.
    private func onDisk(
        of model: FilePath, _ host: HostFixture, remount: String
    ) async throws -> (first: String, second: String, contents: [String]) {
        let disk = FilePath("\(model.string).disk")
        let copy = FilePath("\(model.string).copy")
        defer { for place in [disk, copy] { removeQuickly(place) } }
        try FileSystem.makeDirectory(disk)
        let command = ([CommandTests.program.string] + host.apply(disk.appending("root"))).map { "'\($0)'" }.joined(separator: " ")
        let script = """
            mount -t tmpfs -o size=64M none '\(disk)' && cp -a '\(model)' '\(disk)/root' || exit 1
            used=$(df -k --output=used '\(disk)' | tail -n 1)
            mount -o "remount,\(remount)" '\(disk)' || exit 1
            \(command) >/dev/null 2>&1; first=$?
            mount -o remount,rw,size=64M '\(disk)' || exit 1
            \(command) >/dev/null 2>&1; second=$?
            cp -a '\(disk)/root' '\(copy)' && echo $first $second
            """
        let result = try await runProgram("/usr/bin/unshare", ["--mount", "/bin/sh", "-c", script])
        let words = result.text.split(whereSeparator: \.isWhitespace).map(String.init)
        try #require(result.status == .exited(0) && words.count == 2, "\(result.errorText)")
        return (words[0], words[1], try contents(of: copy, times: false))
    }
}
