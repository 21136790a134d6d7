// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite struct TerminalTests {
        /// runtime-spec config.md, Process: terminal and consoleSize; the socket's message is runc's.
        @Test func theConsoleSocketGetsTheMasterOfTheProcessesTerminal() async throws {
            try await withMachineHost(leaving: "tty") { host in
                try host.specify(["sh"]) { document in
                    var process = document["process"] as? [String: Any] ?? [:]
                    process["terminal"] = true
                    process["consoleSize"] = ["height": 33, "width": 99]
                    document["process"] = process
                    document["mounts"] = (document["mounts"] as? [[String: Any]] ?? []) + [Self.pseudoTerminals]
                }
                let console = try ConsoleListener(host.directory.appending("console.sock"))
                async let master = console.master()
                let made = try await host.kata(
                    "create", "--bundle", host.bundle.string, "--console-socket", console.path.string, "tty")
                #expect(made.status == .exited(0), "\(made.errorText)")
                let terminal = Conversation(try await master)
                try await host.kata("start", "tty")
                try await terminal.say("tty; stty size\n")
                try await terminal.hear("/dev/pts/0\r\n33 99\r\n")
                try await terminal.say("ls -l /proc/self/fd/2 /dev/console | cut -c1\n")
                try await terminal.hear("c\r\n")

                try terminal.resize(rows: 50, columns: 120)
                // The size travels on its own: it is asked for until it has arrived.
                for _ in 0..<50 {
                    try await terminal.say("stty size\n")
                    if try await terminal.read(until: "\r\n50 120\r\n", patience: .milliseconds(400)) { break }
                }
                #expect(terminal.text.contains("50 120"), "\(terminal.text)")

                try await terminal.say("exit 5\n")
                try await host.waitFor("stopped", of: "tty")
                #expect(try await terminal.end(), "the terminal ends with its process: \(terminal.text)")
                #expect(try await host.kata("delete", "tty").status == .exited(0))
            }
        }

        @Test func execGetsATerminalOfItsOwnAndAProcessWithoutOneIsRefused() async throws {
            try await withMachineHost(leaving: "exec-tty") { host in
                try host.specify(["sleep", "600"]) { document in
                    document["mounts"] = (document["mounts"] as? [[String: Any]] ?? []) + [Self.pseudoTerminals]
                }
                _ = try await host.create("exec-tty")
                try await host.kata("start", "exec-tty")
                let console = try ConsoleListener(host.directory.appending("console.sock"))
                async let master = console.master()
                let made = try await host.kata(
                    "exec", "--tty", "--detach", "--console-socket", console.path.string, "exec-tty", "sh")
                #expect(made.status == .exited(0), "\(made.errorText)")
                let terminal = Conversation(try await master)
                try await terminal.say("test -t 0 && test -t 2 && echo on a $((1+0)) terminal\n")
                try await terminal.hear("on a 1 terminal\r\n")
                let refused = try await host.kata("exec", "--tty", "exec-tty", "true")
                #expect(refused.status == .exited(255))
                #expect(refused.errorText.contains("--console-socket"))
                #expect(try await host.kata("delete", "--force", "exec-tty").status == .exited(0))
            }
        }

        private static var pseudoTerminals: [String: Any] {
            [
                "destination": "/dev/pts", "type": "devpts", "source": "devpts",
                "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
            ]
        }
    }
}

/// What an engine does with `--console-socket`.
struct ConsoleListener: Sendable {
    let path: FilePath
    private let socket: SharedFD

    init(_ path: FilePath) throws {
        self.path = path
        socket = SharedFD(try UnixSocket.listen(path))
    }

    func master() async throws -> SharedFD {
        try await blocking("console") { [socket] in
            Result {
                let (name, descriptors) = try UnixSocket.receive(upTo: 4096, on: try UnixSocket.accept(socket))
                #expect(String(decoding: name, as: UTF8.self).hasPrefix("/dev/"))
                return try #require(descriptors.first)
            }
        }.get()
    }
}

/// What is typed on a terminal, and what is read from it.
final class Conversation {
    private let master: SharedFD
    private(set) var text = ""

    init(_ master: SharedFD) { self.master = master }

    func say(_ line: String) async throws { try master.writeAll(Array(line.utf8)) }

    func hear(_ words: String) async throws {
        #expect(try await read(until: words, patience: .seconds(60)), "waiting for '\(words)', read '\(text)'")
    }

    func resize(rows: UInt32, columns: UInt32) throws {
        try #require(cl_set_window_size(master.raw, rows, columns) == 0)
    }

    /// Whether the words were read in time.
    func read(until words: String, patience: Duration) async throws -> Bool {
        let end = ContinuousClock.now + patience
        while !text.contains(words) {
            guard ContinuousClock.now < end, let part = try await part() else { return false }
            text += part
        }
        return true
    }

    /// Whether everybody else has closed the terminal.
    func end() async throws -> Bool {
        for _ in 0..<600 {
            guard let part = try await part() else { return true }
            text += part
        }
        return false
    }

    /// What there is after 100 ms at most; nil at the end.
    private func part() async throws -> String? {
        let master = master
        return try await blocking("terminal") {
            guard let ready = try? waitReadable([master.raw], timeoutMilliseconds: 100) else { return nil }
            guard ready[0] else { return "" }
            guard let bytes = try? master.read(upTo: 4096), !bytes.isEmpty else { return nil }  // EIO is a terminal's end
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
