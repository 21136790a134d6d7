// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import KataSystem

package struct Checkpoint: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Refused: a virtual machine is not checkpointed by CRIU.")

    @Argument(parsing: .captureForPassthrough, help: "Accepted as runc's.")
    var arguments: [String] = []

    package init() {}

    package func run() throws { throw CheckpointRefused(act: "checkpoint") }
}

package struct Restore: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Refused: a virtual machine is not restored by CRIU.")

    @Argument(parsing: .captureForPassthrough, help: "Accepted as runc's.")
    var arguments: [String] = []

    package init() {}

    package func run() throws { throw CheckpointRefused(act: "restore") }
}

struct CheckpointRefused: FaultyError {
    let act: String
    var fault: Fault { .user }

    var description: String {
        "\(act): CRIU saves processes of the host's kernel, and this container's run on a kernel of their own; use pause and resume"
    }
}
