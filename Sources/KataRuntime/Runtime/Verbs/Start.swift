// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataWire

package struct Start: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Start the process of a created container.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        let (client, id) = try ShimClient.of(id, parent, act: "start") { $0 == .created }
        _ = try waitFor { try await client.tasks.start(.with { $0.id = id.rawValue }) }
        let root = try parent.context.stateRoot
        HookRun.afterwards(try root.record(id), root, "poststart", parent.errors) { $0.poststart }
    }
}

extension ShimClient {
    /// The shim of an existing container whose status allows the act.
    static func of(
        _ name: String, _ parent: KataRuntimeCommand, act: String, allowed: (ContainerStatus) -> Bool
    ) throws -> (ShimClient, ContainerID) {
        let id = try ContainerID(name)
        let record = try parent.context.stateRoot.record(id)
        let status = record.status()
        guard allowed(status) else { throw SandboxError.wrongStatus(id, status, act: act) }
        return (try ShimClient(SandboxDirectory(record.sandboxDirectory)), id)
    }
}
