// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
internal import SystemPackage

/// A line of the journal; what is on disk has happened, and nothing else is known to have.
enum JournalEntry: Codable, Sendable, Hashable {
    enum Run: String, Codable, Sendable { case apply, rollback }

    /// A process set to work. The time is for readers only: the host's clock may jump.
    case began(Run, boot: String, at: Timestamp, tool: String)
    /// An operation is about to be carried out, and makes these directories for it.
    case intent(Int, directories: [String])
    /// How long it took, and when it ended: milliseconds of the monotonic clock, which begins anew with each boot. Nil in journals of
    /// before there was such a time.
    case done(Int, milliseconds: Int, at: Int?)
    /// An operation had nothing to do.
    case skipped(Int, why: String)
    case applied
    case undone(Int)
    case rolledBack
    /// Whether everything was found in order.
    case verified(Bool)
    /// The backup is about to go.
    case forgetting
    case forgotten
}

/// What a journal says, read from its beginning.
struct JournalState: Sendable {
    enum Phase: String, Sendable {
        case applying = "interrupted while it was applied"
        case applied
        case rollingBack = "interrupted while it was rolled back"
        case rolledBack = "rolled back"
        case forgetting = "interrupted while it was forgotten"
        case forgotten

        /// Whether there is no more way back.
        var isPast: Bool { self == .rolledBack || self == .forgetting || self == .forgotten }
    }

    /// On the clock of one boot.
    private struct Moment {
        let boot: String?
        let milliseconds: Int
    }

    private(set) var phase = Phase.applying
    /// The directories of each operation that was begun.
    private(set) var begun: [Int: [String]] = [:]
    private(set) var done: [Int: Int] = [:]
    private var ended: [Int: Moment] = [:]
    private(set) var skipped: [Int: String] = [:]
    private(set) var undone: Set<Int> = []
    /// Whether a rollback has come to its end.
    private(set) var isTakenBack = false
    private(set) var verified: Bool?
    /// Of the first run: what it found in /run a later one may miss.
    private(set) var boot: String?
    /// Of the last run.
    private var latestBoot: String?
    private(set) var started: Timestamp?

    init() {}

    /// - Parameter journal: the content of its file.
    init(of journal: [UInt8]) {
        // A line without its end was being written when the power went; what it was to say has not happened.
        let whole = journal.prefix((journal.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
        for line in whole.split(separator: UInt8(ascii: "\n")) {
            // The first half of a line that a later run continued: it was never whole.
            guard let document = JSONDocument.parse(SourceText(path: "journal", bytes: Array(line))).value,
                let entry = try? document.decode(JournalEntry.self)
            else { continue }
            take(entry)
        }
    }

    mutating func take(_ entry: JournalEntry) {
        switch entry {
        case .began(let run, let boot, let time, _):
            if self.boot == nil { self.boot = boot }
            latestBoot = boot
            if started == nil { started = time }
            if run == .rollback { phase = .rollingBack }
        case .intent(let number, let directories): begun[number] = directories
        case .done(let number, let milliseconds, let end):
            done[number] = milliseconds
            ended[number] = end.map { Moment(boot: latestBoot, milliseconds: $0) }
        case .skipped(let number, let why): skipped[number] = why
        case .applied: phase = .applied
        case .undone(let number): undone.insert(number)
        case .rolledBack: (phase, isTakenBack) = (.rolledBack, true)
        case .verified(let verdict): verified = verdict
        case .forgetting: phase = .forgetting
        case .forgotten: phase = .forgotten
        }
    }

    /// Milliseconds from the begin of an operation to the end of another, with whatever came between them; nil when the host was restarted
    /// meanwhile, so that no clock has counted them.
    func span(from first: Int, through last: Int) -> Int? {
        guard let took = done[first], let begin = ended[first], let end = ended[last], begin.boot == end.boot else { return nil }
        let span = end.milliseconds - begin.milliseconds + took
        return span >= 0 ? span : nil
    }

    /// Whether nothing more is to be done for an operation.
    func isSettled(_ number: Int) -> Bool { done[number] != nil || skipped[number] != nil }
}
