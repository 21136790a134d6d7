// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

/// A line of the journal; what is on disk has happened, and nothing else is known to have.
enum JournalEntry: Codable, Sendable, Hashable {
    enum Run: String, Codable, Sendable { case apply, rollback }

    /// A process set to work. The time is for readers only: the host's clock may jump.
    case began(Run, boot: String, at: Timestamp, tool: String)
    /// An operation is about to be carried out, and makes these directories for it.
    case intent(Int, directories: [String])
    case done(Int, milliseconds: Int)
    /// An operation had nothing to do.
    case skipped(Int, why: String)
    case applied
    case undone(Int)
    case rolledBack
    /// Whether everything was found in order.
    case verified(Bool)
    case forgotten
}

/// What a journal says, read from its beginning.
struct JournalState: Sendable {
    enum Phase: String, Sendable {
        case applying = "interrupted while it was applied"
        case applied
        case rollingBack = "interrupted while it was rolled back"
        case rolledBack = "rolled back"
        case forgotten
    }

    private(set) var phase = Phase.applying
    /// The directories of each operation that was begun.
    private(set) var begun: [Int: [String]] = [:]
    private(set) var done: [Int: Int] = [:]
    private(set) var skipped: [Int: String] = [:]
    private(set) var undone: Set<Int> = []
    private(set) var verified: Bool?
    /// Of the first run: what it found in /run a later one may miss.
    private(set) var boot: String?
    private(set) var started: Timestamp?

    mutating func take(_ entry: JournalEntry) {
        switch entry {
        case .began(let run, let boot, let time, _):
            if self.boot == nil { self.boot = boot }
            if started == nil { started = time }
            if run == .rollback { phase = .rollingBack }
        case .intent(let number, let directories): begun[number] = directories
        case .done(let number, let milliseconds): done[number] = milliseconds
        case .skipped(let number, let why): skipped[number] = why
        case .applied: phase = .applied
        case .undone(let number): undone.insert(number)
        case .rolledBack: phase = .rolledBack
        case .verified(let verdict): verified = verdict
        case .forgotten: phase = .forgotten
        }
    }

    /// Whether nothing more is to be done for an operation.
    func isSettled(_ number: Int) -> Bool { done[number] != nil || skipped[number] != nil }
}
