// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import CLinux

package struct State: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Say what a container is doing, as JSON.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        let record = try parent.context.stateRoot.record(try ContainerID(id))
        write(String(decoding: try encodeJSON(try record.state(), pretty: true), as: UTF8.self) + "\n", to: STDOUT_FILENO)
    }
}

extension ContainerRecord {
    /// The document of `state` and of each line of `list` (runtime-spec, State; the further keys are runc's, but for `exitStatus`).
    func state() throws -> ContainerState {
        ContainerState(
            ociVersion: RuntimeVersion.specification, id: try ContainerID(id), status: status(), pid: pid(), bundle: bundle,
            rootfs: rootfs, created: created.rfc3339, owner: "root", annotations: annotations, exitStatus: exitStatus)
    }
}
