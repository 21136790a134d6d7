// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
package import KataWire

/// A process in the guest that somebody on the host waits for: a container's first process, or one of exec.
///
/// It lives from its creation to its exit: bytes are pumped, the stub's signals are passed on, and the exit status is
/// reported after the output that it left.
package final class Workload: Sendable {
    package let id: GuestProcessID
    package let stub: ProcessIdentity
    package let exit = OneShot<WorkloadExit>()
    private let pumps: StdioPumps
    private let link: StubLink
    /// Nil for a workload on pipes.
    private let terminal: WorkloadTerminal?

    /// How long output that nobody takes may hold back the news of an exit.
    private let drainLimit: Duration

    /// - Parameters:
    ///   - stub: the process that ends with the workload's status.
    ///   - isTerminal: `stdio.input` is the host's side of the workload's terminal.
    ///   - drainLimit: output of a container's first process ends with it; what exec left running may hold it for ever.
    package init(
        _ id: GuestProcessID, agent: AgentClient, stdio: WorkloadStdio, stub: ProcessIdentity, link: StubLink, isTerminal: Bool,
        drainLimit: Duration
    ) throws(SystemError) {
        self.id = id
        self.stub = stub
        self.link = link
        self.drainLimit = drainLimit
        let terminal = isTerminal ? WorkloadTerminal(stdio.input) : nil
        self.terminal = terminal
        pumps = try StdioPumps(stdio, GuestProcessStreams(agent: agent, process: id), isTerminal: isTerminal)
        try link.listen { event in
            if case .signal(SIGWINCH) = event, let terminal {
                // The guest's kernel sends the signal itself when the size changes.
                Task { [id] in await agent.resize(id, terminal) }
                return
            }
            let signal: CInt =
                switch event {
                case .signal(let number): number
                case .gone: 9  // SIGKILL: whoever kills the stub means the workload
                }
            // A signal can be late: the process may have ended meanwhile.
            Task { [id] in _ = try? await agent.signal(id, signal) }
        }
        Task { [self] in await follow(agent) }
    }

    private func follow(_ agent: AgentClient) async {
        // A call that fails means that the guest is lost, and the workload with it.
        let answer = try? await agent.wait(id)
        let ended = WorkloadExit(
            status: answer?.status ?? WorkloadExit.lost, at: .now(), outOfMemory: answer?.oomKills ?? 0)
        pumps.stopInput()
        _ = await within(drainLimit) { [pumps] in await pumps.drained() }
        terminal?.close()
        exit.set(ended)
    }

    /// Gives the guest's terminal the size of the host's, which may have changed before anybody watched it.
    package func resize(_ agent: AgentClient) async {
        if let terminal { await agent.resize(id, terminal) }
    }

    /// When all output has been written.
    package func drained() async { await pumps.drained() }

    /// Ends the stub; the last act, after which an engine may ask for the state.
    package func report(_ exit: WorkloadExit) { link.finish(exit.status) }
}

package struct WorkloadExit: Sendable, Hashable {
    /// The exit code, or 128 + the signal's number.
    package let status: Int32
    package let at: Timestamp
    /// How many processes of its container the guest's kernel had ended by then for want of memory.
    package let outOfMemory: UInt64

    /// The status of a workload whose guest is gone.
    package static let lost: Int32 = 137
}

extension AgentClient {
    func resize(_ process: GuestProcessID, _ terminal: WorkloadTerminal) async {
        guard let size = terminal.size else { return }
        _ = try? await ttyWinResize(
            .with {
                $0.containerID = process.container
                $0.execID = process.exec
                $0.row = size.rows
                $0.column = size.columns
            })  // it may have ended meanwhile
    }

    func signal(_ process: GuestProcessID, _ number: CInt) async throws {
        _ = try await signalProcess(
            .with {
                $0.containerID = process.container
                $0.execID = process.exec
                $0.signal = UInt32(number)
            })
    }

    fileprivate func wait(_ process: GuestProcessID) async throws -> WireWaitProcessResponse {
        try await waitProcess(
            .with {
                $0.containerID = process.container
                $0.execID = process.exec
            })
    }
}
