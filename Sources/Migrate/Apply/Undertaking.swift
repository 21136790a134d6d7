// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataSystem
internal import SystemPackage

/// A plan as it is carried out: kept beside its journal, so that a run that was cut off knows what was meant.
struct Undertaking: Codable, Sendable {
    static let currentVersion = 1

    struct Task: Codable, Sendable {
        let id: String
        /// For progress and reports.
        let title: String
        let operations: [Operation]
        let reliesOn: [Observation]
    }

    let version: Int
    /// Counts the migrations of a host: its clock may jump between two of them.
    let number: Int
    let plan: String
    /// As given to `make install`.
    let prefix: String
    /// Where engines listen for a kubelet, by their names, if it is not where they usually do.
    let endpoints: [String: String]?
    let tasks: [Task]

    /// All operations in their order; the journal names them by their index here.
    var operations: [Operation] { tasks.flatMap(\.operations) }
}

/// One act that can be undone. What a file is to hold lies beside the journal, under a number.
enum Operation: Codable, Sendable, Hashable {
    /// A file that was not there.
    case create(String, content: Int, mode: UInt32)
    /// Other bytes in a file; the digests are SHA-256 of before and after.
    case replace(String, content: Int, before: String, after: String)
    /// The engine is asked about the new content of a file.
    case check(Engine, String, content: Int)
    /// Into the backup, with all that is below.
    case moveAway(String)
    /// Stays until the migration is forgotten; its copy in the backup tells whether somebody has changed it since.
    case keep(String)
    case act(Action)

    /// The path that changes.
    var path: FilePath? {
        switch self {
        case .create(let path, _, _), .replace(let path, _, _, _), .moveAway(let path): FilePath(path)
        case .check, .keep, .act: nil
        }
    }
}

/// What is asked of a program, or of processes. Each may be asked twice.
enum Action: Codable, Sendable, Hashable {
    case reloadUnits
    case restartUnit(String)
    case stopUnit(String)
    case startUnit(String)
    case stopContainer(Engine, String)
    case startContainer(Engine, String)
    /// With the address at which its keeper listens, if that is not the usual one.
    case stopPod(PodKeeper, String, endpoint: String?)
    case unmount(String)
    /// The id and the processes, in the order in which they are to end.
    case endSandbox(String, [ExpectedProcess])
    case startSandbox(String)
    /// In the order in which they are to end.
    case endLeftovers([ExpectedProcess])

    /// When a rollback takes it back, relative to the files.
    enum UndoPhase {
        case beforeFiles, afterFiles
        /// When the engines have their files back and know it.
        case last
        case onRequest, never
    }

    var undoPhase: UndoPhase {
        switch self {
        case .startContainer, .startSandbox, .startUnit: .beforeFiles
        case .reloadUnits, .restartUnit: .afterFiles
        case .stopUnit: .last
        case .stopContainer: .onRequest
        case .stopPod(let keeper, let id, _): keeper.starting(id) == nil ? .never : .onRequest
        // The VM of an old sandbox is made by its old runtime alone, and what was mounted served a VM that is gone.
        case .endSandbox, .endLeftovers, .unmount: .never
        }
    }

    /// - Parameters:
    ///   - runtime: ours.
    ///   - outputs: where what is started may write to, each to a file of its name.
    func effect(runtime: FilePath, outputs: FilePath) -> Effect {
        switch self {
        case .reloadUnits: .run(["systemctl", "daemon-reload"])
        case .restartUnit(let unit): .run(["systemctl", "restart", unit])
        case .stopUnit(let unit): .run(["systemctl", "stop", unit])
        case .startUnit(let unit): .run(["systemctl", "start", unit])
        case .stopContainer(let engine, let id): .run([engine.rawValue, "stop", id])
        case .startContainer(let engine, let id): .run([engine.rawValue, "start", id])
        case .stopPod(let keeper, let id, let endpoint): .run(keeper.stopping(id, at: endpoint))
        case .unmount(let path): .run(["umount", path])
        case .endSandbox(_, let processes): .end(processes)
        case .endLeftovers(let processes): .reap(processes)
        case .startSandbox(let id): .start([runtime.string, "start", id], output: outputs.appending(id))
        }
    }

