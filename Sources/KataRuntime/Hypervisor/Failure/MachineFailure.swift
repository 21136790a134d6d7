// SPDX-License-Identifier: Apache-2.0

public import KataSystem

/// What was expected of a machine and did not happen.
public enum MachineProblem: Sendable, Equatable {
    case endedAtStart
    case monitorSilent(after: Duration)
    case agentPortClosed(after: Duration)
    /// The port is open and nobody answers on it.
    case agentSilent(after: Duration)
    case endedWhileRunning

    var words: String {
        switch self {
        case .endedAtStart: "qemu ended while it started"
        case .monitorSilent(let limit): "qemu's monitor did not answer within \(limit)"
        case .agentPortClosed(let limit): "the guest did not open its agent port within \(limit)"
        case .agentSilent(let limit): "the agent did not answer within \(limit)"
        case .endedWhileRunning: "the machine ended"
        }
    }
}

/// The report on a machine that failed: stage, QEMU's status and words, the guest's words, and one likely cause.
public struct MachineFailure: FaultyError, Equatable {
    public static let reportedLines = 20

    public let machine: String
    public let facts: FailureFacts
    public let likelyCause: FailureCause

    public init(machine: String, facts: FailureFacts) {
        self.machine = machine
        self.facts = facts
        self.likelyCause = facts.likelyCause
    }

    public var fault: Fault { likelyCause.fault }

    public var description: String { "run machine '\(machine)': \(facts.problem.words) (likely cause: \(likelyCause.explanation))" }

    /// Many lines, for a terminal or a log.
    public var report: String {
        var lines = ["machine '\(machine)': \(facts.problem.words)", "  stage reached: \(facts.stage.words)", "  qemu: \(processWords)"]
        lines += Self.section("qemu's last words", facts.errorLines)
        lines += Self.section("the guest's console", facts.consoleLines)
        lines.append("  likely cause: \(likelyCause.explanation)")
        return lines.joined(separator: "\n")
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        if lines.isEmpty { return ["  \(title): nothing"] }
        return ["  \(title):"] + lines.suffix(reportedLines).map { "    | \($0)" }
    }

    private var processWords: String {
        guard let exit = facts.exit else { return "still running" }
        let status =
            switch exit.status {
            case .exited(let code): "exit status \(code)"
            case .signaled(let number): "killed by signal \(number)"
            }
        return exit.reason.map { "\(status) (\($0.rawValue))" } ?? status
    }
}

extension MachineStage {
    var words: String {
        switch self {
        case .spawned: "qemu started"
        case .monitorReady: "qemu's monitor answered"
        case .machineReady: "guest started"
        case .agentPortOpen: "agent port opened"
        }
    }
}
