// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// A process that the agent started in a container, its first or a later one. Confined to the sandbox actor.
final class ContainerProcess {
    private enum Life {
        case running(waiting: [CheckedContinuation<Int32, Never>])
        case ended(Int32)
    }

    let pid: pid_t
    let pidfd: SharedFD
    private(set) var input: InputPipe
    private(set) var output: OutputPipe
    let error: OutputPipe
    private var terminal: SharedFD?
    private var life = Life.running(waiting: [])

    init(pid: pid_t, pidfd: SharedFD, input: InputPipe, output: OutputPipe, error: OutputPipe) {
        self.pid = pid
        self.pidfd = pidfd
        self.input = input
        self.output = output
        self.error = error
    }

    var hasEnded: Bool {
        if case .ended = life { true } else { false }
    }

    /// Nothing more can come from it: it ended and its output was read to the end.
    var isDrained: Bool { hasEnded && output.isFinished && error.isFinished }

    /// Called once, by the reaper.
    ///
    /// - Parameter status: exit code, or 128 + signal.
    func end(status: Int32) {
        guard case .running(let waiting) = life else { return }
        life = .ended(status)
        terminal = nil
        for continuation in waiting { continuation.resume(returning: status) }
    }

    /// Exit code, or 128 + signal.
    func exitStatus(isolation: isolated any Actor) async -> Int32 {
        if case .ended(let status) = life { return status }
        return await withCheckedContinuation { continuation in
            guard case .running(let waiting) = life else { return }
            life = .running(waiting: waiting + [continuation])
        }
    }

    /// Makes the terminal's own side the process's streams; standard error has none of its own then.
    func attach(terminal: SharedFD, loop: AgentLoop) throws(SystemError) {
        // Two descriptors, since epoll(7) knows one interest per descriptor.
        input = try InputPipe(SharedFD(try terminal.duplicate()), name: "terminal of '\(pid)'", loop: loop)
        output = try OutputPipe(terminal, name: "terminal of '\(pid)'", loop: loop)
        self.terminal = terminal
    }

    /// - Returns: false for a process without a terminal.
    func resize(_ size: TerminalSize) throws(SystemError) -> Bool {
        guard let terminal else { return false }
        try syscall("ioctl TIOCSWINSZ", "\(pid)") { cl_set_window_size(terminal.raw, size.rows, size.columns) }
        return true
    }

    /// As its own pid namespace counts (proc(5), NSpid).
    func innermostPID() throws(SystemError) -> pid_t {
        let text = String(decoding: try FileSystem.read(FilePath("/proc/\(pid)/status"), limit: 1 << 16), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
        return line?.split(whereSeparator: \.isWhitespace).last.flatMap { pid_t($0) } ?? pid
    }

    /// - Throws: ESRCH when it has ended.
    func signal(_ number: Int32) throws(SystemError) {
        try syscall("pidfd_send_signal", "\(pid)") { cl_pidfd_send_signal(pidfd.raw, number) }
    }

    func closeStreams() {
        input.close()
        output.close()
        error.close()
    }
}
