// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import Glibc
internal import KataSystem
internal import KataText
internal import SystemPackage

/// Takes a migration back: what was started is stopped, every file gets its former state, and what was stopped runs again.
struct Rollback {
    private(set) var journal: Journal
    private let host: any Host
    private let guide: MigrationGuide
    private let layout: TargetLayout

    init(_ journal: Journal, on host: any Host, _ guide: MigrationGuide) {
        self.journal = journal
        self.host = host
        self.guide = guide
        layout = TargetLayout(prefix: FilePath(journal.undertaking.prefix))
    }

    /// - Parameters:
    ///   - forced: paths that were edited since and get their former state all the same; the edited files are kept beside the journal.
    ///   - restart: whether containers that were stopped for the migration are started again.
    mutating func run(forced: Set<FilePath> = [], restart: Bool = false) throws(MigrationError) {
        guard !journal.state.phase.isPast else {
            throw .nothingLeft(journal.undertaking.plan, phase: journal.state.phase.rawValue)
        }
        do {
            try checkForEdits(forced)
            try checkForStarted()
            let kept = try successors(forced, ofOurStarts: false)
            if !kept.isEmpty { throw MigrationError.succeeded(kept) }
        } catch let error as MigrationError {
            throw error
        } catch {
            throw .operation("look at what was changed", error)
        }
        try journal.append(.began(.rollback, boot: guide.boot, at: .now(), tool: MigrationGuide.tool))
        let operations = Array(journal.undertaking.operations.enumerated()).filter { journal.state.begun[$0.offset] != nil }
        let files = operations.filter { $0.element.path != nil }
        let phases: [[(offset: Int, element: Operation)]] = [
            operations.reversed().filter { $0.element.isUndone(.beforeFiles) }, files.reversed(),
            operations.filter { $0.element.isUndone(.afterFiles) },
            // What stopped last is what the others hang on.
            operations.reversed().filter { $0.element.isUndone(.last) || restart && $0.element.isUndone(.onRequest) },
        ]
        let all = phases.flatMap(\.self)
        var isStopped = false
        for (index, (number, operation)) in all.enumerated() where !journal.state.undone.contains(number) {
            if guide.isInterrupted() { throw .interrupted("rollback") }
            guide.report(.task(index + 1, of: all.count, title: "take back: \(operation.title)"))
            do {
                if operation.path != nil, !isStopped {
                    try awaitEnd(ofSuccessors: forced)
                    isStopped = true
                }
                try undo(operation, number, isForced: operation.path.map { forced.contains($0) } ?? false)
            } catch let error as MigrationError {
                throw error
            } catch {
                throw .operation("take back: \(operation.title)", error)
            }
            try journal.append(.undone(number))
        }
        try journal.append(.rolledBack)
    }

    private func undo(_ operation: Operation, _ number: Int, isForced: Bool) throws {
        switch operation {
        case .create(let path, _, _): try undoCreation(FilePath(path), number, isForced: isForced)
        case .replace(let path, _, let before, _): try undoReplacement(host.resolved(FilePath(path)), before, isForced: isForced)
        case .check, .keep: break
        case .moveAway(let path): try restoreTree(FilePath(path), isForced: isForced)
        case .act(let action):
            guard !host.isCopy, let effect = action.undoing(runtime: guide.runtime) else { return }
            try host.perform(effect)
        }
    }

    private func undoCreation(_ path: FilePath, _ number: Int, isForced: Bool) throws(SystemError) {
        try host.removeTree(host.fresh(path))
        if isForced { try keepEdited(path) }
        try host.removeTree(path)
        for directory in (journal.state.begun[number] ?? []).reversed().map({ FilePath($0) }) {
            // It was being made when the run was cut off.
            try host.removeTree(host.fresh(directory))
            // It was not made yet, or is removed already.
            if try host.node(at: directory) == nil { continue }
            // What somebody else put into it meanwhile stays.
            guard try host.names(in: directory).isEmpty else { return }
            try host.perform(.remove(directory))
        }
    }

