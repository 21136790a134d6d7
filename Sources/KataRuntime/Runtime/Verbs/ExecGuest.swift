// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
internal import KataSandbox
internal import KataSystem

package struct ExecGuest: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "exec-guest",
        abstract: "Run a program in the guest, outside of its containers.",
        discussion: """
            Needs debug_console_enabled = true in the configuration that the container was created with. The program is one of the guest's \
            own root, which has none unless 'assets build --add DIR' has put it there: a static busybox as bin/sh makes a shell.
            """)

    @ParentCommand private var parent: KataRuntimeCommand

    @Flag(name: [.short, .long], help: "Give the program a terminal; the default where this command has one.")
    var tty = false

    @Argument(help: "Name of a container in the guest.")
    var id: String

    @Argument(parsing: .captureForPassthrough, help: "Program and arguments; else /bin/sh.")
    var command: [String] = []

    package init() {}

    package func run() throws {
        let abort = try CreationAbort()
        let (client, _) = try ShimClient.of(id, parent, act: "run a program in the guest of") { $0 != .stopped && $0 != .creating }
        let stdio = try WorkloadStdio.ofThisProcess()
        let isTerminal = tty || (Terminal.isTerminal(stdio.input) && Terminal.isTerminal(stdio.output))
        let words = command.first == "--" ? Array(command.dropFirst()) : command
        let process = Self.process(words.isEmpty ? ["/bin/sh"] : words, isTerminal: isTerminal)
        let stub = try abort.guarding { try Exec.start(process, nil, client, try .inherited()) }
        abort.hand(to: stub)
        let raw = isTerminal ? try RawTerminal(stdio.input) : nil
        defer { raw?.restore() }
        throw WorkloadStatus(status: try stub.wait().shellStatus)
    }

    /// With all rights: it is there to look into everything.
    private static func process(_ words: [String], isTerminal: Bool) -> ProcessSpec {
        let all = LinuxCapabilities.names.sorted()
        let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"]
        let terminal = Environment.variables()["TERM"].map { ["TERM=\($0)"] } ?? []
        var process = ProcessSpec(
            user: UserSpec(), args: words, env: environment + terminal, cwd: "/")
        process.terminal = isTerminal
        process.capabilities = LinuxCapabilities(bounding: all, effective: all, inheritable: nil, permitted: all, ambient: nil)
        return process
    }
}
