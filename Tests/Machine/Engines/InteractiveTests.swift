// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension EngineLab {
    /// A program in the namespaces that has a terminal of its own, which tells it of a new size.
    func onTerminal(rows: UInt32, columns: UInt32, _ words: [String]) throws -> (child: ChildProcess, conversation: Conversation) {
        let terminal = try Terminal.open()
        let conversation = Conversation(terminal.master)
        try conversation.resize(rows: rows, columns: columns)
        let (slave, setsid, nsenter) = (terminal.slave, try #require(findProgram("setsid")), try #require(findProgram("nsenter")))
        let child = try Subprocess(
            program: setsid, arguments: ["setsid", "--ctty", nsenter.string] + inside(words), descriptors: [0: slave, 1: slave, 2: slave]
        ).spawn()
        return (child, conversation)
    }
}

extension Conversation {
    /// A size travels on its own: asked for until the shell has it.
    fileprivate func awaitSize(_ size: String) async throws {
        for _ in 0..<100 {
            try await say("stty size\n")
            if try await read(until: "\r\n\(size)\r\n", patience: .milliseconds(400)) { return }
        }
        Issue.record("the terminal is not \(size): \(text)")
    }
}

extension MachineTests {
    /// People at a terminal: `run -it` and `exec -it`, as engines pass them on.
    @Suite(.needs(.program("nsenter"), .program("unshare"), .program("setsid"), .program("ip"))) struct InteractiveTests {
        private static func talk(_ lab: EngineLab, _ engine: [String], _ options: [String]) async throws {
            let (run, shell) = try lab.onTerminal(
                rows: 33, columns: 101, engine + ["run", "-it", "--rm", "--name", "talk"] + options + [EngineLab.image, "sh"])
            try await shell.say("test -t 0 && test -t 1 && echo $((40+2)) on a terminal\n")
            try await shell.hear("42 on a terminal\r\n")
            try await shell.awaitSize("33 101")
            let (exec, other) = try lab.onTerminal(rows: 25, columns: 90, engine + ["exec", "-it", "talk", "sh"])
            try await other.say("tty; echo $((50+2)) beside it\n")
            try await other.hear("52 beside it\r\n")
            try await other.awaitSize("25 90")
            try shell.resize(rows: 44, columns: 120)
            try await shell.awaitSize("44 120")
            // What the terminal makes of a key reaches the process in the foreground and nobody else.
            try await shell.say("sleep 1000\n")
            for _ in 0..<100 {
                try await other.say("ps | grep -c '[s]leep 1000'\n")
                if try await other.read(until: "\r\n1\r\n", patience: .milliseconds(400)) { break }
            }
            try await shell.say("\u{03}")
            try await shell.say("echo status $?\n")
            try await shell.hear("status 130\r\n")
            try await other.say("exit 7\n")
            #expect(try await exec.waitAsync() == .exited(7), "\(other.text)")
            try await shell.say("exit 9\n")
            #expect(try await run.waitAsync() == .exited(9), "\(shell.text)")
        }

        /// What comes by a pipe, and its end.
        private static func pipe(_ lab: EngineLab, _ engine: [String], _ options: [String]) async throws {
            let words = engine + ["run", "-i", "--rm"] + options + [EngineLab.image, "sh", "-c", "cat; echo the end >&2; exit 3"]
            let nsenter = try #require(findProgram("nsenter"))
            let input = [UInt8](repeating: 97, count: 200_000) + [10]
            let piped = try await runProgram(nsenter, lab.inside(words), input: input)
            #expect(piped.output == input && piped.errorText.contains("the end\n"), "\(piped.output.count) \(piped.errorText)")
            #expect(piped.status == .exited(3))
        }

        @Test(.needs(.program("podman"))) func podmanPassesATerminalOnBothWays() async throws {
            try await Podman.with { podman in
                let network = ["--network", "none"]
                try await Self.talk(podman.lab, podman.command, network)
                try await Self.pipe(podman.lab, podman.command, network)
            }
        }

        @Test(.needs(.program("dockerd"), .program("docker"), .program("containerd"), .program("iptables")))
        func dockerPassesATerminalOnBothWays() async throws {
            try await Docker.with { docker in
                try await Self.talk(docker.lab, docker.command, [])
                try await Self.pipe(docker.lab, docker.command, [])
            }
        }
    }
}
