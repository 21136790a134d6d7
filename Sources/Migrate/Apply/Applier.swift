// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataSystem
internal import KataText
package import SystemPackage

/// Carries a migration out, from where its journal says that it is.
struct Applier {
    private(set) var journal: Journal
    private let host: any Host
    private let guide: MigrationGuide

    init(_ journal: Journal, on host: any Host, _ guide: MigrationGuide) {
        self.journal = journal
        self.host = host
        self.guide = guide
    }

    /// - Parameter view: to see whether the host still is what was planned for.
    mutating func run(_ view: HostView) throws(MigrationError) {
        try checkObservations(view)
        try journal.append(.began(.apply, boot: guide.boot, at: .now(), tool: MigrationGuide.tool))
        let tasks = journal.undertaking.tasks
        var number = 0
        for (index, task) in tasks.enumerated() {
            let numbers = number..<(number + task.operations.count)
            number = numbers.upperBound
            guard numbers.contains(where: { !journal.state.isSettled($0) }) else { continue }
            guide.report(.task(index + 1, of: tasks.count, title: task.title))
            for (operation, number) in zip(task.operations, numbers) where !journal.state.isSettled(number) {
                if guide.isInterrupted() { throw .interrupted("apply") }
                let began = MonotonicInstant.now()
                do {
                    guard try perform(operation, number) else { continue }
                } catch let error as MigrationError {
                    throw error
                } catch {
                    throw .operation(task.title, error)
                }
                let end = MonotonicInstant.now().milliseconds
                try journal.append(.done(number, milliseconds: end - began.milliseconds, at: end))
            }
        }
        try journal.append(.applied)
    }

    /// Whether the host was restarted since the migration began.
    private var isRebooted: Bool { journal.state.boot.map { $0 != guide.boot } ?? false }

