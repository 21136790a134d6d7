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

    @OptionGroup var output: OutputOptions

    @Argument(help: "The migration; without it the last one.")
    var id: String?

    func run() throws {
        let migrations = try host.migrations()
        if diff { return try output.colors.write(try migrations.differences(of: id)) }
        func document(_ name: String) throws -> String { String(decoding: try migrations.document(name, of: id), as: UTF8.self) }
        try output.write(text: try document("plan.txt"), json: try document("plan.json"))
    }
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "List the migrations of a host and how far they are. Changes nothing.")

    @OptionGroup var host: HostOptions

    @OptionGroup var output: OutputOptions

    func run() throws {
        let all = try host.migrations().all()
        try output.write(text: all.text(root: host.root), json: all.json)
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
