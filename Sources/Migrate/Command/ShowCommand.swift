// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KataSystem
internal import Migrate
internal import SystemPackage

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print the plan of a migration, or what it changes in files. Changes nothing.")

    @OptionGroup var host: HostOptions

    @Flag(help: "Print the changes of files line by line.")
    var diff = false

    @Option(help: "How to print it.")
    var format = ReportFormat.text

    @Argument(help: "The migration; without it the last one.")
    var id: String?

    func run() throws {
        let migrations = try host.migrations()
        if diff { return try StandardStream.output.write(try migrations.differences(of: id)) }
        let text = try migrations.document(format == .json ? "plan.json" : "plan.txt", of: id)
        try StandardStream.output.write(String(decoding: text, as: UTF8.self))
    }
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "List the migrations of a host and how far they are. Changes nothing.")

    @OptionGroup var host: HostOptions

    func run() throws {
        let all = try host.migrations().all()
        guard !all.isEmpty else { return try StandardStream.output.write("no migration was applied on \(host.root)\n") }
        for migration in all {
            let verified = migration.verified.map { $0 ? ", verified" : ", verification failed" } ?? ""
            let time = migration.started.map { " begun \($0.rfc3339)," } ?? ""
            try StandardStream.output.write(
                "\(migration.id) \(migration.phase)\(verified),\(time) \(migration.done) of \(migration.operations) operations\n")
            for skipped in migration.skipped { try StandardStream.output.write("  not done: \(skipped.title): \(skipped.why)\n") }
        }
        // For scripts: there is something to finish.
        if all.contains(where: \.isUnfinished) { throw ExitCode.interrupted }
    }
}

extension HostOptions {
    /// For verbs that only read.
    func migrations() throws -> Migrations {
        let guide = MigrationGuide(runtime: TargetLayout().runtime, boot: "", user: 0, group: 0)
        return Migrations(of: try LiveHost(root: FilePath(root)), layout: TargetLayout(), guide)
    }
}
