// SPDX-License-Identifier: Apache-2.0

package import KataSystem
internal import KataText
package import SystemPackage

/// What is known of one migration of a host: the directory `/var/lib/kata-migrate/PLAN`.
///
/// ```
/// plan.json         the plan as it was shown, as plan.txt
/// report.json       what a change ticket says of the plan and of the host before it
/// undertaking.json  the plan as it is carried out; with it the migration has begun
/// content/N         what its files are to hold
/// journal           one entry a line, each on disk before the next act
/// backup/           the former state of every path that was changed, below its own name
/// output/ID         what a container says that the migration started
/// edited/           what somebody made of our files, moved there by a forced rollback
/// ```
struct Journal {
    let directory: FilePath
    let undertaking: Undertaking
    private(set) var state: JournalState
    private let host: any Host

    private static let page = "report.json"
    private static let rootOnly = FileAttributes(mode: 0o700)
    private static let secret = FileAttributes(mode: 0o600)
    private var file: FilePath { directory.appending("journal") }

    /// Begins a migration. A directory that was left half made is made anew: nothing of the host has been changed by then.
    ///
    /// - Parameter number: counts the migrations of the host.
    init(beginning plan: Plan, number: Int, on host: any Host) throws(MigrationError) {
        let (undertaking, contents) = Undertaking.of(plan, number: number)
        self.host = host
        self.undertaking = undertaking
        directory = plan.journal
        state = JournalState()
        do {
            if try host.node(at: directory) != nil { try host.removeTree(directory) }
            try host.makeDirectories(to: directory, like: Self.rootOnly)
            let content = directory.appending("content")
            try host.perform(.makeDirectory(content, Self.rootOnly))
            for (number, bytes) in contents.enumerated() {
                try host.perform(.write(content.appending("\(number)"), bytes, Self.secret))
            }
            try host.perform(.write(directory.appending("plan.json"), plan.jsonBytes, Self.secret))
            try host.perform(.write(directory.appending("plan.txt"), Array(plan.text.utf8), Self.secret))
            try host.perform(.write(directory.appending(Self.page), try encodeJSON(TicketPage(of: plan)), Self.secret))
            let fresh = directory.appending("undertaking.new")
            try host.perform(.write(fresh, try encodeJSON(undertaking), Self.secret))
            try host.perform(.synchronize(directory))
            try host.perform(.rename(fresh, to: directory.appending("undertaking.json")))
            try host.perform(.synchronize(directory))
        } catch {
            throw .journal(directory, error)
        }
    }

    /// Opens the journal of a migration that was begun; nil when none was.
    init?(at directory: FilePath, on host: any Host) throws(MigrationError) {
        self.host = host
        self.directory = directory
        state = JournalState()
        do {
            let path = directory.appending("undertaking.json")
            guard try host.node(at: path) != nil else { return nil }
            undertaking = try Self.decode(Undertaking.self, path, try host.bytes(of: path))
            guard undertaking.version == Undertaking.currentVersion else {
                throw MigrationError.unknownVersion(directory, undertaking.version)
            }
            let file = directory.appending("journal")
            guard try host.node(at: file) != nil else { return }
            state = JournalState(of: try host.bytes(of: file))
        } catch let error as MigrationError {
            throw error
        } catch {
            throw .journal(directory, error)
        }
    }

    /// What a change ticket says of the migration; nil when the journal was begun by a version that did not write one.
    func ticket() throws(MigrationError) -> TicketPage? {
        let path = directory.appending(Self.page)
        do {
            guard try host.node(at: path) != nil else { return nil }
            return TicketPage(of: self, plan: try Self.decode(TicketPage.self, path, try host.bytes(of: path)))
        } catch let error as MigrationError {
            throw error
        } catch {
            throw .journal(path, error)
        }
    }

    private static func decode<Value: Decodable>(_: Value.Type, _ path: FilePath, _ bytes: [UInt8]) throws -> Value {
        guard let document = JSONDocument.parse(SourceText(path: path, bytes: bytes)).value else { throw MigrationError.damaged(path) }
        return try document.decode(Value.self)
    }

    /// On disk when it returns.
    mutating func append(_ entry: JournalEntry) throws(MigrationError) {
        do {
            // The line feed before it closes a line that a crash left open.
            try host.perform(.append(file, Array("\n".utf8) + (try encodeJSON(entry)) + Array("\n".utf8)))
        } catch {
            throw .journal(file, error)
        }
        state.take(entry)
    }

