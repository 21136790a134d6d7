// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataBundle
import KataOCI
import KataSandbox
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataRuntime

@Suite struct EdgeTests {
    @Test(
        arguments: [
            ("9", 9), ("KILL", 9), ("SIGKILL", 9), ("kill", 9), ("SIGTERM", 15), ("usr1", 10), ("SIGSYS", 31), ("POLL", 29),
            ("RTMIN", 34), ("SIGRTMIN+3", 37), ("RTMAX", 64), ("RTMAX-1", 63), ("64", 64),
        ] as [(String, Int32)])
    func aSignalIsKnownByNameAndNumber(text: String, number: Int32) throws {
        #expect(try SignalName.number(text) == number)
    }

    @Test(arguments: ["", "0", "65", "-1", "SIGNONE", "RTMIN+31", "SIG", "9x"])
    func aSignalThatDoesNotExistIsRefused(text: String) {
        #expect(throws: UnknownSignal.self) { try SignalName.number(text) }
    }

    @Test func anErrorIsLoggedAsRuncLogsIt() throws {
        let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 5)
        let json = ErrorLog(["--log", "/x", "--log-format=json", "run"]).line("no \"such\" thing", at: time)
        let entry = try #require(JSONSerialization.jsonObject(with: Data(json)) as? [String: String])
        #expect(entry == ["level": "error", "msg": "no \"such\" thing", "time": "2023-11-14T22:13:20.000000005Z"])
        let text = String(decoding: ErrorLog(["--log", "/x"]).line("no \"such\" thing", at: time), as: UTF8.self)
        #expect(text == "time=\"2023-11-14T22:13:20.000000005Z\" level=error msg=\"no \\\"such\\\" thing\"\n")
    }

    @Test func memoryIsReadFromTheRollup() throws {
        let use = try MemoryUse(rollup: "5581 ---p 00000000 00:00 0 [rollup]\nRss:    1824 kB\nPss:     412 kB\nPss_Anon: 9 kB\n")
        #expect(use.residentKiB == 1824)
        #expect(use.proportionalKiB == 412)
        #expect(throws: SystemError.self) { try MemoryUse(rollup: "Rss: many kB\n") }
    }

    @Test func aListHasAsWideColumnsAsItsCells() throws {
        let state = ContainerState(
            ociVersion: "1.2.1", id: try ContainerID("a-rather-long-container-name"), status: .running, pid: 7, bundle: "/b",
            created: "now",
            owner: "root")
        let lines = List.table([state]).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("ID  "))
        #expect(lines[1].hasPrefix("a-rather-long-container-name   7  "))
        let heading = try #require(lines[0].range(of: "STATUS"))
        let cell = try #require(lines[1].range(of: "running"))
        #expect(heading.lowerBound.utf16Offset(in: lines[0]) == cell.lowerBound.utf16Offset(in: lines[1]))
    }

    @Test(arguments: [("0", 0, 5), ("1000", 1000, 5), ("1000:7", 1000, 7)] as [(String, UInt32, UInt32)])
    func aUserOfExecIsAnIdWithAnOptionalGroup(text: String, uid: UInt32, gid: UInt32) throws {
        let user = try ExecProcessOptions.parse(user: text, UserSpec(uid: 3, gid: 5))
        #expect(user.uid == uid)
        #expect(user.gid == gid)
    }

    @Test(arguments: ["root", "1:x", "alice:7"])
    func aUserByNameIsLeftToTheGuest(text: String) throws {
        #expect(try ExecProcessOptions.parse(user: text, UserSpec(uid: 3, gid: 5)).username == text)
    }

    @Test(arguments: ["", "1:", ":1"])
    func aUserWithAnEmptyPartIsRefused(text: String) {
        #expect(throws: ExecFailure.self) { try ExecProcessOptions.parse(user: text, UserSpec()) }
    }

    @Test func theExampleSpecIsABundlesSpec() async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            let program = TestMachine.debugBinaries.appending("kata-runtime")
            let first = try await runProgram(program, ["spec", "--bundle", directory.string])
            #expect(first.status == .exited(0), "\(first.errorText)")
            #expect(try Bundle.load(directory).spec.process?.args == ["sh"])
            let second = try await runProgram(program, ["spec", "--bundle", directory.string])
            #expect(second.status == .exited(1))
            #expect(second.errorText.contains("exists"))
        }
    }
}
