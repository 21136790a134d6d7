// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

/// What runs on the host, sorted once by the sandbox that it belongs to: a host may have a thousand of them.
struct SandboxEvidence {
    /// Names are a system's own; those of another may be the same.
    struct Name: Hashable {
        let system: String
        let name: String
    }

    /// Nil when the processes are not known.
    private let processes: [Name: [LegacyProcess]]?
    /// Those whose command lines name no sandbox, by pid.
    private let unnamed: [Int32: LegacyProcess]
    /// The same, by the pid of the process that they are a copy of: a shim forks one that watches it.
    private let copies: [Int32: [LegacyProcess]]
    /// Nil when the mounts are not known.
    let mounts: [Name: [FilePath]]?
    /// Nil when the sockets are not known.
    private let sockets: [Name: [FilePath]]?
    /// By id.
    let containers: [String: DockerContainer]
    /// Docker's; nil when there is no docker.
    let dataRoot: FilePath?

    init(facts: HostFacts, processes: [LegacyProcess]?, docker: DockerHost?) {
        self.processes = processes.map { processes in
            Dictionary(grouping: processes.filter { $0.sandbox != nil }, by: { Name(system: $0.system ?? "", name: $0.sandbox ?? "") })
        }
        let unnamed = Dictionary(
            (processes ?? []).filter { $0.sandbox == nil }.map { ($0.process.pid, $0) }, uniquingKeysWith: { first, _ in first })
        self.unnamed = unnamed
        copies = Dictionary(
            grouping: (processes ?? []).filter {
                $0.sandbox == nil && $0.process.arguments == unnamed[$0.process.parent]?.process.arguments
            }, by: \.process.parent)
        mounts = facts.mounts.map { Self.group($0.map(\.point), below: \.shared) }
        sockets = facts.sockets.map { Self.group($0, below: \.sockets) }
        dataRoot = docker?.dataRoot
        containers = Dictionary((docker?.containers ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The paths below a system's directories by the name that comes next. A host with a thousand sandboxes has ten thousand of them.
    private static func group(_ paths: [FilePath], below roots: (SandboxPlaces) -> [FilePath]) -> [Name: [FilePath]] {
        let systems = LegacySystem.all.map { ($0.name, $0.sandboxes.prefix, roots($0.sandboxes).map { $0.string + "/" }) }
        var groups: [Name: [FilePath]] = [:]
        for path in paths {
            // Sockets are known by the names that they were given when they were made, and /var/run leads to /run.
            let text = path.string.hasPrefix("/var/run/") ? path.string.dropFirst("/var".count) : path.string[...]
            for (system, prefix, roots) in systems {
                guard let root = roots.first(where: text.hasPrefix) else { continue }
                let name = text.dropFirst(root.count).prefix { $0 != "/" }
                if name.hasPrefix(prefix) { groups[Name(system: system, name: String(name)), default: []].append(path) }
            }
        }
        return groups
    }

    /// Of what runs, what belongs to a sandbox of these names.
    func facts(of record: LegacySandbox, _ system: LegacySystem, names: [String]) -> Facts {
        let keys = names.map { Name(system: system.name, name: $0) }
        let shims = record.containers.map(\.id.rawValue).filter { !names.contains($0) }.map { Name(system: system.name, name: $0) }
        var found = processes.map { processes in (keys + shims).flatMap { processes[$0] ?? [] } }
        // A pid from a file is only proof together with a program of the system, and with the start time where that was noted.
        for recorded in record.processes {
            guard let process = unnamed[recorded.pid], process.system == system.name, process.role.belongsToSandbox,
                recorded.noted.map({ !$0.hasSuffix(" ticks") || $0 == "\(process.process.startTime) ticks" }) ?? true
            else { continue }
            for process in [process] + (copies[recorded.pid] ?? []) where found?.contains(process) == false { found?.append(process) }
        }
        let held = sockets.map { sockets in keys.flatMap { sockets[$0] ?? [] } }
        return Facts(processes: found, mounts: mounts.map { mounts in keys.flatMap { mounts[$0] ?? [] } }, sockets: held)
    }

    /// Nil for what is not known.
    struct Facts {
        let processes: [LegacyProcess]?
        let mounts: [FilePath]?
        let sockets: [FilePath]?

        /// Anything that still runs of a sandbox speaks for its life: the old runtimes let VMs outlive their containers.
        var liveness: FoundSandbox.Liveness {
            if processes?.isEmpty == false || sockets?.isEmpty == false { return .running }
            return processes == nil && sockets == nil ? .unknown : .stopped
        }
    }
}

extension LegacyProcess.Role {
    fileprivate var belongsToSandbox: Bool {
        switch self {
        case .hypervisor, .proxy, .shim, .runtime, .virtiofsd: true
        case .daemon, .ksmThrottler, .engine: false
        }
    }
}
