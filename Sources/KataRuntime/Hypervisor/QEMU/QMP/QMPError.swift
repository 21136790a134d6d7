// SPDX-License-Identifier: Apache-2.0

public import KataSystem

/// A QMP command without a result.
public enum QMPError: FaultyError {
    /// QEMU's answer: its error class, such as `GenericError` or `CommandNotFound`, and its words.
    case refused(command: String, class: String, description: String)
    /// The connection ended before the answer.
    case closed(command: String)
    /// The connection was ended because QEMU broke the protocol.
    case malformed(command: String, MalformedStream)
    case timedOut(command: String, Duration)
    case cancelled(command: String)
    case unsendable(command: String, cause: any Error)

    public enum MalformedStream: String, Sendable {
        case lineTooLong = "a line is longer than any message"
        case notAMessage = "a line is no message"
    }

    public var fault: Fault {
        switch self {
        case .refused, .malformed: .peer
        case .closed, .timedOut: .host
        case .cancelled: .user
        case .unsendable: .bug
        }
    }

    public var cause: (any Error)? {
        if case .unsendable(_, let cause) = self { cause } else { nil }
    }

    public var description: String {
        switch self {
        case .refused(let command, let name, let text): "qmp command '\(command)' refused by qemu (\(name)): \(text)"
        case .closed(let command): "qmp command '\(command)' cut off by the end of the connection"
        case .malformed(let command, let problem): "qmp command '\(command)' cut off: \(problem.rawValue)"
        case .timedOut(let command, let limit): "qmp command '\(command)' unanswered within \(limit)"
        case .cancelled(let command): "qmp command '\(command)' cancelled"
        case .unsendable(let command, _): "send qmp command '\(command)'"
        }
    }
}
