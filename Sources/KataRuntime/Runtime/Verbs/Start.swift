// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataWire
internal import SystemPackage

package struct Start: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Start the process of a created container.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        let name = try ContainerID(id)
        if try parent.context.stateRoot.record(name).isCold { try boot(name) }
        let (client, id) = try ShimClient.of(id, parent, act: "start") { $0 == .created }
        _ = try waitFor { try await client.tasks.start(.with { $0.id = id.rawValue }) }
        let root = try parent.context.stateRoot
        let record = try root.record(id)
        HookRun.afterwards(record, root, "poststart", parent.errors, HookRun.hooks(of: record, root)?.poststart)
    }

    /// Makes the VM that a container of an older runtime never had here; its streams are this command's.
    private func boot(_ id: ContainerID) throws {
        guard geteuid() == 0 else { throw PrivilegeError.notRoot }
        let context = try parent.context
        let bundle = FilePath(try context.stateRoot.record(id).bundle)
        let created = try CreationAbort().guarding {
            try ContainerLaunch(context: context, id: id, bundle: bundle, wakes: true).create(.inherited())
        }
        for notice in created.notices { parent.errors.append(notice, .warning) }
        created.client.close()
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
        guard !record.isCold else { throw SandboxError.noMachineYet(id, act: act) }
        return (try ShimClient(SandboxDirectory(record.sandboxDirectory)), id)
    }
}
