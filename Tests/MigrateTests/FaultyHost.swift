// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// A host in a directory whose engines and units are a list of what was asked of them, and whose effects fail when the test wants it.
final class FaultyHost: Host {
    private let files: LiveHost
    /// Programs that were run and processes that were ended, in order.
    private(set) var asked: [[String]] = []
    private(set) var effects = 0
    /// The effect of this number does not happen, and says so.
    var failing: (effect: Int, errno: Errno)?
    /// Effects that have failed, if every effect is to fail the first time that it is asked for.
    var failsEachOnce: Set<String>?
    /// Reads that have failed, if every read of every path is to fail the first time.
    var failsEachReadOnce: Set<String>?
    /// The number of the effect that failed, or of the last one before a read that did.
    var failed: Int?
    /// Called before each effect.
    var watch: ((Effect) throws -> Void)?
    /// Mount points, in the order in which they were mounted.
    var mounted: [FilePath] = []
    /// What a program that only asks answers.
    var answer: ([String]) -> CommandResult = { _ in CommandResult(status: 0, output: []) }

    init(_ root: FilePath) throws {
        files = try LiveHost(root: root)
    }

    var isCopy: Bool { false }

    func node(at path: FilePath) throws(SystemError) -> HostNode? {
        try fail("stat", path)
        return try files.node(at: path)
    }

    func bytes(of path: FilePath) throws(SystemError) -> [UInt8] {
        try fail("read", path)
        return try files.bytes(of: path)
    }

    func names(in directory: FilePath) throws(SystemError) -> [String] {
        try fail("list", directory)
        return try files.names(in: directory)
    }

    func areEqual(_ path: FilePath, _ other: FilePath) throws(SystemError) -> Bool {
        try fail("compare", path)
        return try files.areEqual(path, other)
    }

    private func fail(_ call: String, _ path: FilePath) throws(SystemError) {
        guard failsEachReadOnce?.insert("\(call) \(path)").inserted == true else { return }
        failed = effects
        throw SystemError(call: call, subject: path.string, errno: .ioError)
    }

    func mounts(below path: FilePath) throws(SystemError) -> [FilePath] {
        mounted.filter { $0.string == path.string || $0.string.hasPrefix(path.string + "/") }
    }
    func ask(_ command: [String]) throws(SystemError) -> CommandResult { answer(command) }

    func perform(_ effect: Effect) throws(SystemError) {
        effects += 1
        if let failing, failing.effect == effects {
            throw SystemError(call: "inject", subject: "effect \(effects)", errno: failing.errno)
        }
        if failsEachOnce?.insert(effect.name).inserted == true {
            failed = effects
            let errors: [Errno] = [.noSpace, .ioError, .readOnlyFileSystem]
            throw SystemError(call: "inject", subject: "effect \(effects)", errno: errors[effects % 3])
        }
        do {
            try watch?(effect)
        } catch {
            Issue.record(error)
        }
        try carryOut(effect)
    }

    func carryOut(_ effect: Effect) throws(SystemError) {
        switch effect {
        case .run(let command):
            asked.append(command)
            if command.first == "umount", let point = mounted.lastIndex(of: FilePath(command[1])) { mounted.remove(at: point) }
        case .start(let command, _): asked.append(command)
        // What ends here is the process and not the machine, and a disk that others write to takes its time.
        case .synchronize: break
        case .end(let processes): asked.append(["end"] + processes.map { "\($0.pid)" })
        case .reap(let processes): asked.append(["reap"] + processes.map { "\($0.pid)" })
        default: try files.perform(effect)
        }
    }
}

extension Effect {
    /// Whether what a reader sees of the files may be another after it.
    var touchesDisk: Bool {
        switch self {
        case .synchronize, .run, .start, .end, .reap: false
        default: true
        }
    }

    /// The same when it is asked for again: lines of the journal hold the time.
    fileprivate var name: String {
        // A description of all bytes takes longer than anything that is tested here.
        if case .write(let path, _, _) = self { return "write \(path)" }
        guard case .append(_, let bytes) = self else { return "\(self)" }
        switch (try? JSONDocument.parse(SourceText(path: "journal", bytes: bytes)).value?.decode(JournalEntry.self)) ?? nil {
        case .began(let run, _, _, _)?: return "begin \(run)"
        case .done(let number, _, _)?: return "done \(number)"
        case let entry: return "\(String(describing: entry))"
        }
    }

    /// Of lines of the journal what they say and not of what; any other effect itself.
    fileprivate var kind: String {
        if case .append = self { String(name.prefix { $0 != "(" && $0 != " " }) } else { name }
    }

    /// What a process that is killed in the middle leaves of it; nil for what happens whole or not at all.
    var half: Effect? {
        switch self {
        case .write(let path, let bytes, let attributes): .write(path, Array(bytes.prefix(bytes.count / 2)), attributes)
        case .append(let path, let bytes): .append(path, Array(bytes.prefix(bytes.count / 2)))
        default: nil
        }
    }
}

/// What is asked between two operations of a migration.
///
/// SAFETY: a lab belongs to one test, which runs on one thread.
final class BetweenOperations: @unchecked Sendable {
    /// Whether the run is to end here.
    var ask: () throws -> Bool = { false }

    /// Ends a run after one operation.
    func once() {
        var calls = 0
        ask = {
            calls += 1
            return calls > 1
        }
    }

