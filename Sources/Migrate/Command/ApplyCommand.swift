// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KataSystem
internal import KataText
internal import Migrate
internal import SystemPackage

struct ApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Move a host over, as its plan says; or go on where an interrupted run ended.",
        discussion: "Everything is on record before it is done: 'kata-migrate rollback' takes all of it back.")

    @OptionGroup var host: HostOptions
    @OptionGroup var planning: PlanningOptions
    @OptionGroup var change: ChangeOptions

    @Option(help: ArgumentHelp("Refuse any other plan than the one that was looked at.", valueName: "id"))
    var plan: String?

    @Flag(inversion: .prefixedNo, help: "Look afterwards whether the new runtime works.")
    var verify = true

    func run() throws {
        let session = try ChangeSession(host, planning.layout, change)
        let view = try host.view()
        if let id = try session.migrations.resume(view: view) { return try finish(id, session) }
        let found = planning.plan(view)
        if let plan, plan != found.id { throw MigrationError.otherPlan(plan, now: found.id) }
        if found.isBlocked {
            try session.show(found)
            throw ExitCode.blocked
        }
        guard !found.steps.isEmpty else {
            try session.say("nothing to do on \(found.root)")
            return try session.close(nil)
        }
        if !change.output.yes {
            try session.show(found)
            try session.confirm("carry out these \(found.steps.count) steps? Rollback: \(session.rollbackCommand(found.id))")
        }
        try finish(try session.migrations.apply(found, view: view), session)
    }

    private func finish(_ id: String, _ session: borrowing ChangeSession) throws {
        try session.say("migration \(id) is applied; take it back with: \(session.rollbackCommand(id))")
        for summary in try session.migrations.all() where summary.id == id {
            for skipped in summary.skipped { try session.say("not done: \(skipped.title): \(skipped.why)") }
        }
        guard verify else { return try session.close(id) }
        try session.judge(id, try session.verify(id).findings)
    }
}

struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Take a migration back: every byte, mode, owner and link as it was.")

    @OptionGroup var host: HostOptions
    @OptionGroup var change: ChangeOptions

    @Option(
        help: ArgumentHelp("Take it back although this was edited since; the edited file is kept beside the journal.", valueName: "path"))
    var force: [String] = []

    @Flag(help: "Start again what was stopped for the migration.")
    var restart = false

    @Argument(help: "The migration; without it the last one.")
    var id: String?

    func run() throws {
        let session = try ChangeSession(host, TargetLayout(), change)
        if !change.output.yes { try session.confirm("take migration \(id ?? "of this host") back?") }
        let done = try session.migrations.rollBack(id, forced: Set(force.map { FilePath($0) }), restart: restart)
        try session.say("migration \(done) is rolled back")
        try session.close(done)
        throw ExitCode.rolledBack
    }
}

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Look whether a migrated host works: files, sandboxes, engines, and a sandbox that boots.")

    @OptionGroup var host: HostOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "The migration; without it the last one.")
    var id: String?

    func run() throws {
        let session = try ChangeSession(host, TargetLayout(), change)
        let (id, findings) = try session.verify(id)
        try session.judge(id, findings)
    }
}

struct ForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Remove the backup of a migration, and with it the old system's state. It cannot be rolled back then.")

    @OptionGroup var host: HostOptions
    @OptionGroup var change: ChangeOptions

    @Argument(help: "The migration; without it the last one.")
    var id: String?

    func run() throws {
        let session = try ChangeSession(host, TargetLayout(), change)
        if !change.output.yes { try session.confirm("remove the backup for good?") }
        let (gone, changed) = try session.migrations.forget(id)
        try session.say("the backup of migration \(gone) is gone")
        for path in changed { try session.say("\(path) was changed since by somebody else, and stays") }
        try session.close(gone)
    }
}
