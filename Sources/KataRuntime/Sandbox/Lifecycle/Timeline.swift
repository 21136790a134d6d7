// SPDX-License-Identifier: Apache-2.0

package import KataSystem
internal import Synchronization

/// When each stage of a start was reached.
package final class Timeline: Sendable {
    package enum Stage: String, Sendable, CaseIterable {
        case shimUp = "shim up"
        case machineUp = "QEMU up"
        case guestInit = "guest init"
        case agentAnswered = "agent answered"
        case containerCreated = "container created"
        case processStarted = "process started"
    }

    /// When the command that wants the container began.
    package let start: MonotonicInstant
    private let marks = Mutex<[Stage: MonotonicInstant]>([:])

    package init(start: MonotonicInstant) { self.start = start }

    /// The first mark of a stage counts.
    package func mark(_ stage: Stage, at instant: MonotonicInstant = .now()) {
        marks.withLock { if $0[stage] == nil { $0[stage] = instant } }
    }

    package subscript(_ stage: Stage) -> MonotonicInstant? { marks.withLock { $0[stage] } }

    /// The stages reached, in order, with the time since the start.
    package var stages: [(stage: Stage, elapsed: Duration)] {
        let marks = marks.withLock { $0 }
        return Stage.allCases.compactMap { stage in marks[stage].map { (stage, $0.since(start)) } }
    }
}