    /// What a step that has not begun relies on must still be so. What only a reboot has taken is no change of anybody's.
    private func checkObservations(_ view: HostView) throws(MigrationError) {
        let operations = journal.undertaking.operations
        let ours = TouchedPaths(journal.state.begun.keys.compactMap { operations[$0].path })
        let rebooted = isRebooted
        var changed: [FilePath] = []
        var number = 0
        for task in journal.undertaking.tasks {
            let numbers = number..<(number + task.operations.count)
            number = numbers.upperBound
            guard !numbers.contains(where: { journal.state.begun[$0] != nil || journal.state.isSettled($0) }) else { continue }
            for seen in task.reliesOn where !ours.concern(seen.path) {
                let isVolatile = seen.path.starts(with: "/run") || seen.path.starts(with: "/var/run")
                guard let now = try? view.observe(as: seen) else {  // what cannot be read is not as it was
                    changed.append(seen.path)
                    continue
                }
                if now != seen, !(rebooted && isVolatile && now.kind == .absent) { changed.append(seen.path) }
            }
        }
        guard changed.isEmpty else { throw .changedSincePlanned(changed.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }) }
    }

    /// - Returns: false when there was nothing to do, which is in the journal then.
    private mutating func perform(_ operation: Operation, _ number: Int) throws -> Bool {
        switch operation {
        case .create(let path, let content, let mode): try create(FilePath(path), try journal.content(content), mode, number)
        case .replace(let path, let content, let before, let after):
            try replace(host.resolved(FilePath(path)), try journal.content(content), before, after, number)
        case .check(let engine, let path, let content): return try check(engine, FilePath(path), content, number)
        case .moveAway(let path): return try moveAway(FilePath(path), number)
        case .keep(let path):
            guard try beginDeparture(of: FilePath(path), number) else { return false }
        case .act(let action):
            if host.isCopy {
                try journal.append(.skipped(number, why: "nothing runs in a copied tree"))
                return false
            }
            if action.endsProcesses, isRebooted {
                try journal.append(.skipped(number, why: "the host was restarted, and nothing of before runs"))
                return false
            }
            if case .unmount(let point) = action, try !host.mounts(below: FilePath(point)).contains(FilePath(point)) {
                try journal.append(.skipped(number, why: "nothing is mounted there any more"))
                return false
            }
            if case .startSandbox(let id) = action {
                if journal.state.begun[number] != nil, try hasStarted(id) { return true }
                try host.makeDirectories(to: journal.outputs, like: FileAttributes(mode: 0o700))
            }
            try begin(number)
            try host.perform(action.effect(runtime: guide.runtime, outputs: journal.outputs))
        }
        return true
    }

    /// Whether a start that was cut off has come to its end: a container cannot be started twice.
    private func hasStarted(_ id: String) throws(SystemError) -> Bool {
        let answer = try host.ask([guide.runtime.string, "state", id])
        let state = JSONDocument.parse(SourceText(path: "state", bytes: answer.output)).value?.root["status"]?.string
        return answer.status == 0 && state != nil && state != "created"
    }

    /// Nothing has been done by then, so that a refusal is the end of the migration.
    private mutating func check(_ engine: Engine, _ path: FilePath, _ content: Int, _ number: Int) throws -> Bool {
        let verdict =
            host.isCopy
            ? .unknown("nothing runs in a copied tree")
            : EngineCheck(engine: engine).verdict(on: host, fresh: journal.place(ofContent: content), present: try host.resolved(path))
        switch verdict {
        case .accepted: return true
        case .unknown(let why):
            try journal.append(.skipped(number, why: why))
            return false
        case .refused(let words):
            if journal.state.begun.isEmpty { try journal.append(.rolledBack) }
            throw MigrationError.refused(engine.rawValue, path, words)
        }
    }

    /// Says in the journal what is about to happen, once.
    private mutating func begin(_ number: Int, directories: [FilePath] = []) throws(MigrationError) {
        guard journal.state.begun[number] == nil else { return }
        try journal.append(.intent(number, directories: directories.map(\.string)))
    }

    private mutating func create(_ path: FilePath, _ bytes: [UInt8], _ mode: UInt32, _ number: Int) throws {
        let attributes = FileAttributes(mode: mode, owner: guide.user, group: guide.group)
        if try host.node(at: path) != nil {
            guard journal.state.begun[number] != nil, try host.holds(path, bytes, attributes) else {
                throw MigrationError.changedMeanwhile(path)
            }
            return
        }
        try begin(number, directories: try host.missingParents(of: path))
        // Who may not read the file has no business in a directory that is made for it.
        var place = attributes
        place.mode = mode & 0o044 == 0 ? 0o700 : 0o755
        try host.makeDirectories(to: path.removingLastComponent(), like: place)
        try host.replaceWhole(path, with: bytes, attributes)
    }

    private mutating func replace(_ path: FilePath, _ bytes: [UInt8], _ before: String, _ after: String, _ number: Int) throws {
        let digest = SHA256.hexadecimal(of: try host.bytes(of: path))
        if digest == after, journal.state.begun[number] != nil { return }
        guard digest == before, var attributes = try host.node(at: path)?.attributes else { throw MigrationError.changedMeanwhile(path) }
        try begin(number)
        try backUp(path)
        attributes.modified = nil
        try host.replaceWhole(path, with: bytes, attributes)
    }

    private mutating func moveAway(_ path: FilePath, _ number: Int) throws -> Bool {
        guard try beginDeparture(of: path, number) else { return false }
        guard try host.isRemainder(path, of: journal.backup(of: path)) else { throw MigrationError.changedMeanwhile(path) }
        try host.removeTree(path)
        return true
    }

    /// - Returns: false when there was nothing to back up, which is in the journal then.
    private mutating func beginDeparture(of path: FilePath, _ number: Int) throws -> Bool {
        if try host.node(at: path) == nil, try host.node(at: journal.backup(of: path)) == nil {
            try journal.append(.skipped(number, why: "there is nothing any more"))
            return false
        }
        if let point = try host.mounts(below: path).first { throw MigrationError.mounted(point, below: path) }
        try begin(number)
        try backUp(path)
        return true
    }

    /// A backup appears whole or not at all, and is never written again.
    private func backUp(_ path: FilePath) throws(SystemError) {
        let backup = journal.backup(of: path)
        guard try host.node(at: backup) == nil else { return }
        try host.removeTree(journal.gathering)
        try host.copyTree(path, to: journal.gathering)
        try host.makeDirectories(to: journal.directory.appending("backup"), like: FileAttributes(mode: 0o700))
        try host.makeParents(of: backup, like: path)
        try host.perform(.synchronize(journal.directory))
        try host.perform(.rename(journal.gathering, to: backup))
        try host.perform(.synchronize(journal.directory))
    }
}

