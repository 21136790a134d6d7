// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// Everything that a new process of a container needs.
struct ProcessLaunch {
    /// The container's or exec's id, for messages.
    let name: String
    let steps: [ContainerStep]
    let arguments: [String]
    let environment: [String]
    /// CLONE_NEW* for a first process; 0 for one that joins.
    let namespaces: UInt64
    /// The first process of a container, for the steps that join its namespaces.
    let joining: SharedFD?
    /// Whether it starts in that one's pid namespace.
    let joinsProcesses: Bool
    /// The guest's user who gets the pipes; nil leaves them to the process itself.
    var streamOwner: UInt32?

    /// clone3(2). The child is on its way through the steps when this returns.
    func start(in cgroup: borrowing OwnedFD, loop: AgentLoop) throws(SystemError) -> LaunchedProcess {
        let standard = try StandardStreams(onTerminal: isOnTerminal)
        for stream in [standard.input, standard.output, standard.error] {
            guard let streamOwner, let stream else { continue }
            try syscall("fchown", name) { fchown(stream.child.raw, streamOwner, gid_t.max) }
        }
        let (reportRead, reportWrite) = try pipeEnds()
        let (startRead, startWrite) = try pipeEnds()
        var arena = StepArena(steps, container: joining?.raw ?? -1, terminalSocket: standard.terminal?.child.raw ?? -1)
        let argv = arena.strings(arguments)
        let envp = arena.strings(environment)
        var pidfd: CInt = -1
        let lowered = arena.steps
        let pid = try lowered.withUnsafeBufferPointer { buffer throws(SystemError) in
            var request = cl_container_process(
                namespaces: namespaces, cgroup: cgroup.raw, process_namespace: joinsProcesses ? joining?.raw ?? -1 : -1,
                input: standard.input?.child.raw ?? -1, output: standard.output?.child.raw ?? -1,
                error: standard.error?.child.raw ?? -1,
                report: reportWrite.raw, start: startRead.raw, steps: buffer.baseAddress, step_count: buffer.count,
                argv: argv, envp: envp)
            return try syscall("clone3", name) { cl_start_container_process(&request, &pidfd) }
        }
        // Only numbers and pointers of these were handed over above; the child has its copies now.
        withExtendedLifetime((standard, reportWrite, startRead, joining)) {}
        withExtendedLifetime(arena) {}
        let process = ContainerProcess(
            pid: pid, pidfd: SharedFD(OwnedFD(adopting: pidfd)),
            input: try InputPipe(standard.input?.agent, name: "stdin of '\(name)'", loop: loop),
            output: try OutputPipe(standard.output?.agent, name: "stdout of '\(name)'", loop: loop),
            error: try OutputPipe(standard.error?.agent, name: "stderr of '\(name)'", loop: loop))
        return LaunchedProcess(
            process: process, report: StepReport(reportRead, launch: self), start: startWrite, terminal: standard.terminal?.agent)
    }

    private var isOnTerminal: Bool {
        steps.contains { if case .terminal = $0 { true } else { false } }
    }
}

/// A child that has not necessarily reached its program yet.
struct LaunchedProcess {
    let process: ContainerProcess
    let report: StepReport
    /// Takes the byte that a first process waits for; the process ends when it is closed without.
    let start: SharedFD
    /// Where the agent's side of the terminal comes from, for a process on one.
    let terminal: SharedFD?

    /// Once the child has reported that its steps are done: its terminal becomes its streams.
    func attachTerminal(loop: AgentLoop) throws {
        guard let terminal else { return }
        let received = try UnixSocket.receive(upTo: 1, on: try terminal.duplicate())
        guard let master = received.descriptors.first else { throw AgentFailure.endedEarly("\(process.pid)") }
        try process.attach(terminal: master, loop: loop)
    }
}

/// What the child says on its way.
struct StepReport {
    enum Message: Equatable {
        /// All steps up to the start are done.
        case ready
        case failed(ContainerStep, Errno)
        /// The pipe closed: the program runs, or the process died.
        case closed
    }

    private let pipe: SharedFD
    private let steps: [ContainerStep]

    init(_ pipe: SharedFD, launch: ProcessLaunch) {
        self.pipe = pipe
        steps = launch.steps
    }

    func next(loop: AgentLoop, isolation: isolated any Actor) async throws(SystemError) -> Message {
        _ = await loop.ready(pipe.raw, .readable)
        let bytes = try pipe.read(upTo: MemoryLayout<cl_step_report>.size)
        guard bytes.count == MemoryLayout<cl_step_report>.size else { return .closed }
        let report = bytes.withUnsafeBytes { $0.loadUnaligned(as: cl_step_report.self) }
        if report.kind == CL_REPORT_READY.rawValue { return .ready }
        let index = Int(report.step)
        // The interpreter counts the standard streams, which come before all steps, as the step after the last.
        return .failed(index < steps.count ? steps[index] : .session, Errno(rawValue: report.error))
    }
}

/// The three pipes of a process, or the socket that its terminal comes over; the child's ends are closed with this value.
private struct StandardStreams {
    var input: (child: SharedFD, agent: SharedFD)?
    var output: (child: SharedFD, agent: SharedFD)?
    var error: (child: SharedFD, agent: SharedFD)?
    var terminal: (child: SharedFD, agent: SharedFD)?

    init(onTerminal: Bool) throws(SystemError) {
        if onTerminal {
            terminal = try OwnedFD.socketPair().split { (SharedFD($0), SharedFD($1)) }
            return
        }
        let (inputRead, inputWrite) = try pipeEnds()
        let (outputRead, outputWrite) = try pipeEnds()
        let (errorRead, errorWrite) = try pipeEnds()
        input = (inputRead, inputWrite)
        output = (outputWrite, outputRead)
        error = (errorWrite, errorRead)
    }
}

private func pipeEnds() throws(SystemError) -> (read: SharedFD, write: SharedFD) {
    let pair = try OwnedFD.pipe()
    return pair.split { (SharedFD($0), SharedFD($1)) }
}
