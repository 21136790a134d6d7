// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import Compat
internal import KataSystem
public import KataText
internal import Migrate
internal import SystemPackage

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write an old configuration in today's format.",
        discussion: "Without FILE the configuration that the old runtime reads is found on the host. Findings go to standard error.")

    @Option(help: ArgumentHelp("Find the configuration in a copied tree.", valueName: "dir"))
    var root = "/"

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("File or directory to write; '-' is standard output.", valueName: "path"))
    var output = "-"

    @Flag(help: "Replace the file if there is one.")
    var force = false

    @Option(help: ArgumentHelp("Where the new runtime is, or will be, installed.", valueName: "dir"))
    var prefix = "/usr/local"

    @Option(help: ArgumentHelp("What to read the file as, instead of recognising it.", valueName: "name"))
    var dialect: String?

    @Option(help: "How to print findings.")
    var format = DiagnosticFormat.text

    @Argument(help: "The old configuration file.")
    var file: String?

    func run() throws {
        let named = try dialect.map(dialect(named:))
        let (source, usual, found) = try legacySource()
        let conversion = Conversion(of: source, layout: TargetLayout(prefix: FilePath(prefix)), dialect: named ?? usual)
        let diagnostics = found + conversion.diagnostics
        // A finding that nobody made is still a document in the formats that machines read.
        if !diagnostics.isEmpty || format != .text {
            try StandardStream.error.write(
                render(
                    diagnostics, sources: [source.path: source], as: format, tool: "kata-migrate",
                    pages: MigrationCodes.pages + Registry.pages))
        }
        guard let bytes = conversion.bytes else { throw CommandError.untranslatable(source.path) }
        try write(bytes)
    }

    /// The document, the dialect that is read at its place, and what was found on the way to it.
    private func legacySource() throws -> (SourceText, Dialect?, [Diagnostic]) {
        if let file {
            // Two documents in one are as large as the largest known; a device or a mistaken image is not read to its end.
            return (SourceText(path: FilePath(file), bytes: try FileSystem.read(FilePath(file), limit: 1 << 20)), nil, [])
        }
        let scan = HostScan(of: try HostView(root: FilePath(root), facts: .unknown))
        guard let configuration = scan.configuration else {
            throw CommandError.noLegacyConfiguration(root: FilePath(root), looked: Registry.legacyDialects.flatMap(\.searchPaths))
        }
        let usual = Registry.dialect(configuration.dialect)
        return (
            configuration.source, usual, scan.diagnostics.filter { finding in scan.configurations.contains { $0.path == finding.path } }
        )
    }

    private func dialect(named name: String) throws -> Dialect {
        guard let dialect = Registry.dialect(Dialect.ID(rawValue: name)) else {
            throw CommandError.unknownDialect(name, known: Registry.dialects.map(\.id.rawValue))
        }
        return dialect
    }

    private func write(_ bytes: [UInt8]) throws {
        guard output != "-" else { return try StandardStream.output.write(String(decoding: bytes, as: UTF8.self)) }
        var target = FilePath(output)
        if try FileSystem.targetStatus(target)?.kind == .directory { target.append("configuration.toml") }
        if try !force && FileSystem.status(target) != nil { throw CommandError.occupied(target) }
        try AtomicFile.write(bytes, to: target, mode: 0o644)
    }
}

extension DiagnosticFormat: ExpressibleByArgument {}