extension MonotonicInstant {
    fileprivate var milliseconds: Int { Int(nanoseconds / 1_000_000) }
}

/// Paths that a migration has changed already; on a host with a thousand sandboxes there are thousands.
private struct TouchedPaths {
    private var paths: Set<String> = []
    /// Every directory that one of them is in.
    private var parents: Set<String> = []

    init(_ touched: [FilePath]) {
        for path in touched {
            paths.insert(path.string)
            parents.formUnion(Self.parents(of: path))
        }
    }

    /// Whether a path is one of them, below one, or above one.
    func concern(_ path: FilePath) -> Bool {
        paths.contains(path.string) || parents.contains(path.string) || Self.parents(of: path).contains(where: paths.contains)
    }

    private static func parents(of path: FilePath) -> [String] {
        let text = path.string
        return text.indices.filter { text[$0] == "/" && $0 != text.startIndex }.map { String(text[..<$0]) }
    }
}

/// What a migration needs to know of the process that carries it out.
package struct MigrationGuide: Sendable {
    static let tool = "kata-migrate 0.1.0"

    package enum Event: Sendable {
        case task(Int, of: Int, title: String)
        case note(String)
    }

    /// The new runtime's program.
    package let runtime: FilePath
    /// /proc/sys/kernel/random/boot_id.
    package let boot: String
    /// Who owns what is made.
    package let user: UInt32
    package let group: UInt32
    package let report: @Sendable (Event) -> Void
    /// Asked between two operations.
    package let isInterrupted: @Sendable () -> Bool

    package init(
        runtime: FilePath, boot: String, user: UInt32, group: UInt32, report: @escaping @Sendable (Event) -> Void = { _ in },
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) {
        self.runtime = runtime
        self.boot = boot
        self.user = user
        self.group = group
        self.report = report
        self.isInterrupted = isInterrupted
    }
}

extension Host {
    /// Writes beside the path and puts it there whole, on disk.
    func replaceWhole(_ path: FilePath, with bytes: [UInt8], _ attributes: FileAttributes) throws(SystemError) {
        let fresh = fresh(path)
        try perform(.write(fresh, bytes, attributes))
        try perform(.synchronize(path.removingLastComponent()))
        try perform(.rename(fresh, to: path))
        try perform(.synchronize(path.removingLastComponent()))
    }

    /// Whether a regular file is exactly what we make it.
    func holds(_ path: FilePath, _ bytes: [UInt8], _ attributes: FileAttributes) throws(SystemError) -> Bool {
        guard let node = try node(at: path), node.kind == .file, node.attributes.agrees(with: attributes) else { return false }
        guard Int64(bytes.count) == node.size else { return false }
        return try self.bytes(of: path) == bytes
    }
}

extension HostView {
    /// What is there now, looked at as thoroughly as then.
    func observe(as seen: Observation) throws(SystemError) -> Observation {
        seen.digest == nil ? try look(at: seen.path) : try read(seen.path, limit: Survey.fileLimit).seen
    }
}
