// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Compat
internal import KataSystem
internal import KataText
internal import Migrate
internal import SystemPackage

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show two configurations side by side: what holds under each, and the QEMU that each starts.",
        discussion: """
            Each side is a configuration of an old system or of today; a directory stands for the files in it that one program reads together. \
            Without NEW, OLD is compared with what it is converted to. Defaults are those of each side's own system. What every VM has anew \
            stands in angle brackets. In front of each line: = the same, ! not the same, - only old, + only new.
            """)

    @OptionGroup var documents: DocumentOptions

    @Flag(help: "Leave out what is the same.")
    var changed = false

    @Option(help: ArgumentHelp("Characters in a line, instead of as many as the terminal has.", valueName: "n"))
    var width: Int?

    @Option(help: ArgumentHelp("CPUs of the host, instead of this one's.", valueName: "n"))
    var hostCpus: Int?

    @Option(help: ArgumentHelp("Memory of the host, instead of this one's.", valueName: "MiB"))
    var hostMemory: Int?

    @OptionGroup var output: OutputOptions

    @Argument(help: "The old configuration.")
    var old: String

    @Argument(help: "The new configuration.")
    var new: String?

    func validate() throws {
        for (name, number) in [("--width", width), ("--host-cpus", hostCpus), ("--host-memory", hostMemory)] {
            if let number, !(1...(1 << 30)).contains(number) { throw ValidationError("\(name) must be a positive number") }
        }
    }

    func run() throws {
        let before = try read(old)
        let after =
            if let new {
                try side(read(new), new)
            } else {
                try side(converted(before), "the conversion of \(old)")
            }
        let comparison = ConfigurationComparison(try side(before, old), after)
        try output.write(text: comparison.text(width: width ?? terminalWidth, isWhole: !changed), json: comparison.json)
    }

    private var host: LegacyMachine.Host {
        let current = LegacyMachine.Host.current
        return LegacyMachine.Host(
            processors: hostCpus ?? current.processors, memoryMiB: hostMemory ?? current.memoryMiB)
    }

    private func read(_ path: String) throws -> ConfigurationSide.Reading {
        ConfigurationSide.read(
            [FilePath(path)], dialect: try documents.dialect(), releases: try documents.releases(), layout: documents.layout, on: host)
    }

    private func converted(_ reading: ConfigurationSide.Reading) throws -> ConfigurationSide.Reading {
        guard let conversion = reading.conversion else { throw DocumentError.nothingToConvert }
        return ConfigurationSide.converted(conversion, on: host)
    }

    private func side(_ reading: ConfigurationSide.Reading, _ name: String) throws -> ConfigurationSide {
        if !reading.diagnostics.isEmpty {
            try output.colors.write(
                render(reading.diagnostics, sources: reading.sources, as: .text, tool: "kata-migrate", pages: allPages), to: .error)
        }
        guard let side = reading.side else { throw DocumentError.incomparable(name) }
        return side
    }

    /// What goes into a file or a pipe has no width of its own.
    private var terminalWidth: Int { StandardStream.output.columns ?? 120 }
}
