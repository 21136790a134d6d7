// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import Compat
internal import KataSystem
public import KataText
internal import Migrate
internal import SystemPackage

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write old configurations in today's format.",
        discussion: """
            A file of an engine is written again with today's programs named in it. Files of one directory that the old program read together \
            become one result. Below a directory every file is taken that is recognised, hidden ones left alone. Without FILE the configuration \
            that the old runtime reads is found on the host. Findings go to standard error; when one result is refused, none is written.
            """)

    @Option(help: ArgumentHelp("Find the configuration in a copied tree.", valueName: "dir"))
    var root = "/"

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("File or directory to write; '-' is standard output. Several results need a directory.", valueName: "path"))
    var output = "-"

    @Flag(help: "Replace files that are there.")
    var force = false

    @OptionGroup var documents: DocumentOptions

    @Option(help: "How to print findings.")
    var format = DiagnosticFormat.text

    @OptionGroup var colors: ColorOptions

    @Argument(help: ArgumentHelp("Old configuration files, or directories of them.", valueName: "file"))
    var files: [String] = []

    func run() throws {
        let results = files.isEmpty ? try hostResults() : try namedResults()
        try write(results)
    }

    /// A document and what it is called among several.
    private struct Result {
        let bytes: [UInt8]
        let name: FilePath
    }

    private func namedResults() throws -> [Result] {
        let set = try documents.conversions(of: files)
        try report(set.diagnostics + misplaced(), set.sources)
        let claimed = set.members.filter { $0.conversion.title != nil || $0.isNamed }
        if let refused = claimed.first(where: { $0.conversion.bytes == nil }) {
            throw DocumentError.unwritten(refused.conversion.sources[0].path, others: claimed.count - 1)
        }
        guard !set.isIncomplete, !claimed.isEmpty else { throw DocumentError.nothingToConvert }
        return claimed.compactMap { member in
            let isOnly = claimed.count == 1 && member.conversion.translation != nil
            return member.conversion.bytes.map { Result(bytes: $0, name: isOnly ? "configuration.toml" : member.relative) }
        }
    }

    private func hostResults() throws -> [Result] {
        let named = try documents.dialect()
        let scan = HostScan(of: try HostView(root: FilePath(root), facts: .unknown))
        guard let system = scan.predecessor, let found = system.filesInUse.first else {
            throw CommandError.noLegacyConfiguration(root: FilePath(root), looked: Registry.legacyDialects.flatMap(\.searchPaths))
        }
        guard let dialect = named ?? Registry.dialect(found.dialect) else { throw CommandError.untranslatable(found.path) }
        let sources = system.filesTogether.map(\.source)
        let conversion = Conversion(
            of: sources, as: dialect, layout: documents.layout, releases: try documents.releases() ?? system.release,
            target: try documents.target())
        let onTheWay = scan.diagnostics.filter { finding in scan.configurations.contains { $0.path == finding.path } }
        try report(onTheWay + conversion.diagnostics + misplaced(), Dictionary(sources.map { ($0.path, $0) }) { first, _ in first })
        guard let bytes = conversion.bytes else { throw CommandError.untranslatable(found.path) }
        return [Result(bytes: bytes, name: "configuration.toml")]
    }

    private func misplaced() throws -> [Diagnostic] {
        [Diagnostic.documentNeverRead(FilePath(output), by: try documents.target() ?? Registry.ours)].compactMap(\.self)
    }

    /// A finding that nobody made is still a document in the formats that machines read.
    private func report(_ diagnostics: [Diagnostic], _ sources: [FilePath: SourceText]) throws {
        guard !diagnostics.isEmpty || format != .text else { return }
        let report = render(diagnostics, sources: sources, as: format, tool: "kata-migrate", pages: allPages)
        if format == .text { try colors.write(report, to: .error) } else { try StandardStream.error.write(report) }
    }

    private func write(_ results: [Result]) throws {
        guard output != "-" else {
            for (index, result) in results.enumerated() {
                let title = results.count == 1 ? "" : (index == 0 ? "" : "\n") + "==> \(result.name.string) <==\n"
                try StandardStream.output.write(Array(title.utf8) + result.bytes)
            }
            return
        }
        let target = FilePath(output)
        let kind = try FileSystem.targetStatus(target)?.kind
        if kind != .directory, results.count > 1, kind != nil { throw DocumentError.severalResults(target) }
        let isDirectory = kind == .directory || results.count > 1
        let places = results.map { (isDirectory ? target.pushing($0.name) : target, $0.bytes) }
        for (place, _) in places where !force {
            if try FileSystem.status(place) != nil { throw CommandError.occupied(place) }
        }
        for (place, bytes) in places {
            if isDirectory { try FileSystem.makeDirectory(place.removingLastComponent()) }
            try AtomicFile.write(bytes, to: place, mode: 0o644)
        }
    }
}

extension DiagnosticFormat: ExpressibleByArgument {}
