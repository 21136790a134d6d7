// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
internal import Synchronization

/// What is known of a machine, kept by those who observe it; outlives the QEMU process.
final class MachineRecord: Sendable {
    private struct State {
        var timeline: MachineTimeline
        var reason: ShutdownReason?
    }

    let name: String
    let output: OutputPump
    /// True when the guest has opened its agent port, false when the machine ended before.
    let agentPort = Eventual<Bool>()
    let ended = Eventual<MachineExit>()
    let departures = DeviceDepartures()
    private let state: Mutex<State>

    init(name: String, output: OutputPump, started: ContinuousClock.Instant) {
        self.name = name
        self.output = output
        state = Mutex(State(timeline: MachineTimeline(started: started)))
    }

    var timeline: MachineTimeline { state.withLock { $0.timeline } }

    func reach(_ stage: MachineStage) { state.withLock { $0.timeline.reach(stage) } }

    func note(_ event: QMPEvent) {
        switch event.name {
        case "VSERPORT_CHANGE" where event.data?["id"]?.string == MachineSpec.agentPortID && event.data?["open"]?.bool == true:
            agentPortDidOpen()
        case "SHUTDOWN":
            guard let reason = event.data?["reason"]?.string.flatMap(ShutdownReason.init) else { return }
            // The first is the cause; a quit while the guest powers off adds another.
            state.withLock { $0.reason = $0.reason ?? reason }
        default: departures.note(event)
        }
    }

    func agentPortDidOpen() {
        reach(.agentPortOpen)
        agentPort.set(true)
    }

    /// Follows the events to their end, and completes the record when QEMU has ended and all that it said is read.
    func observe(_ events: AsyncStream<QMPEvent>, until exit: Eventual<ExitStatus>) {
        let following = Task { for await event in events { note(event) } }
        Task {
            let status = await exit.wait()
            await following.value
            // Only a process that inherited QEMU's standard error could hold it open longer, and the filter allows none.
            _ = await output.drained.wait(atMost: .seconds(1))
            ended.set(MachineExit(status: status, reason: state.withLock { $0.reason }))
            agentPort.set(false)
        }
    }

    func failure(_ problem: MachineProblem) async -> MachineFailure {
        // The connection's end is often seen before the process's.
        let exit = problem == .endedAtStart ? await ended.wait(atMost: .seconds(2)) : ended.value
        let lines = MachineFailure.reportedLines
        return MachineFailure(
            machine: name,
            facts: FailureFacts(
                problem: problem, stage: timeline.last ?? .spawned, exit: exit, errorLines: output.errorLines(lines),
                consoleLines: output.log.tail(lines)))
    }
}
