// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import CompatTestSupport
internal import KataBundle
internal import KataConfig
internal import KataOCI
internal import KataSystem
internal import KataTestSupport
internal import KataText
internal import Migrate
internal import Synchronization
internal import SystemPackage

/// Something that reads bytes of strangers, and what must hold whatever they are; a law that does not hold traps.
public struct FuzzTarget: Sendable {
    /// `toml`, `dialect-clear-containers-3.0`, `edit-docker-daemon`.
    public let name: String
    /// Directories below fixtures whose files are a good start.
    public let seeds: [String]
    private let read: @Sendable ([UInt8]) -> Void

    /// Reads the bytes.
    public func run(_ bytes: [UInt8]) { read(bytes) }

    /// Each parser of foreign bytes.
    public static let all: [FuzzTarget] =
        formats + Registry.dialects.map(dialect) + EditableFormat.all.map(format) + RecordFormat.allCases.map(records)

    /// The target of that name.
    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }

    private static let formats: [FuzzTarget] = [
        FuzzTarget(name: "toml", seeds: ["toml/valid", "toml/invalid"]) { bytes in
            let source = SourceText(path: "fuzz.toml", bytes: bytes)
            let parsed = TOMLDocument.parse(source)
            report(parsed.diagnostics, source)
            // What the runtime makes of it, too.
            if let document = parsed.value { report(ResolvedConfiguration.resolve([document]).diagnostics, source) }
        },
        other("toml-burntsushi-0.3", .burntSushi03, seeds: "burntsushi-0.3"), other("toml-go-1", .goTOML1, seeds: "go-toml-1"),
        other("toml-1.1", .toml11, seeds: "toml-1.1"),
        FuzzTarget(name: "yaml", seeds: ["engines/kubernetes", "hyperd/pods"]) { bytes in
            let source = SourceText(path: "fuzz.yaml", bytes: bytes)
            report(YAMLStream.parse(source).diagnostics, source)
            report(YAMLStream.parseJSONOrYAML(source).diagnostics, source)
        },
        FuzzTarget(name: "json", seeds: ["engines/docker"]) { bytes in
            let source = SourceText(path: "fuzz.json", bytes: bytes)
            report(JSONDocument.parse(source).diagnostics, source)
        },
        FuzzTarget(name: "config-json", seeds: ["oci"]) { bytes in specification(bytes) },
        FuzzTarget(name: "rpm-packages", seeds: ["rpm/small"]) { bytes in PackageDatabases.read(bytes) },
        FuzzTarget(name: "systemd-unit", seeds: ["engines/docker"]) { bytes in
            let source = SourceText(path: "fuzz.service", bytes: bytes)
            let parsed = SystemdUnitDocument.parse(source)
            report(parsed.diagnostics, source)
            for assignment in parsed.partial?.assignments(of: "ExecStart", in: "Service") ?? [] {
                report(assignment.commands(in: source).diagnostics, source)
            }
        },
        FuzzTarget(name: "command-line", seeds: ["runv"]) { bytes in
            let words = bytes.split { $0 == 0x20 || $0 == 0x0A || $0 == 0 }.map { String(decoding: $0, as: UTF8.self) }
            // The harness could not tell a user's own from what the reading says.
            if words.contains(where: { $0.hasPrefix("--legacy-call=") }) { return }
            for command in LegacyCommandLine.all {
                let reading = command.reading(of: words, hasConfiguration: { false }, exists: { _ in false })
                guard case .run(let today) = reading, let call = today.first(where: { $0.hasPrefix("--legacy-call=") }) else { continue }
                let source = SourceText(path: "call", bytes: Array(call.utf8.dropFirst("--legacy-call=".utf8.count)))
                precondition(Registry.recognise(source).first?.dialect == command.dialect.id, "\(call) is not read as a call")
                report(command.dialect.translation(of: source, assets: .installed()).diagnostics, source)
            }
        },
        FuzzTarget(name: "recognition", seeds: ["clear-containers/3.0", "engines/docker", "kata"]) { bytes in
            for path in ["configuration.toml", "daemon.json", "x.service", "x.yaml", "hypervisor.args", "config"] as [FilePath] {
                _ = Registry.recognise(SourceText(path: path, bytes: bytes))
            }
        },
    ]

    /// A bundle's config.json: what is wrong has words; what is taken is taken again, and is the same, once it is written.
    private static func specification(_ bytes: [UInt8]) {
        let source = SourceText(path: "config.json", bytes: bytes)
        do throws(BundleError) {
            let spec = try Bundle.checked(source)
            precondition((spec.mounts ?? []).allSatisfy { $0.destination.hasPrefix("/") }, "a destination is not absolute")
            guard let written = try? encodeJSON(spec, pretty: false) else { preconditionFailure("what was read cannot be written") }
            let again = try Bundle.checked(SourceText(path: "config.json", bytes: written))
            precondition(again == spec, "it is read as another specification once it is written")
        } catch {
            if case .malformed(_, let diagnostics) = error { report(diagnostics, source) }
            precondition(!errorChain(error).isEmpty, "an error without words")
        }
    }

    /// What is taken by other rules can be written in TOML 1.0.
    private static func other(_ name: String, _ grammar: TOMLGrammar, seeds: String) -> FuzzTarget {
        FuzzTarget(name: name, seeds: ["toml/\(seeds)", "toml/valid"]) { bytes in
            let source = SourceText(path: "fuzz.toml", bytes: bytes)
            let parsed = TOMLDocument.parse(source, grammar: grammar)
            report(parsed.diagnostics, source)
            guard let root = parsed.value?.root else { return }
            let written = SourceText(path: "today.toml", bytes: TOMLEmission(root: TOMLEmission.Table(root)).rendered)
            let again = TOMLDocument.parse(written)
            precondition(again.value?.root.hasSameContent(as: root) == true, "is written as another document: \(again.diagnostics)")
        }
    }

    /// Whatever a dialect makes of a document, its translation is sound TOML.
    private static func dialect(_ dialect: Dialect) -> FuzzTarget {
        // A dialect that is spread over several files tells them by their names.
        let paths = dialect.searchPaths.isEmpty ? [FilePath("/etc/\(dialect.id)")] : dialect.searchPaths
        return FuzzTarget(name: "dialect-\(dialect.id)", seeds: seeds(of: dialect.id)) { bytes in
            for path in paths {
                let source = SourceText(path: path, bytes: bytes)
                _ = dialect.recognise(source)
                let translation = dialect.translation(of: source, assets: .installed())
                report(translation.diagnostics, source)
                let written = SourceText(path: "translated.toml", bytes: translation.document.emission.rendered)
                let flaws = TOMLDocument.parse(written).diagnostics
                precondition(flaws.isEmpty, "\(path) is translated to what is no TOML: \(flaws)")
            }
        }
    }

    /// Edits fit the file, and what they leave can be read again.
    private static func format(_ format: EditableFormat) -> FuzzTarget {
        FuzzTarget(name: "edit-\(format.name)", seeds: seeds(of: format)) { bytes in
            let source = SourceText(path: format.path, bytes: bytes)
            guard EditableFormat.recognised(source)?.name == format.name else { return }
            let edits = format.edits(source, TargetLayout())
            report(edits.diagnostics, source)
            // A file with errors is not edited.
            guard let changes = edits.value, !edits.hasErrors else { return }
            guard let edited = source.applying(changes) else {
                preconditionFailure("edits of \(format.name) overlap or reach behind the end")
            }
            // A pod file has become manifests.
            let result = SourceText(path: format.path, bytes: edited)
            guard let kind = EditableFormat.recognised(result) else { return }
            let again = kind.edits(result, TargetLayout())
            precondition(!again.hasErrors, "an edited \(format.name) cannot be read: \(again.diagnostics)")
        }
    }

    /// The bytes stand in each file of the known records in turn.
    private static func records(_ format: RecordFormat) -> FuzzTarget {
        let trees = Mutex<[[FilePath: MemoryTree.Node]]?>(nil)
        return FuzzTarget(name: "records-\(format.rawValue)", seeds: [format.fixtures]) { bytes in
            let known = trees.withLock { trees in
                let known = trees ?? read(format)
                trees = known
                return known
            }
            for nodes in known {
                for case (let path, .file) in nodes {
                    var changed = nodes
                    changed[path] = .file(bytes)
                    let found = format.read(from: MemoryTree(changed))
                    report(found.diagnostics, SourceText(path: path, bytes: bytes))
                }
            }
        }
    }

    /// The files of each tree of fixtures; a tree that was damaged on purpose is no start.
    private static func read(_ format: RecordFormat) -> [[FilePath: MemoryTree.Node]] {
        let directory = Repository.fixtures.appending(format.fixtures)
        let names = ((try? FileSystem.list(directory)) ?? []).filter { $0 != "damaged" }
        return names.compactMap { try? MemoryTree(copyOf: directory.appending($0).appending("tree")).nodes }
    }

    private static func seeds(of dialect: Dialect.ID) -> [String] {
        switch dialect {
        case ClearContainersV2.dialect.id: ["clear-containers/2.x"]
        case ClearContainersV3.dialect.id: ["clear-containers/3.0"]
        case RunV.dialect.id: ["runv", "engines/docker"]
        case Hyperd.dialect.id, Frakti.dialect.id: [dialect.rawValue]
        default: ["kata-dialects/\(dialect)", "clear-containers/3.0"]
        }
    }

    private static func seeds(of format: EditableFormat) -> [String] {
        if format.name == "hyper-pod" { return ["hyperd/pods"] }
        let engines = ["docker", "podman", "containerd", "crio", "kubelet", "kubernetes"]
        return engines.filter { format.name.hasPrefix($0) }.map { "engines/\($0)" }
    }

    /// Messages and excerpts are made of the same bytes.
    private static func report(_ diagnostics: [Diagnostic], _ source: SourceText) {
        for kind in DiagnosticFormat.allCases { _ = render(diagnostics, sources: [source.path: source], as: kind, tool: "fuzz") }
    }
}
