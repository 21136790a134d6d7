// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

/// What runs on the host, sorted once by the sandbox that it belongs to: a host may have a thousand of them.
struct SandboxEvidence {
    /// Nil when the processes are not known.
    let processes: [String: [LegacyProcess]]?
    /// Nil when the mounts are not known.
    let mounts: [String: [FilePath]]?
    /// Nil when the sockets are not known.
    let sockets: [String: [FilePath]]?
    /// By id.
    let containers: [String: DockerContainer]

    init(facts: HostFacts, processes: [LegacyProcess]?, docker: DockerHost?) {
        self.processes = processes.map { Dictionary(grouping: $0.filter { $0.sandbox != nil }, by: { $0.sandbox ?? "" }) }
        mounts = facts.mounts.map { Self.group($0.map(\.point), below: Virtcontainers.sharedRoot) }
        sockets = facts.sockets.map { Self.group($0, below: Virtcontainers.runRoot) }
        containers = Dictionary((docker?.containers ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func group(_ paths: [FilePath], below directory: FilePath) -> [String: [FilePath]] {
        let prefix = directory.string + "/"
        var groups: [String: [FilePath]] = [:]
        for path in paths where path.string.hasPrefix(prefix) {
            let name = path.string.dropFirst(prefix.count).prefix { $0 != "/" }
            groups[String(name), default: []].append(path)
        }
        return groups
    }

    /// Anything that still runs of a sandbox speaks for its life: the old runtime let VMs outlive their containers.
    func liveness(of id: String) -> FoundSandbox.Liveness {
        if processes?[id] != nil || sockets?[id] != nil { return .running }
        return processes == nil && sockets == nil ? .unknown : .stopped
    }
}
