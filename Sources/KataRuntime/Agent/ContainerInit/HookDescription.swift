// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// A program that is run at a point of a container's life (runtime-spec, POSIX-platform Hooks).
package struct HookDescription: Sendable, Equatable {
    package let program: String
    /// Starts with argv[0].
    package let arguments: [String]
    package let environment: [String]
    /// Zero for none.
    package let seconds: Int64

    package init(program: String, arguments: [String] = [], environment: [String] = [], seconds: Int64 = 0) {
        self.program = program
        self.arguments = arguments.isEmpty ? [program] : arguments
        self.environment = environment
        self.seconds = seconds
    }

    /// The process of a hook that runs as `owner`, the container's own, would.
    func process(like owner: ProcessDescription) -> ProcessDescription {
        var process = owner
        process.arguments = arguments
        process.program = program
        process.environment = ProcessEnvironment(environment)
        process.terminal = nil
        return process
    }

    /// The steps of a hook outside of all containers, as root.
    var guestSteps: [ContainerStep] {
        [.session, .workingDirectory("/"), .findProgram(program, candidates: [program]), .execute(program)]
    }
}
