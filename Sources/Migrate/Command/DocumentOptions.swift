// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Compat
internal import KataSystem
internal import KataText
internal import Migrate
internal import SystemPackage

/// How files that a command line names are read and converted.
struct DocumentOptions: ParsableArguments {
    @Option(
        name: [.customLong("from"), .customLong("dialect")],
        help: ArgumentHelp("What to read the files as, instead of recognising each; see 'dialects'.", valueName: "dialect"))
    var from: String?

    @Option(help: ArgumentHelp("The runtime to write for, instead of ours; see 'dialects'.", valueName: "target"))
    var to: String?

    @Option(
        help: ArgumentHelp("The release that read the files, such as 3.0.9 or 3.0, where releases differ.", valueName: "release"))
    var release: String?

    @Option(help: ArgumentHelp("Where the new runtime is, or will be, installed.", valueName: "dir"))
    var prefix = "/usr/local"

    @Option(help: ArgumentHelp("The runtime class that pods in manifests ask for.", valueName: "name"))
    var runtimeClass = "kata"

    @Option(
        help: ArgumentHelp("Where the old cluster ran pods that say nothing: unknown, shared (its kernel), sandboxed.", valueName: "where"))
    var clusterDefault = "unknown"

    var layout: TargetLayout {
        var layout = TargetLayout(prefix: FilePath(prefix))
        // Other values did not pass the validation.
        layout.manifests = manifests ?? .standard
        return layout
    }

    private var manifests: ManifestOptions? {
        ManifestOptions.ClusterDefault(rawValue: clusterDefault).flatMap { ManifestOptions(runtimeClass: runtimeClass, clusterDefault: $0) }
    }

    func validate() throws {
        guard manifests == nil else { return }
        throw ValidationError(
            "--runtime-class takes lower case letters, digits and '-', --cluster-default takes unknown, shared or sandboxed")
    }

    /// Nil to recognise each file.
    func dialect() throws -> Dialect? {
        guard let from else { return nil }
        if let exact = Registry.dialect(Dialect.ID(rawValue: from)) { return exact }
        let meant = Registry.dialects.filter { $0.isMeant(by: from) }
        guard meant.count == 1 else { throw CommandError.unknownDialect(from, known: Registry.dialects.map(\.id.rawValue)) }
        return meant[0]
    }

    /// Nil for ours.
    func target() throws -> TargetDialect? {
        guard let to else { return nil }
        guard let found = Registry.target(Dialect.ID(rawValue: to)) else {
            throw DocumentError.unknownTarget(to, known: Registry.targets.map(\.id.rawValue))
        }
        return found.id == Registry.targets[0].id ? nil : found
    }

    /// Nil when it is not known.
    func releases() throws -> ClosedRange<Release>? {
        guard let release else { return nil }
        let numbers = release.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...3).contains(numbers.count), !numbers.contains(nil) else { throw DocumentError.unknownRelease(release) }
        let known = numbers.compactMap(\.self)
        func filled(_ number: Int) -> Release {
            let all = known + Array(repeating: number, count: 3 - known.count)
            return Release(all[0], all[1], all[2])
        }
        return filled(0)...filled(.max)
    }

    func conversions(of paths: [String]) throws -> ConversionSet {
        ConversionSet(
            of: DocumentSearch(paths.map { FilePath($0) }), layout: layout, dialect: try dialect(), releases: try releases(),
            target: try target())
    }
}

/// The documentation of every code that a command can report.
let allPages: [DiagnosticPage] =
    TextDiagnostics.pages + MigrationCodes.pages + Registry.pages + Docker.pages

/// What files ask for and cannot be had.
enum DocumentError: FaultyError {
    case nothingToConvert
    case severalResults(FilePath)
    case unwritten(FilePath, others: Int)
    case unknownKey(String, suggestion: String?)
    case unknownSystem(String, known: [String])
    case unknownRelease(String)
    case unknownTarget(String, known: [String])
    case incomparable(String)
    case updateWithoutGolden

    var fault: Fault { .user }

    var description: String {
        switch self {
        case .nothingToConvert: "convert: none of the files is one of an old system; 'kata-migrate dialects' lists what can be read"
        case .severalResults(let path): "write '\(path)': there are several results; name a directory with --output"
        case .unwritten(let path, let others):
            "convert '\(path)': nothing is written because of its errors" + (others > 0 ? ", nor of \(others) others" : "")
        case .unknownKey(let name, let suggestion):
            "explain '\(name)': no system has such a key" + (suggestion.map { ", did you mean '\($0)'?" } ?? "")
        case .unknownSystem(let name, let known): "explain '\(name)': the systems are \(known.joined(separator: ", "))"
        case .unknownTarget(let name, let known): "write for '\(name)': the targets are \(known.joined(separator: ", "))"
        case .unknownRelease(let text): "read release '\(text)': a release has up to three numbers, as in 3.0.9"
        case .incomparable(let name): "compare '\(name)': it cannot be used because of its errors"
        case .updateWithoutGolden: "check: --update writes what --expect names, and that is missing"
        }
    }
}
