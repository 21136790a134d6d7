// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
package import KataWire
internal import SystemPackage

extension TTRPCStatus {
    /// What the host is told of a failure: the one table from the agent's errors to codes.
    package init(reporting error: any Error) {
        if let status = error as? TTRPCStatus {
            self = status
            return
        }
        self.init(Self.code(of: error), errorChain(error))
    }

    private static func code(of error: any Error) -> Code {
        switch error {
        case let failure as AgentFailure: code(of: failure)
        case is UnknownCapability, is UnknownResourceLimit: .invalidArgument
        case let failure as SystemError where failure.errno == Errno(rawValue: 110): .deadlineExceeded
        case is CancellationError: .cancelled
        default: .internal
        }
    }

    private static func code(of failure: AgentFailure) -> Code {
        switch failure {
        case .unknownContainer, .unknownProcess: .notFound
        case .containerExists, .processExists, .sandboxExists: .alreadyExists
        case .containerStarted, .processEnded, .noTerminal, .streamClosed, .streamBusy: .failedPrecondition
        case .invalid: .invalidArgument
        case .unsupported: .unimplemented
        // Engines tell a missing program (127) from one that may not run (126).
        case .step(.findProgram, .noSuchFileOrDirectory), .step(.execute, .noSuchFileOrDirectory): .notFound
        case .step(.findProgram, _), .step(.execute, _): .permissionDenied
        case .step, .endedEarly, .hook: .internal
        }
    }
}
