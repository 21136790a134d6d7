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

    @Option(help: "What becomes of sandboxes that run.")
    var running: RunningChoice?

    @Flag(help: "Take away the records of sandboxes that nobody can start again.")
    var cleanStale = false

    var layout: TargetLayout { TargetLayout(prefix: FilePath(prefix)) }
}

/// How a verb that changes the host speaks with its caller.
struct ChangeOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Ask nothing.")
    var yes = false

    @Option(help: "How progress is printed on standard error: text, or one JSON object a line.")
    var progress = ReportFormat.text

    @Option(help: ArgumentHelp("Append what is said to a file, too.", valueName: "path"))
    var log: String?
}

/// One run of a verb that changes the host: nobody else's runs beside it, and an interrupt ends it between two operations.
struct ChangeSession: ~Copyable {
    let migrations: Migrations
    private let lock: MigrationLock
    private let speaker: Speaker
    private let root: String

    init(_ host: HostOptions, _ layout: TargetLayout, _ options: ChangeOptions) throws {
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
        root = host.root
    }

    func say(_ line: String) throws { try speaker.say(line) }

    func rollbackCommand(_ id: String) -> String { "kata-migrate rollback\(root == "/" ? "" : " --root \(root)") \(id)" }

    /// Whoever is not asked cannot have said yes.
    func confirm(_ question: String) throws {
        guard isatty(STDIN_FILENO) == 1 else { throw CommandError.unconfirmed }
        try StandardStream.error.write("\(question) [y/N] ")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else { throw CommandError.declined }
    }

    /// - Returns: whether nothing failed.
    func verify(_ id: String?) throws -> Bool {
        let (_, findings) = try migrations.verify(id)
        for finding in findings { try say("\(finding.verdict.rawValue): \(finding.what): \(finding.detail)") }
        return !findings.contains(where: \.isFailed)
    }
}

/// Says things to people, programs and a log.
private struct Speaker: Sendable {
    private let format: ReportFormat
    private let log: FilePath?

    init(_ options: ChangeOptions) {
        format = options.progress
        log = options.log.map { FilePath($0) }
    }

    func say(_ line: String) throws {
        try StandardStream.output.write(line + "\n")
        note(line)
    }

    func report(_ event: MigrationGuide.Event) {
        let (line, fields): (String, [String: String])
        switch event {
        case .task(let number, let count, let title):
            (line, fields) = ("[\(number)/\(count)] \(title)", ["task": title, "number": "\(number)", "of": "\(count)"])
        case .note(let text): (line, fields) = (text, ["note": text])
        }
        let json = (try? encodeJSON(fields)).map { String(decoding: $0, as: UTF8.self) }  // strings can always be encoded
        // A reader of progress who has gone must not stop the migration half way.
        _ = try? StandardStream.error.write((format == .json ? json ?? "" : line) + "\n")
        note(line)
    }

    private func note(_ line: String) {
        guard let log, let file = try? OwnedFD.open(log, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600) else { return }
        _ = try? file.writeAll(Array("\(Timestamp.now().rfc3339) \(line)\n".utf8))  // the journal is the record; this is a courtesy
    }
}
