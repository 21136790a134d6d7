// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// Takes a container away: asks its shim, and cleans up after whatever does not answer.
struct ContainerEnd: Sendable {
    let root: StateRoot
    let id: ContainerID
    let errors: ErrorLog

    /// How long a shim may take, VM included, before it is ended by force.
    private static let patience = Duration.seconds(30)

    func delete(force: Bool) throws {
        let record: ContainerRecord
        do throws(RecordError) {
            record = try root.record(id)
        } catch {
            guard force else { throw error }
            // Nothing that can be read is known of it: what is there is taken away, and what is not there is no error.
            return try root.remove(id)
        }
        let status = record.status()
        // What they are is taken away with the container.
        let hooks = HookRun.hooks(of: record, root)?.poststop
        // What has no VM has nothing that could run.
        guard force || status == .stopped || record.isCold else { throw SandboxError.wrongStatus(id, status, act: "delete") }
        if case .creating = record.life {
            try abandon(record)
            return reportEnd(of: record, hooks)
        }
        if let shim = record.shim, shim.isAlive {
            do {
                if try ask(record, force) {
                    let own = record.stub.map { [$0] } ?? []
                    try ContainerCleanup(root: root, id: id, sandbox: nil, processes: own, cgroup: record.cgroup).run()
                    return reportEnd(of: record, hooks)
                }
                ProcessEnd.wait(for: shim, milliseconds: 5000)
            } catch let refusal as TTRPCStatus where refusal.code == .failedPrecondition && !force {
                throw refusal
            } catch {
                // A shim that is there and does not answer: the cleanup ends it.
            }
        }
        try ContainerCleanup(root: root, id: id, record: record).run()
        reportEnd(of: record, hooks)
    }

    /// Has the shim of a container that is being made end, so that whoever makes it fails and takes back what there is of it.
    ///
    /// - Returns: false when it is made, or taken back already.
    func interrupt() -> Bool {
        guard let record = try? root.record(id), case .creating = record.life else { return false }
        _ = endUnused(record)
        return true
    }

    /// A creation that is given up: its shim may be on its way, be there without a container, or serve the others of a pod.
    private func abandon(_ record: ContainerRecord) throws {
        let isShared = endUnused(record)
        try ContainerCleanup(
            root: root, id: id, sandbox: isShared ? nil : record.sandboxDirectory, processes: [], cgroup: record.cgroup
        ).run()
    }

    /// - Returns: whether the shim serves others, and goes on.
    private func endUnused(_ record: ContainerRecord) -> Bool {
        // Nobody listens before the shim is up.
        guard let client = try? ShimClient(SandboxDirectory(record.sandboxDirectory)) else { return false }
        defer { client.close() }
        return Self.endUnused(client)
    }

    private static func endUnused(_ client: ShimClient) -> Bool {
        // It may end before it answers.
        (try? waitFor { try await client.tasks.shutdown(.init(), timeout: patience) })?.inUse ?? false
    }

    private func reportEnd(of record: ContainerRecord, _ hooks: [HookSpec]?) {
        guard let ourselves = try? ProcessIdentity.current() else { return }  // a process can always look at itself
        var ended = record
        ended.life = .stopped(status: 0, shim: ourselves)
        HookRun.afterwards(ended, root, "poststop", errors, hooks)
    }

    /// - Returns: whether other containers are in the sandbox, which goes on.
    private func ask(_ record: ContainerRecord, _ force: Bool) throws -> Bool {
        let client = try ShimClient(SandboxDirectory(record.sandboxDirectory))
        defer { client.close() }
        let request = WireDeleteTaskRequest.with {
            $0.id = id.rawValue
            $0.force = force
        }
        do {
            _ = try waitFor { try await client.tasks.delete(request, timeout: Self.patience) }
        } catch let status as TTRPCStatus where status.code == .notFound {
            // The shim never got as far as making it.
        }
        return Self.endUnused(client)
    }
}
