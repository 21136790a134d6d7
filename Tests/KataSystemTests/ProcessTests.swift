// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataTestSupport
import SystemPackage
import Testing

@testable import KataSystem

@Suite struct ProcessTests {
    @Test(arguments: [
        ("12 (a b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20", "S", UInt64(4242)),
        ("9 (()) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 77", "Z", 77),
    ])
    func aStatLineIsReadAfterTheLastParenthesis(line: String, state: Character, startTime: UInt64) {
        #expect(ProcessStat.parse(Array(line.utf8)) == ProcessStat(state: state, startTime: startTime))
    }

    @Test(arguments: ["", ")", "1 (x) S 1 2", "1 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 no 20"])
    func aCutStatLineIsNoProcess(line: String) {
        #expect(ProcessStat.parse(Array(line.utf8)) == nil)
    }

    @Test func aZombieCountsAsDeadBeforeItIsReaped() throws {
        let child = try Subprocess(program: "/bin/sh", arguments: ["sh", "-c", "exec sleep 60"]).spawn()
        let identity = try #require(try child.identity())
        #expect(identity.isAlive)
        try identity.signal(SIGKILL)
        while identity.isAlive { usleep(1000) }
        #expect(throws: SystemError.self) { try identity.signal(0) }
        #expect(try child.wait() == .signaled(9))
    }

    @Test func anIdentityWithAnotherStartTimeIsNobody() throws {
        let mine = try ProcessIdentity.current()
        let earlier = ProcessIdentity(pid: mine.pid, startTime: mine.startTime - 1, bootID: mine.bootID)
        #expect(mine.isAlive)
        #expect(!earlier.isAlive)
        let error = #expect(throws: SystemError.self) { try earlier.signal(SIGKILL) }
        #expect(error?.errno == .noSuchProcess)
    }

    @Test func aProgramThatDoesNotExistIsReportedBySpawn() {
        let error = #expect(throws: SystemError.self) {
            try Subprocess(program: "/no/such/program", arguments: ["x"]).spawn()
        }
        #expect(error == SystemError(call: "execve", subject: "/no/such/program", errno: .noSuchFileOrDirectory))
    }

    @Test(arguments: [("exit 0", KataSystem.ExitStatus.exited(0)), ("exit 42", .exited(42)), ("kill -KILL $$", .signaled(9))])
    func anExitStatusArrives(script: String, status: KataSystem.ExitStatus) async throws {
        #expect(try await runProgram("/bin/sh", ["-c", script]).status == status)
    }

    @Test func aChildHasTheDescriptorsItWasGivenAndNoOthers() async throws {
        let leaked = try OwnedFD.open("/dev/zero", O_RDONLY)
        #expect(cl_clear_close_on_exec(leaked.raw) == 0)
        let pipe = try OwnedFD.pipe()
        let (reader, writer) = pipe.split { (SharedFD($0), SharedFD($1)) }
        let child = try Subprocess(
            program: "/bin/sh", arguments: ["sh", "-c", "ls /proc/self/fd | wc -l; exec >&7; echo seven"],
            descriptors: [1: writer, 7: writer]
        ).spawn()
        #expect(try child.wait() == .exited(0))
        // ls has 0, 1, 2, 7 and the directory it lists.
        #expect(String(decoding: try reader.read(upTo: 100), as: UTF8.self) == "5\nseven\n")
    }

    @Test func bothOutputsOfALongRunAreCollectedWhole() async throws {
        let result = try await runProgram(
            "/bin/sh", ["-c", "cat; head -c 3000000 /dev/zero >&2"], input: [UInt8](repeating: 9, count: 2_000_000))
        #expect(result.output.count == 2_000_000)
        #expect(result.errors.count == 3_000_000)
    }

    @Test func anErrorChainNamesEachCauseOnce() {
        struct Outer: FaultyError {
            var description: String { "open sandbox record '/run/x'" }
            var fault: Fault { .host }
            var cause: (any Error)? { SystemError(call: "open", subject: "/run/x", errno: .permissionDenied) }
        }
        #expect(errorChain(Outer()) == "open sandbox record '/run/x': open '/run/x': Permission denied")
    }
}

private func cl_clear_close_on_exec(_ fd: CInt) -> CInt { fcntl(fd, F_SETFD, 0) }
