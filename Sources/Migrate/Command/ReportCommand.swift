// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KataSystem
internal import Migrate
internal import SystemPackage

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write one page for the change ticket: of what would be done, or of what was. Changes nothing.",
        discussion: """
            The page has the host's inventory, what becomes of each key of the configuration and of each sandbox, the virtual machine before \
            and after, the steps with their hazards, and the way back; after a migration also what was done and how long it took. Without ID \
            it is about the last migration that was not taken back, and about the plan if there is none.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case html, markdown }

    @OptionGroup var host: HostOptions
    @OptionGroup var planning: PlanningOptions

    @Option(help: "One HTML page that needs no other file, or Markdown.")
    var format = Format.html

    @Option(name: .shortAndLong, help: ArgumentHelp("File to write; '-' is standard output.", valueName: "path"))
    var output = "-"

    @Flag(help: "Replace a file that is there.")
    var force = false

    @Flag(help: "Of the plan, even if there is a migration.")
    var planned = false

    @Argument(help: "The migration.")
    var id: String?

    func validate() throws {
        if planned, id != nil { throw ValidationError("--planned is about no migration that has an id yet") }
    }

    func run() throws {
        let page = try page()
        let bytes = Array((format == .html ? page.html : page.markdown).utf8)
        guard output != "-" else { return try StandardStream.output.write(bytes) }
        let target = FilePath(output)
        if !force, try FileSystem.status(target) != nil { throw CommandError.occupied(target) }
        // It names secrets of nobody, but containers and paths of the host.
        try AtomicFile.write(bytes, to: target, mode: 0o600)
    }

    private func page() throws -> TicketPage {
        if !planned, let page = try host.migrations().ticket(of: id) { return page }
        if let id { throw CommandError.noTicket(id) }
        return TicketPage(of: planning.plan(try host.view()))
    }
}