    func content(_ number: Int) throws(SystemError) -> [UInt8] {
        try host.bytes(of: place(ofContent: number))
    }

    func place(ofContent number: Int) -> FilePath { directory.appending("content").appending("\(number)") }

    /// Where the former state of a path is.
    func backup(of path: FilePath) -> FilePath { directory.appending("backup").pushing(path.removingRoot()) }

    /// Where an edited file goes when a rollback is forced over it.
    func edited(_ path: FilePath) -> FilePath { directory.appending("edited").pushing(path.removingRoot()) }

    /// Where the output of what is started goes.
    var outputs: FilePath { directory.appending("output") }

    /// Where a backup is gathered before it counts.
    var gathering: FilePath { directory.appending("gathering") }
}

/// Why a migration cannot go on. Nothing is lost by any of them.
package enum MigrationError: FaultyError {
    case journal(FilePath, any Error)
    case damaged(FilePath)
    case unknownVersion(FilePath, Int)
    case busy(FilePath)
    case noMigration
    case unknownMigration(String)
    case unfinished(String, phase: String)
    case changedSincePlanned([FilePath])
    case otherPlan(String, now: String)
    case changedMeanwhile(FilePath)
    /// An engine, its file, and its words.
    case refused(String, FilePath, String)
    case mounted(FilePath, below: FilePath)
    case operation(String, any Error)
    case edited([FilePath], differences: String)
    case stillStarted([String])
    /// Directories of the old system in which the new runtime has containers.
    case succeeded([FilePath])
    case nothingLeft(String, phase: String)
    case interrupted(String)

    package var fault: Fault {
        switch self {
        case .journal, .damaged, .operation: .host
        default: .user
        }
    }

    package var cause: (any Error)? {
        switch self {
        case .journal(_, let cause), .operation(_, let cause): cause
        default: nil
        }
    }

    package var description: String {
        switch self {
        case .journal(let path, _): "write the journal '\(path)': see to its disk, then run the command again; what was done is known"
        case .damaged(let path): "read '\(path)': it is not what kata-migrate wrote; restore it from a backup of the host"
        case .unknownVersion(let path, let version):
            "read '\(path)': version \(version) was written by a newer kata-migrate; use that one"
        case .busy(let path): "another kata-migrate is at work ('\(path)' is locked): wait for its end"
        case .noMigration: "find a migration: none was applied on this host; 'kata-migrate plan' shows what one would do"
        case .unknownMigration(let id): "find migration '\(id)': 'kata-migrate status' lists those that were applied"
        case .unfinished(let id, let phase):
            "migration \(id) is \(phase): finish it with 'kata-migrate apply', or take it back with 'kata-migrate rollback'"
        case .changedSincePlanned(let paths):
            "the host has changed since it was looked at: \(Self.list(paths)); run 'kata-migrate plan' again"
        case .otherPlan(let wanted, let now):
            "plan \(wanted) does not hold any more: the host, or an option, gives plan \(now); run 'kata-migrate plan' again"
        case .changedMeanwhile(let path):
            "'\(path)' was changed by somebody else while the migration was interrupted: see to it, or take the migration back with "
                + "'kata-migrate rollback'"
        case .refused(let engine, let path, let words):
            "\(engine) refuses the new '\(path)': \(words.printable); nothing was changed; 'kata-migrate show --diff' prints the edit"
        case .mounted(let point, let path): "'\(path)' is not touched while '\(point)' is mounted: umount it first"
        case .operation(let title, _): "\(title): mend the cause and run the same command again, it goes on from here"
        case .edited(let paths, let differences):
            "roll back over what was changed since: \(Self.list(paths)); --force PATH keeps the edited file aside and goes on\n\(differences)"
        case .stillStarted(let ids):
            "roll back containers that have been started meanwhile: \(ids.joined(separator: ", ")); delete them with "
                + "'kata-runtime delete --force ID' first"
        case .succeeded(let paths):
            "roll back while the new runtime has containers in \(Self.list(paths)): stop them through their engine first ('docker stop ID'), and "
                + "run the same command again"
        case .nothingLeft(let id, let phase): "migration \(id) is \(phase): there is nothing to take back"
        case .interrupted(let command): "interrupted: 'kata-migrate \(command)' goes on from here"
        }
    }

    private static func list(_ paths: [FilePath]) -> String { paths.map { "'\($0)'" }.joined(separator: ", ") }
}