    /// Nil when nothing takes it back.
    func undoing(runtime: FilePath) -> Effect? {
        switch self {
        case .reloadUnits: .run(["systemctl", "daemon-reload"])
        case .restartUnit(let unit): .run(["systemctl", "restart", unit])
        case .stopUnit(let unit): .run(["systemctl", "start", unit])
        case .startUnit(let unit): .run(["systemctl", "stop", unit])
        case .stopContainer(let engine, let id): .run([engine.rawValue, "start", id])
        case .startContainer(let engine, let id): .run([engine.rawValue, "stop", id])
        case .startSandbox(let id): .run([runtime.string, "delete", "--force", id])
        case .stopPod(let keeper, let id, _): keeper.starting(id).map(Effect.run)
        case .endSandbox, .endLeftovers, .unmount: nil
        }
    }

    /// Whether it concerns processes alone, which no reboot leaves.
    var endsProcesses: Bool {
        switch self {
        case .endSandbox, .endLeftovers: true
        case .reloadUnits, .restartUnit, .stopUnit, .startUnit, .stopContainer, .startContainer, .stopPod, .unmount, .startSandbox: false
        }
    }
}

extension Undertaking {
    /// - Returns: with the contents that its operations name by number.
    static func of(_ plan: Plan, number: Int) -> (undertaking: Undertaking, contents: [[UInt8]]) {
        var contents: [[UInt8]] = []
        func content(_ bytes: [UInt8]) -> Int {
            contents.append(bytes)
            return contents.count - 1
        }
        func operation(_ change: Change) -> Operation {
            switch change {
            case .create(let path, let bytes, let mode): .create(path.string, content: content(bytes), mode: mode)
            case .replace(let path, let before, let after):
                .replace(
                    path.string, content: content(after), before: SHA256.hexadecimal(of: before), after: SHA256.hexadecimal(of: after))
            case .check(let engine, let path, let bytes): .check(engine, path.string, content: content(bytes))
            case .moveAway(let path), .removeLink(let path): .moveAway(path.string)
            case .keep(let path): .keep(path.string)
            case .reloadUnits: .act(.reloadUnits)
            case .restartUnit(let unit): .act(.restartUnit(unit))
            case .stopUnit(let unit): .act(.stopUnit(unit))
            case .startUnit(let unit): .act(.startUnit(unit))
            case .stopContainer(let engine, let id): .act(.stopContainer(engine, id))
            case .startContainer(let engine, let id): .act(.startContainer(engine, id))
            case .stopPod(let keeper, let id, let endpoint): .act(.stopPod(keeper, id, endpoint: endpoint))
            case .unmount(let path): .act(.unmount(path.string))
            case .stopSandbox(let id, let processes): .act(.endSandbox(id.rawValue, processes))
            case .startSandbox(let id): .act(.startSandbox(id.rawValue))
            case .endLeftovers(let processes): .act(.endLeftovers(processes))
            }
        }
        let tasks = plan.steps.map { step in
            Task(
                id: step.id.rawValue, title: "\(step.kind.rawValue) \(step.object.abbreviated)",
                operations: step.changes.map(operation), reliesOn: step.reliesOn)
        }
        let sockets = plan.scan.engines.compactMap { engine in engine.unusualEndpoint.map { (engine.engine.rawValue, $0) } }
        let undertaking = Undertaking(
            version: currentVersion, number: number, plan: plan.id, prefix: plan.layout.prefix.string,
            endpoints: sockets.isEmpty ? nil : Dictionary(sockets) { first, _ in first }, tasks: tasks)
        return (undertaking, contents)
    }
}

extension Observation: Codable {
    private enum Key: String, CodingKey { case path, target, kind, digest, size, mode, owner, group }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        path = FilePath(try values.decode(String.self, forKey: .path))
        target = try values.decodeIfPresent(String.self, forKey: .target).map { FilePath($0) }
        kind = try values.decode(Kind.self, forKey: .kind)
        digest = try values.decodeIfPresent(String.self, forKey: .digest)
        size = try values.decodeIfPresent(Int64.self, forKey: .size)
        mode = try values.decodeIfPresent(UInt32.self, forKey: .mode)
        owner = try values.decodeIfPresent(UInt32.self, forKey: .owner)
        group = try values.decodeIfPresent(UInt32.self, forKey: .group)
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(path.string, forKey: .path)
        try values.encodeIfPresent(target?.string, forKey: .target)
        try values.encode(kind, forKey: .kind)
        try values.encodeIfPresent(digest, forKey: .digest)
        try values.encodeIfPresent(size, forKey: .size)
        try values.encodeIfPresent(mode, forKey: .mode)
        try values.encodeIfPresent(owner, forKey: .owner)
        try values.encodeIfPresent(group, forKey: .group)
    }
}