    private func undoReplacement(_ path: FilePath, _ before: String, isForced: Bool) throws(SystemError) {
        let backup = journal.backup(of: path)
        let fresh = host.fresh(path)
        try host.removeTree(fresh)
        guard try host.node(at: backup) != nil else { return }
        if isForced { try keepEdited(path) }
        try host.perform(.copyFile(backup, to: fresh))
        try host.perform(.synchronize(path.removingLastComponent()))
        try host.perform(.rename(fresh, to: path))
        try host.perform(.synchronize(path.removingLastComponent()))
    }

    private func restoreTree(_ path: FilePath, isForced: Bool) throws(SystemError) {
        let backup = journal.backup(of: path)
        guard try host.node(at: backup) != nil else { return }
        if isForced { try keepEdited(path) }
        // What is there is in the backup, too, or is kept aside.
        try host.removeTree(path)
        try host.makeParents(of: path, like: backup)
        let fresh = host.fresh(path)
        try host.removeTree(fresh)
        try host.copyTree(backup, to: fresh)
        try host.perform(.synchronize(path.removingLastComponent()))
        try host.perform(.rename(fresh, to: path))
        try host.perform(.synchronize(path.removingLastComponent()))
    }

    private func keepEdited(_ path: FilePath) throws(SystemError) {
        guard try host.node(at: path) != nil else { return }
        var kept = journal.edited(path)
        // An earlier one is kept as well.
        while try host.node(at: kept) != nil { kept = FilePath(kept.string + "+") }
        try host.makeDirectories(to: kept.removingLastComponent(), like: FileAttributes(mode: 0o700))
        try host.copyTree(path, to: kept)
        try host.perform(.synchronize(journal.directory))
    }
}

// What speaks against it.
extension Rollback {
    private func checkForEdits(_ forced: Set<FilePath>) throws {
        var edited: [FilePath] = []
        var differences = ""
        for (number, operation) in journal.undertaking.operations.enumerated() {
            guard journal.state.begun[number] != nil, !journal.state.undone.contains(number), let path = operation.path,
                !forced.contains(path), let ours = try edit(of: operation)
            else { continue }
            edited.append(path)
            differences += "\(path):\n"
            guard let now = try host.node(at: try host.resolved(path)) else {
                differences += "  it is not there any more\n"
                continue
            }
            guard now.kind == .file, let ours else { continue }
            let lines = LineDifference(from: ours, to: try host.bytes(of: try host.resolved(path))).lines
            differences += lines.isEmpty ? "  its mode, owner or extended attributes\n" : lines.map { "  \($0)\n" }.joined()
        }
        guard edited.isEmpty else { throw MigrationError.edited(edited, differences: differences) }
    }

    /// Nil when what is there is ours to take back; else what we left there, if that was a file.
    private func edit(of operation: Operation) throws -> [UInt8]?? {
        switch operation {
        case .create(let path, let content, let mode):
            let ours = try journal.content(content)
            let attributes = FileAttributes(mode: mode, owner: guide.user, group: guide.group)
            let path = FilePath(path)
            return try host.node(at: path) == nil || host.holds(path, ours, attributes) ? nil : .some(ours)
        case .replace(let path, let content, let before, let after):
            let path = try host.resolved(FilePath(path))
            guard let former = try host.node(at: journal.backup(of: path)) else { return nil }
            let ours = try journal.content(content)
            guard let now = try host.node(at: path), now.kind == .file, now.attributes.agrees(with: former.attributes) else {
                return .some(ours)
            }
            let digest = SHA256.hexadecimal(of: try host.bytes(of: path))
            return digest == before || digest == after ? nil : .some(ours)
        case .moveAway(let path):
            let backup = journal.backup(of: FilePath(path))
            guard try host.node(at: backup) != nil, try !host.isOfNewRuntime(FilePath(path)) else { return nil }
            return try host.isRemainder(FilePath(path), of: backup) ? nil : .some(nil)
        case .check, .keep, .act: return nil
        }
    }

