// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import KataSystem
internal import KataText
internal import Migrate
internal import Synchronization
internal import SystemPackage

/// What becomes of the host's own things.
struct PlanningOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the new runtime is, or will be, installed.", valueName: "dir"))
    var prefix = "/usr/local"

    @Option(
        name: .customLong("running"),
        help: ArgumentHelp(
            "What becomes of sandboxes that run: leave, drain or recreate; NAME=CHOICE for one of them, more than once if need be.",
            valueName: "choice"))
    var choices: [RunningOption] = []

    var running: RunningPolicy {
        choices.reduce(into: RunningPolicy()) { policy, option in
            if let sandbox = option.sandbox { policy.own[sandbox] = option.choice } else { policy.usual = option.choice }
        }
    }

    @Flag(help: "Take away the records of sandboxes that nobody can start again, and end VMs that no record accounts for.")
    var cleanStale = false

    var layout: TargetLayout { TargetLayout(prefix: FilePath(prefix)) }

    func plan(_ view: HostView) -> Plan {
        let line = ProgressLine()
        defer { line.clear() }
        return Plan(
            for: HostScan(of: view, progress: line.progress), on: view, layout: layout, running: running, cleansStale: cleanStale,
            progress: line.progress)
    }
}

/// `drain`, or `billing=drain`.
struct RunningOption: ExpressibleByArgument {
    let sandbox: String?
    let choice: RunningChoice

    init?(argument: String) {
        let words = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard (1...2).contains(words.count), let choice = words.last.flatMap({ RunningChoice(rawValue: String($0)) }), words[0] != "" else {
            return nil
        }
        self.choice = choice
        sandbox = words.count == 2 ? String(words[0]) : nil
    }

    static var allValueStrings: [String] { RunningChoice.allCases.map(\.rawValue) }
}

/// How a verb that changes the host speaks with its caller.
struct ChangeOptions: ParsableArguments {
    @OptionGroup var output: OutputOptions

    @Option(help: "How progress is printed on standard error: text, or one JSON object a line.")
    var progress = ReportFormat.text
}

/// One run of a verb that changes the host: nobody else's runs beside it, and an interrupt ends it between two operations.
struct ChangeSession: ~Copyable {
    let migrations: Migrations
    private let lock: MigrationLock
    private let speaker: Speaker
    private let output: OutputOptions
    private let root: String
    /// Whether nothing is to be asked.
    private let isSilent: Bool

    init(_ host: HostOptions, _ layout: TargetLayout, _ options: ChangeOptions) throws {
        // A log that cannot be written is said before anything is done.
        try options.output.append("")
        let live = try LiveHost(root: FilePath(host.root))
        let lock = try MigrationLock(of: live, journals: layout.journals)
        let speaker = Speaker(options)
        let interrupts = SharedFD(try SignalQueue([SIGINT, SIGTERM, SIGHUP]).release())
        let guide = MigrationGuide(
            runtime: layout.runtime, boot: try ProcessIdentity.currentBootID(), user: geteuid(), group: getegid(),
            report: { speaker.report($0) },
            isInterrupted: { (try? interrupts.withRaw { try waitReadable([$0], timeoutMilliseconds: 0) })?.first ?? false })
        migrations = Migrations(of: live, layout: layout, guide)
        self.lock = lock
        self.speaker = speaker
        output = options.output
        root = host.root
        isSilent = options.output.yes
    }

    /// For people; programs get the outcome.
    func say(_ line: String) throws {
        if output.format == .text { try output.colors.write(line + "\n") }
        speaker.note(line)
    }

    /// The last word of a verb, for programs.
    ///
    /// - Parameters:
    ///   - id: nil when there was nothing to do.
    ///   - rollback: the command that is offered because something does not work.
    func close(_ id: String?, findings: [VerificationFinding]? = nil, rollback: String? = nil) throws {
        guard output.format == .json else { return }
        let summary = try id.flatMap { id in try migrations.all().first { $0.id == id } }
        try StandardStream.output.write(MigrationOutcome(summary, findings: findings, rollback: rollback).json)
    }

    func show(_ plan: Plan) throws { try output.colors.write(plan.text, to: .error) }

    func rollbackCommand(_ id: String) -> String { "kata-migrate rollback\(place) \(id)" }

    /// The option that names the host in a command, with a blank before it.
    private var place: String { root == "/" ? "" : " --root \(root)" }

    /// Whoever is not asked cannot have said yes.
    func confirm(_ question: String) throws {
        guard canAsk else { throw CommandError.unconfirmed }
        guard try isAgreed(question) else { throw CommandError.declined }
    }

    private var canAsk: Bool { isatty(STDIN_FILENO) == 1 }

    private func isAgreed(_ question: String) throws -> Bool {
        try StandardStream.error.write("\(question) [y/N] ")
        return readLine().map { ["y", "yes"].contains($0.lowercased()) } ?? false
    }

    /// Ends a verb that has looked whether a migration works. Where it does not, the way back is named, and on a terminal taken if wanted.
    func judge(_ id: String, _ findings: [VerificationFinding]) throws {
        guard findings.contains(where: \.isFailed) else { return try close(id, findings: findings) }
        let command = rollbackCommand(id)
        try say(
            "something does not work yet: mend it and run 'kata-migrate verify\(place) \(id)', or take the migration back with: \(command)")
        guard !isSilent, canAsk, try isAgreed("take migration \(id) back now?") else {
            try close(id, findings: findings, rollback: command)
            throw ExitCode.failed
        }
        _ = try migrations.rollBack(id, forced: [], restart: false)
        try say("migration \(id) is rolled back")
        try close(id, findings: findings)
        throw ExitCode.rolledBack
    }

    /// Looks whether what was migrated works, and says so.
    func verify(_ id: String?) throws -> (id: String, findings: [VerificationFinding]) {
        let (id, findings) = try migrations.verify(id)
        for finding in findings { try say("\(finding.verdict.rawValue): \(finding.what): \(finding.detail)".printable) }
        return (id, findings)
    }
}

/// Tells people, programs and a log how far it is.
private final class Speaker: Sendable {
    private let format: ReportFormat
    private let output: OutputOptions
    private let clock = Mutex(TimeLeft())

    init(_ options: ChangeOptions) {
        format = options.progress
        output = options.output
    }

    func report(_ event: MigrationGuide.Event) {
        let (line, object) = described(event)
        let json = (try? encodeJSON(object)).map { String(decoding: $0, as: UTF8.self) }  // strings and integers can always be encoded
        // A reader of progress who has gone must not stop the migration half way.
        _ = try? StandardStream.error.write((format == .json ? json ?? "" : line) + "\n")
        note(line)
    }

    private func described(_ event: MigrationGuide.Event) -> (String, ProgressObject) {
        switch event {
        case .task(let number, let count, let title):
            let left = clock.withLock { $0.seconds(before: number, of: count) }
            let line = "[\(number)/\(count)] \(title)" + (left.map { " (about \($0) s left)" } ?? "")
            return (line.printable, ProgressObject(task: title, number: number, of: count, secondsLeft: left))
        case .note(let text): return (text.printable, ProgressObject(note: text))
        }
    }

    /// The journal is the record and this a courtesy: a disk that is full meanwhile does not end a run.
    func note(_ line: String) { _ = try? output.append(line) }
}

/// A line of `--progress json`; what does not apply is left out.
private struct ProgressObject: Encodable {
    var task: String?
    var number: Int?
    var of: Int?
    var secondsLeft: Int?
    var note: String?
}
