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
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aSignalEndsARunBetweenTwoActs(signal: CInt) async throws {
        let host = HostFixture.clearContainersDocker
        try await host.withInstalledTree { model in
            let before = try contents(of: model)
            let whole = try await withTreeCopy(of: model) { root in
                #expect(try await runMigrate(host.apply(root)).status == .exited(0))
                return try contents(of: root, times: false)
            }
            let apply = try await cutOff(host.apply(model), on: model, by: signal, after: "done")
            #expect(apply.status == .exited(4))
            #expect(apply.words.contains("[1/") && apply.words.contains("'kata-migrate apply' goes on from here"), "\(apply.words)")
            #expect(difference(whole, try contents(of: model, times: false)) != "", "it was not at its end")
            try await withTreeCopy(of: model) { root in
                let back = try await runMigrate(HostFixture.rollback(root))
                #expect(back.status == .exited(5))
                #expect(difference(before, try contents(of: root)) == "")
            }
            #expect(try await runMigrate(host.apply(model)).status == .exited(0))
            #expect(difference(whole, try contents(of: model, times: false)) == "")
            let rollback = try await cutOff(HostFixture.rollback(model), on: model, by: signal, after: "undone")
            #expect(rollback.status == .exited(4))
            #expect(rollback.words.contains("'kata-migrate rollback' goes on from here"), "\(rollback.words)")
            #expect(difference(before, try contents(of: model)) != "", "it was not at its end")
            #expect(try await runMigrate(HostFixture.rollback(model)).status == .exited(5))
            #expect(difference(before, try contents(of: model)) == "")
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
                let (first, second, now) = try await onDisk(of: model, host.apply, remount: "size=$((used + \(free)))k")
                #expect(["0", "1", "4"].contains(first), "\(free) KiB: \(first)")
                #expect(second == "0", "\(free) KiB")
                #expect(difference(whole, now) == "", "\(free) KiB")
                if first != "0" { failures += 1 }
            }
            #expect(failures > 2, "the disk was large enough after all")
            // One that cannot be written to at all.
            let (first, second, now) = try await onDisk(of: model, host.apply, remount: "ro")
            #expect(first == "1")
            #expect(second == "0")
            #expect(difference(whole, now) == "")
        }
    }

    @Test func aRollbackThatADiskTooSmallCutsOffIsFinishedOnALargerOne() async throws {
        let host = HostFixture.clearContainersDocker
        try await host.withInstalledTree { model in
            let before = try contents(of: model, times: false)
            #expect(try await runMigrate(host.apply(model)).status == .exited(0))
            var failures = 0
            for room in ["size=$((used + 0))k", "size=$((used + 4))k", "size=$((used + 8))k", "size=$((used + 24))k", "ro"] {
                let (first, second, now) = try await onDisk(of: model, HostFixture.rollback, remount: room)
                // What has come to its end cannot be taken back again.
                #expect(["1", "4", "5"].contains(first) && second == (first == "5" ? "1" : "5"), "\(room): \(first), \(second)")
                #expect(difference(before, now) == "", "\(room)")
                if first != "5" { failures += 1 }
            }
            #expect(failures > 2, "the disk was large enough after all")
        }
    }
}

extension ProcessTests {
    /// Sends the program a signal once its journal says that something was done.
    ///
    /// Its standard error takes a few lines of progress and no more until they are read, so that it waits there before its end.
    private func cutOff(
        _ arguments: [String], on root: FilePath, by signal: CInt, after word: String
    ) async throws -> (status: KataSystem.ExitStatus, words: String) {
        let (child, errors) = try startWithNarrowErrors(arguments)
        let journals = root.pushing(TargetLayout().journals.removingRoot())
        var isUnderWay = false
        for _ in 0..<3000 where !isUnderWay {
            try await Task.sleep(for: .milliseconds(10))
            let files = FileSystem.exists(journals) ? try FileSystem.list(journals).map { journals.appending($0).appending("journal") } : []
            isUnderWay = files.contains { file in
                (try? FileSystem.read(file)).map { String(decoding: $0, as: UTF8.self).contains("{\"\(word)\"") } ?? false  // not there yet
            }
        }
        #expect(isUnderWay)
        try child.signal(signal)
        let words = try await blocking("errors") { () -> [UInt8] in
            var all: [UInt8] = []
            while let part = try? errors.read(upTo: 1 << 12), !part.isEmpty { all += part }  // an error ends it as well
            return all
        }
        return (try await child.waitAsync(), String(decoding: words.drop { $0 == 0x0A }, as: UTF8.self))
    }

    private func startWithNarrowErrors(_ arguments: [String]) throws -> (ChildProcess, SharedFD) {
        let (reader, writer) = try OwnedFD.pipe().split { (SharedFD($0), SharedFD($1)) }
        // F_SETPIPE_SZ (fcntl(2)): one page, which is as little as there is.
        try syscall("fcntl", "F_SETPIPE_SZ") { writer.withRaw { fcntl($0, 1031, 4096) } }
        try writer.writeAll([UInt8](repeating: 0x0A, count: 4096 - 200))
        let child = try Subprocess(
            program: CommandTests.program, arguments: [CommandTests.program.string] + arguments, environment: ["PATH=/usr/bin:/bin"],
            descriptors: [2: writer]
        ).spawn()
        return (child, reader)
    }

    /// Runs a command on a disk of its own, remounted as `remount` says, which may name what is `used`, and again when there is room.
    ///
    /// - Returns: how the two runs ended, and the host afterwards.
    private func onDisk(
        of model: FilePath, _ command: (FilePath) -> [String], remount: String
    ) async throws -> (first: String, second: String, contents: [String]) {
        let disk = FilePath("\(model.string).disk")
        let copy = FilePath("\(model.string).copy")
        defer { for place in [disk, copy] { removeQuickly(place) } }
        try FileSystem.makeDirectory(disk)
        let command = ([CommandTests.program.string] + command(disk.appending("root"))).map { "'\($0)'" }.joined(separator: " ")
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