    /// A container that somebody started here has changed its own files since: nobody but he can say what becomes of it.
    private func checkForStarted() throws {
        let operations = journal.undertaking.operations
        var started: [String] = []
        for (number, operation) in operations.enumerated() where journal.state.begun[number] != nil {
            guard case .create(let path, _, _) = operation, FilePath(path).starts(with: layout.coldRecords),
                let id = FilePath(path).removingLastComponent().lastComponent?.string, !started.contains(id)
            else { continue }
            let isOurs = operations.indices.contains {
                journal.state.begun[$0] != nil && operations[$0] == .act(.startSandbox(id))
            }
            if !isOurs, try host.node(at: TargetLayout.runningContainers.appending(id)) != nil { started.append(id) }
        }
        guard started.isEmpty else { throw MigrationError.stillStarted(started) }
    }

    /// Directories of the old system in which the new runtime has containers now.
    ///
    /// - Parameter ofOurStarts: whether those count that the migration started, and its rollback stops.
    private func successors(_ forced: Set<FilePath>, ofOurStarts: Bool) throws(SystemError) -> [FilePath] {
        let operations = journal.undertaking.operations
        var found: [FilePath] = []
        for (number, operation) in operations.enumerated() {
            guard journal.state.begun[number] != nil, !journal.state.undone.contains(number), case .moveAway(let text) = operation else {
                continue
            }
            let path = FilePath(text)
            guard !forced.contains(path), try host.isOfNewRuntime(path) else { continue }
            let isOurs = operations.indices.contains { index in
                guard journal.state.begun[index] != nil, case .act(.startContainer(_, let id)) = operations[index] else { return false }
                return id == path.lastComponent?.string
            }
            if ofOurStarts || !isOurs { found.append(path) }
        }
        return found
    }

    /// An engine may clean up a little after it has said that a container is stopped.
    private func awaitEnd(ofSuccessors forced: Set<FilePath>) throws {
        let end = MonotonicInstant.now().advanced(by: UInt64(ProcessEnding.afterStop) * 1_000_000)
        while true {
            let left = try successors(forced, ofOurStarts: true)
            if left.isEmpty { return }
            guard MonotonicInstant.now() < end else { throw MigrationError.succeeded(left) }
            usleep(50_000)
        }
    }
}

extension Operation {
    fileprivate func isUndone(_ phase: Action.UndoPhase) -> Bool {
        if case .act(let action) = self { action.undoPhase == phase } else { false }
    }

    var title: String {
        switch self {
        case .create(let path, _, _): "create \(path)"
        case .replace(let path, _, _, _): "edit \(path)"
        case .check(let engine, let path, _): "have \(engine.rawValue) check \(path)"
        case .moveAway(let path): "move away \(path)"
        case .keep(let path): "keep \(path)"
        case .act(.reloadUnits): "have systemd read its units again"
        case .act(.restartUnit(let unit)): "restart \(unit)"
        case .act(.startUnit(let unit)): "start \(unit)"
        case .act(.stopUnit(let unit)): "stop \(unit)"
        case .act(.stopContainer(let engine, let id)): "\(engine.rawValue) stop \(id.abbreviated)"
        case .act(.startContainer(let engine, let id)): "\(engine.rawValue) start \(id.abbreviated)"
        case .act(.stopPod(let keeper, let id, let endpoint)): keeper.stopping(id.abbreviated, at: endpoint).joined(separator: " ")
        case .act(.unmount(let path)): "unmount \(path)"
        case .act(.endSandbox(let id, _)): "end sandbox \(id.abbreviated)"
        case .act(.startSandbox(let id)): "start \(id.abbreviated)"
        case .act(.endLeftovers(let processes)): "end leftover processes \(processes.map { "\($0.pid)" }.joined(separator: ", "))"
        }
    }
}
