// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// The program itself, ended by SIGKILL as it enters each of the system calls by which it changes something, one after the other.
///
/// Every call of an undisturbed run is met: the first run is killed in its first call, then in its second, and so on. When a killed run has
/// settled an operation, what it left is where the next ones begin, which make the same calls from there; so no run repeats what lies
/// behind, and many begin with a recovery, in whose calls they are killed too.
///
/// A kill in the first call is followed by the way on, one in the second by the way back, and so on. Two calls in a row leave trees that
/// differ by that one call, most effects are several calls, and `CrashTests` go both ways from each effect; so each way starts from every
/// effect of a real process, in half the time.
@Suite(
    .needs(.root), .enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"),
    .enabled("needs clang, and a kernel that lets processes be traced (x86-64, ptrace, seccomp)") { Tracer.shared != nil })
struct KillTests {
    /// One of docker and one of CRI-O, of each the smallest that has all kinds of operations on files.
    @Test(arguments: [HostFixture.broken, .clearContainersCRIO])
    func anApplyThatIsKilledInAnyCallIsFinishedOrTakenBack(host: HostFixture) async throws {
        try await host.withInstalledTree { model in
            let before = try contents(of: model)
            let whole = try await withTreeCopy(of: model) { root in
                #expect(try await runMigrate(host.apply(root)).status == .exited(0))
                return try contents(of: root, times: false)
            }
            #expect(before.count != whole.count)
            let calls = try await killInEachCall(of: host.apply, on: model) { root, number, call in
                guard number % 2 == 0 else {
                    let again = try await runMigrate(host.apply(root))
                    #expect(again.status == .exited(0), "\(call): \(again.errorText)")
                    #expect(difference(whole, try contents(of: root, times: false)) == "", "\(call)")
                    return
                }
                let back = try await runMigrate(HostFixture.rollback(root))
                // Before the migration is on record there is nothing to be taken back.
                let isNothing = back.status == .exited(1) && back.errorText.contains("none was applied on this host")
                #expect(back.status == .exited(5) || isNothing, "\(call): \(back.errorText)")
                #expect(difference(before, try contents(of: root)) == "", "\(call)")
            }
            for name in ["write", "mkdir", "chmod", "lchown", "utimensat", "rename", "fsync", "syncfs", "unlink", "rmdir", "ftruncate"] {
                #expect(calls[name, default: 0] + calls["\(name)2", default: 0] > 1, "\(name): \(calls)")
            }
        }
    }

    @Test(arguments: [HostFixture.broken, .clearContainers2CRIO])
    func aRollbackThatIsKilledInAnyCallIsFinished(host: HostFixture) async throws {
        try await host.withInstalledTree { model in
            let before = try contents(of: model)
            #expect(try await runMigrate(host.apply(model)).status == .exited(0))
            let calls = try await killInEachCall(of: HostFixture.rollback, on: model) { root, _, call in
                let back = try await runMigrate(HostFixture.rollback(root))
                // It may have come to its end.
                let isNothing = back.status == .exited(1) && back.errorText.contains("there is nothing to take back")
                #expect(back.status == .exited(5) || isNothing, "\(call): \(back.errorText)")
                #expect(difference(before, try contents(of: root)) == "", "\(call)")
            }
            #expect(calls["rename", default: 0] + calls["renameat2", default: 0] > 1 && calls["write", default: 0] > 5, "\(calls)")
        }
    }

    /// Runs a command on copies of a host, killed in one call more each time, until it comes to its end.
    ///
    /// - Parameter body: gets the copy, the number of the kill and a description of it.
    /// - Returns: how often each call was met.
    private func killInEachCall(
        of command: (FilePath) -> [String], on model: FilePath, _ body: (FilePath, Int, String) async throws -> Void
    ) async throws -> [String: Int] {
        let tracer = try #require(Tracer.shared)
        let begin = FilePath("\(model.string).begin")
        defer { removeQuickly(begin) }
        #expect(try await runProgram("/bin/cp", ["-a", model.string, begin.string]).status == .exited(0))
        var calls: [String: Int] = [:]
        var (number, settled, kills) = (0, 0, 0)
        var isAtItsEnd = false
        while !isAtItsEnd {
            number += 1
            try await withTreeCopy(of: begin) { root in
                guard let name = try await tracer.call(number, endingARunOf: command(root), on: root) else {
                    isAtItsEnd = true
                    return
                }
                calls[name, default: 0] += 1
                kills += 1
                let now = try settledOperations(on: root)
                if now > settled {
                    removeQuickly(begin)
                    #expect(try await runProgram("/bin/cp", ["-a", root.string, begin.string]).status == .exited(0))
                }
                try await body(root, kills, "after \(settled) operations, call \(number), \(name)")
                if now > settled { (number, settled) = (0, now) }
            }
        }
        return calls
    }

    /// How many operations the journals on a host say are settled, or taken back; a journal has one entry a line.
    private func settledOperations(on root: FilePath) throws -> Int {
        let journals = root.pushing(TargetLayout().journals.removingRoot())
        guard FileSystem.exists(journals) else { return 0 }
        return try FileSystem.list(journals).reduce(0) { count, name in
            let file = journals.appending(name).appending("journal")
            guard FileSystem.exists(file) else { return count }
            let lines = String(decoding: try FileSystem.read(file), as: UTF8.self).split(separator: "\n")
            return count + lines.count { line in ["done", "skipped", "undone"].contains { line.hasPrefix("{\"\($0)\"") } }
        }
    }
}

/// Tests/Tracer/tracer.c, compiled.
struct Tracer: Sendable {
    /// Without a name in a directory, so that nothing of it stays.
    private let file: SharedFD

    /// Nil where it cannot be compiled, or the kernel does not let it work.
    static let shared = try? Tracer()

    private struct Unusable: Error {}

    private init() throws {
        guard let compiler = findProgram("clang") else { throw Unusable() }
        let place = FilePath("/tmp/kata-tracer.\(getpid())")
        let source = Repository.root.appending("Tests").appending("Tracer").appending("tracer.c")
        let options = ["-O1", "-Wall", "-Wextra", "-Werror", "-o", place.string, source.string]
        defer { removeQuickly(place) }
        guard try Subprocess(program: compiler, arguments: ["clang"] + options).spawn().wait() == .exited(0) else { throw Unusable() }
        file = SharedFD(try OwnedFD.open(place, O_RDONLY))
        let trial = try Subprocess(program: program, arguments: ["tracer", "1", "/", "/bin/sync"]).spawn()
        guard try trial.wait() == .exited(137) else { throw Unusable() }
    }

    private var program: FilePath { FilePath("/proc/\(getpid())/fd/\(file.raw)") }

    /// - Returns: the name of the call that was not made; nil when the program came to its end.
    func call(_ number: Int, endingARunOf arguments: [String], on root: FilePath) async throws -> String? {
        let result = try await runProgram(
            program, ["\(number)", root.string, CommandTests.program.string] + arguments, environment: ["PATH=/usr/bin:/bin"])
        let last = result.errorText.split(separator: "\n").last?.split(separator: " ") ?? []
        guard last.count == 3, last[0] == "tracer:", last[1] == "\(number)" else {
            #expect([.exited(0), .exited(5)].contains(result.status), "\(result.errorText)")
            return nil
        }
        #expect(result.status == .exited(137))
        return String(last[2])
    }
}
