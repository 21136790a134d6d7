// SPDX-License-Identifier: Apache-2.0

package import KataSystem
package import SystemPackage

/// Why the agent does not do what the host asks.
package enum AgentFailure: FaultyError {
    case unknownContainer(String)
    case containerExists(String)
    case containerStarted(String)
    case unknownProcess(container: String, exec: String)
    case processExists(container: String, exec: String)
    case processEnded(container: String, exec: String)
    case noTerminal(container: String, exec: String)
    case streamClosed(String)
    case streamBusy(String)
    case sandboxExists(String)
    case invalid(String)
    /// A feature that this agent does not have.
    case unsupported(String)
    /// The system call that failed in the container's process.
    case step(ContainerStep, Errno)
    /// The container's process ended before it told anything.
    case endedEarly(String)
    case hook(String, point: String, problem: String)

    package var fault: Fault {
        switch self {
        case .step, .endedEarly: .guest
        case .hook: .user
        default: .peer
        }
    }

    package var description: String {
        switch self {
        case .unknownContainer(let id): "find container '\(id)'"
        case .containerExists(let id): "create container '\(id)': it exists"
        case .containerStarted(let id): "start container '\(id)': it was started before"
        case .unknownProcess(let container, let exec): "find process '\(exec)' of container '\(container)'"
        case .processExists(let container, let exec): "add process '\(exec)' to container '\(container)': it exists"
        case .processEnded(let container, let exec): "signal process '\(exec)' of container '\(container)': it has ended"
        case .noTerminal(let container, let exec): "resize the terminal of process '\(exec)' of container '\(container)': it has none"
        case .streamClosed(let name): "use \(name): it is closed"
        case .streamBusy(let name): "use \(name): another request is waiting on it"
        case .sandboxExists(let id): "create sandbox '\(id)': there is one"
        case .invalid(let what), .unsupported(let what): what
        case .step(let step, _): "\(step)"
        case .hook(let program, let point, let problem): "run \(point) hook '\(program)' in the guest: \(problem)"
        case .endedEarly(let id): "create container process '\(id)': it ended before it was ready"
        }
    }

    package var cause: (any Error)? {
        guard case .step(let step, let errno) = self else { return nil }
        return StepCause(step: step, errno: errno)
    }
}

/// errno of a step, for programs in the words that engines look for.
package struct StepCause: Error, CustomStringConvertible {
    let step: ContainerStep
    let errno: Errno

    package var description: String {
        switch (step, errno) {
        case (.findProgram(let program, _), .noSuchFileOrDirectory) where !program.contains("/"):
            "executable file not found in $PATH"
        case (.findProgram, .noSuchFileOrDirectory), (.execute, .noSuchFileOrDirectory): "no such file or directory"
        case (.findProgram, .permissionDenied), (.execute, .permissionDenied): "permission denied"
        case (.findProgram, .isDirectory), (.execute, .isDirectory): "is a directory"
        case (.execute, .execFormatError): "exec format error"
        default: "\(errno)"
        }
    }
}
