// SPDX-License-Identifier: Apache-2.0

internal import Compat
package import KataSystem
internal import KataText
package import SystemPackage

/// The migrations of a host: all that was begun on it, and what can be done with them.
package struct Migrations {
    private let host: any Host
    private let guide: MigrationGuide
    private let layout: TargetLayout

    package init(of host: any Host, layout: TargetLayout, _ guide: MigrationGuide) {
        self.host = host
        self.layout = layout
        self.guide = guide
    }

    /// Carries a plan out, or goes on with the migration that was interrupted.
    ///
    /// - Returns: the id of the migration.
    package func apply(_ plan: Plan, view: HostView) throws(MigrationError) -> String {
        if let open = try unfinished() {
            guard open.state.phase == .applying else {
                throw .unfinished(open.undertaking.plan, phase: open.state.phase.rawValue)
            }
            return try resume(open, view)
        }
        try setAside(plan.journal)
        let number = (try journals().map(\.undertaking.number).max() ?? 0) + 1
        return try resume(Journal(beginning: plan, number: number, on: host), view)
    }

    /// Goes on with the migration that was interrupted while it was applied; nil when none was.
    package func resume(view: HostView) throws(MigrationError) -> String? {
        guard let open = try unfinished(), open.state.phase == .applying else { return nil }
        return try resume(open, view)
    }

    private func resume(_ journal: Journal, _ view: HostView) throws(MigrationError) -> String {
        var applier = Applier(journal, on: host, guide)
        try applier.run(view)
        return journal.undertaking.plan
    }

    /// A host that was rolled back and is migrated again gives the same plan; the first attempt's journal is history.
    private func setAside(_ directory: FilePath) throws(MigrationError) {
        do {
            guard let old = try Journal(at: directory, on: host) else { return }
            guard old.state.phase.isPast else { return }
            var number = 1
            while try host.node(at: FilePath("\(directory).\(number)")) != nil { number += 1 }
            try host.perform(.rename(directory, to: FilePath("\(directory).\(number)")))
        } catch let error as MigrationError {
            throw error
        } catch {
            throw .journal(directory, error)
        }
    }

    /// - Parameter id: nil for the last one that can be taken back.
    /// - Returns: its id.
    package func rollBack(_ id: String?, forced: Set<FilePath>, restart: Bool) throws(MigrationError) -> String {
        let journal = try find(id)
        // What a later migration left is what an earlier one's rollback would find changed.
        var rollback = Rollback(journal, on: host, guide)
        try rollback.run(forced: forced, restart: restart)
        return journal.undertaking.plan
    }

    /// Looks at what a migration left, and tries the new runtime out.
    package func verify(_ id: String?) throws(MigrationError) -> (id: String, findings: [VerificationFinding]) {
        var journal = try find(id)
        guard journal.state.phase == .applied else {
            throw .nothingLeft(journal.undertaking.plan, phase: journal.state.phase.rawValue + ", and cannot be verified")
        }
        let findings = Verification(journal, on: host, guide).findings()
        try journal.append(.verified(!findings.contains(where: \.isFailed)))
        return (journal.undertaking.plan, findings)
    }

    /// Ends the possibility of a rollback: the old system's state goes, which only the backup still has, and what was kept until now.
    ///
    /// - Returns: the id of the migration, and what it kept that somebody has changed since: that stays.
    package func forget(_ id: String?) throws(MigrationError) -> (id: String, changed: [FilePath]) {
        var journal = try find(id)
        let plan = journal.undertaking.plan
        let phase = journal.state.phase
        guard phase == .applied || phase.isPast else { throw .unfinished(plan, phase: phase.rawValue) }
        // From here on there is no way back, and not before all of it is gone an end.
        if phase == .applied || phase == .rolledBack { try journal.append(.forgetting) }
        var changed: [FilePath] = []
        do {
            if !journal.state.isTakenBack { changed = try removeKept(journal) }
            for name in ["backup", "gathering", "content", "edited", "verify"] { try host.removeTree(journal.directory.appending(name)) }
        } catch {
            throw .operation("remove the backup of migration \(plan)", error)
        }
        if phase != .forgotten { try journal.append(.forgotten) }
        return (plan, changed)
    }

    /// What a former attempt has left of it goes as well.
    private func removeKept(_ journal: Journal) throws -> [FilePath] {
        var changed: [FilePath] = []
        for (number, operation) in journal.undertaking.operations.enumerated() where journal.state.begun[number] != nil {
            guard case .keep(let text) = operation else { continue }
            let (path, backup) = (FilePath(text), journal.backup(of: FilePath(text)))
            // Without a backup there is nothing to know it by: it was removed by a former attempt, after what it is of.
            guard try host.node(at: backup) != nil, try host.node(at: path) != nil else { continue }
            if let point = try host.mounts(below: path).first { throw MigrationError.mounted(point, below: path) }
            if try host.isRemainder(path, of: backup) { try host.removeTree(path) } else { changed.append(path) }
        }
        return changed
    }

    /// In the order in which they were begun.
    package func all() throws(MigrationError) -> [MigrationSummary] {
        try journals().sorted { $0.undertaking.number < $1.undertaking.number }.map { MigrationSummary($0) }
    }

    /// What a file of the migration's journal holds: `plan.txt` or `plan.json`.
    package func document(_ name: String, of id: String?) throws(MigrationError) -> [UInt8] {
        let path = try find(id).directory.appending(name)
        do {
            return try host.bytes(of: path)
        } catch {
            throw .journal(path, error)
        }
    }

    /// What a change ticket says of a migration that was begun; nil when there is none, or none that has it.
    ///
    /// - Parameter id: nil for the last one, unless it was taken back.
    package func ticket(of id: String?) throws(MigrationError) -> TicketPage? {
        if id == nil, try journals().allSatisfy({ $0.state.phase.isPast }) { return nil }
        return try find(id).ticket()
    }

    /// What the migration's file changes are, line by line.
    package func differences(of id: String?) throws(MigrationError) -> String {
        let journal = try find(id)
        var text = ""
        do {
            for operation in journal.undertaking.operations {
                guard let path = operation.path else { continue }
                let before = journal.backup(of: path)
                switch operation {
                case .create(_, let content, _):
                    text += "--- /dev/null\n+++ \(path)\n"
                    text += LineDifference(from: [], to: try journal.content(content)).lines.map { "\($0)\n" }.joined()
                case .replace(_, let content, _, _):
                    let former = try host.node(at: before) == nil ? try host.bytes(of: host.resolved(path)) : try host.bytes(of: before)
                    text += "--- \(path)\n+++ \(path)\n"
                    text += LineDifference(from: former, to: try journal.content(content)).lines.map { "\($0)\n" }.joined()
                case .moveAway: text += "--- \(path)\n+++ \(before)\n"
                case .check, .keep, .act: break
                }
            }
        } catch {
            throw .journal(journal.directory, error)
        }
        return text
    }

    /// The one that was cut off; there is at most one, because none begins before the last has ended.
    private func unfinished() throws(MigrationError) -> Journal? {
        try journals().first { [.applying, .rollingBack].contains($0.state.phase) }
    }

    private func find(_ id: String?) throws(MigrationError) -> Journal {
        let all = try journals()
        if let id {
            guard let found = all.first(where: { $0.directory.lastComponent?.string == id }) else { throw .unknownMigration(id) }
            return found
        }
        let open = all.filter { $0.state.phase != .rolledBack && $0.state.phase != .forgotten }
        func last(of some: [Journal]) -> Journal? { some.max { $0.undertaking.number < $1.undertaking.number } }
        guard let last = last(of: open) ?? last(of: all) else { throw .noMigration }
        return last
    }

    private func journals() throws(MigrationError) -> [Journal] {
        do {
            guard try host.node(at: layout.journals) != nil else { return [] }
            return try host.names(in: layout.journals).compactMap { name in
                let directory = layout.journals.appending(name)
                guard try host.node(at: directory)?.kind == .directory else { return nil }
                return try Journal(at: directory, on: host)
            }
        } catch let error as MigrationError {
            throw error
        } catch {
            throw .journal(layout.journals, error)
        }
    }
}

/// A migration in a list.
package struct MigrationSummary: Sendable {
    package let id: String
    /// In words.
    package let phase: String
    package let isUnfinished: Bool
    package let canBeRolledBack: Bool
    package let started: Timestamp?
    package let operations: Int
    package let done: Int
    package let verified: Bool?
    /// What was not done and why.
    package let skipped: [(title: String, why: String)]

    init(_ journal: Journal) {
        id = journal.directory.lastComponent?.string ?? journal.undertaking.plan
        let state = journal.state
        phase = state.phase.rawValue
        isUnfinished = [.applying, .rollingBack, .forgetting].contains(state.phase)
        canBeRolledBack = !state.phase.isPast
        started = state.started
        let all = journal.undertaking.operations
        operations = all.count
        done = all.indices.count { state.isSettled($0) && !state.undone.contains($0) }
        verified = state.verified
        skipped = state.skipped.sorted { $0.key < $1.key }.compactMap { number, why in
            all.indices.contains(number) ? (all[number].title, why) : nil
        }
    }
}