    func isInterrupted() -> Bool {
        do {
            return try ask()
        } catch {
            Issue.record(error)
            return true
        }
    }
}

/// A host fixture that is being migrated.
struct MigrationLab {
    let root: FilePath
    let fixture: HostFixture
    let host: FaultyHost
    let running: RunningChoice
    let between = BetweenOperations()
    var boot = "boot-1"
    /// A plan that was made before; nil to make one.
    var prepared: Plan?

    init(_ fixture: HostFixture, at root: FilePath, running: RunningChoice, prepared: Plan? = nil) throws {
        self.fixture = fixture
        self.root = root
        self.running = running
        self.prepared = prepared
        host = try FaultyHost(root)
        host.mounted = fixture.facts.mounts?.map(\.point) ?? []
    }

    var migrations: Migrations {
        Migrations(
            of: host, layout: TargetLayout(),
            MigrationGuide(
                runtime: TargetLayout().runtime, boot: boot, user: 0, group: 0, isInterrupted: { [between] in between.isInterrupted() }))
    }

    /// - Parameter facts: of the fixture, or of a host on which nothing of the old system runs any more.
    func plan(_ facts: HostFacts? = nil) throws -> Plan { try fixture.plan(root, facts: facts, running: running) }

    func apply() throws {
        let view = try HostView(root: root, facts: fixture.facts)
        if try migrations.resume(view: view) != nil { return }
        _ = try migrations.apply(try prepared ?? plan(), view: view)
    }

    func rollBack(forced: Set<FilePath> = [], restart: Bool = false) throws {
        _ = try migrations.rollBack(nil, forced: forced, restart: restart)
    }

    /// Runs `body` on a copy of the host as it is now, on which nobody has begun to work.
    ///
    /// - Parameter half: what happened of an effect before the copy was made.
    func withCopy(half: Effect? = nil, _ body: (inout MigrationLab) throws -> Void) throws {
        let place = FilePath("\(root.string).\(UInt32.random(in: 0 ... .max))")
        defer { removeQuickly(place) }
        let status = try Subprocess(program: "/bin/cp", arguments: ["cp", "-a", root.string, place.string]).spawn().wait()
        try #require(status == .exited(0))
        var lab = try MigrationLab(fixture, at: place, running: running, prepared: prepared)
        lab.host.mounted = host.mounted
        if let half { try LiveHost(root: place).perform(half) }
        try body(&lab)
    }

    /// Runs `act`, and `body` on a copy of the host as it stands before each of its effects, and in the middle of those that have one.
    ///
    /// These are all states in which a process that is killed can leave a disk. Until the migration is on record nothing of the host may be
    /// changed, and the next run begins anew.
    func atEveryEffect(of act: (MigrationLab) throws -> Void, _ body: (inout MigrationLab) throws -> Void) throws {
        let before = try contents(of: root)
        let record = prepared.map { root.pushing($0.journal.removingRoot()).appending("undertaking.json") }
        try withoutActuallyEscaping(body) { body in
            // What does not touch the disk leaves it as it was before.
            var isTouched = true
            // A line of the journal that was cut off is the same whatever it was to say.
            var cutLines: Set<String> = []
            host.watch = { effect in
                guard record.map(FileSystem.exists) ?? true else {
                    #expect(difference(before, try contents(of: root)) == "")
                    return
                }
                if isTouched { try withCopy(body) }
                if let half = effect.half, cutLines.insert(effect.kind).inserted { try withCopy(half: half, body) }
                isTouched = effect.touchesDisk
            }
            defer { host.watch = nil }
            try act(self)
        }
    }
}

extension HostFixture {
    func withLab<Result>(running: RunningChoice = .recreate, _ body: (inout MigrationLab) throws -> Result) throws -> Result {
        try withTree { root in
            var lab = try MigrationLab(self, at: root, running: running)
            return try body(&lab)
        }
    }

    /// Once all has ended that a migration stops.
    func quiet(after plan: Plan, of scan: HostScan) -> HostFacts {
        let drained = Set(plan.sandboxes.filter(\.isDrained).map(\.sandbox))
        let ended = scan.sandboxes.filter { drained.contains($0.id) }
        let stopped = plan.steps.flatMap(\.changes).compactMap { if case .stopUnit(let unit) = $0 { unit } else { nil } }
        let reaped = plan.steps.flatMap(\.changes).flatMap { change -> [ExpectedProcess] in
            if case .endLeftovers(let processes) = change { processes } else { [] }
        }
        let pids = Set(ended.flatMap(\.processes).map(\.process.pid) + reaped.map(\.pid))
        let unitSockets = stopped.isEmpty ? [] : LegacySystem.all.flatMap(\.unitSockets)
        var facts = self.facts
        facts.processes = facts.processes?.filter { !pids.contains($0.pid) }
        facts.mounts = facts.mounts?.filter { mount in !ended.contains { $0.mounts.contains(mount.point) } }
        facts.sockets = facts.sockets?.filter { socket in
            !ended.contains { $0.heldSockets?.contains(socket) == true } && !unitSockets.contains(socket)
        }
        let running = (facts.units?.known ?? [:]).filter { !stopped.contains($0.key) }
        facts.units = UnitStates(known: running, otherServices: .inactive)
        return facts
    }
}
