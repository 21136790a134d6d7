// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataConfig
internal import KataText
internal import Migrate
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
    public static let all: [FuzzTarget] = formats + Registry.dialects.map(dialect) + EditableFormat.all.map(format)

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
        FuzzTarget(name: "json", seeds: ["engines/docker"]) { bytes in
            let source = SourceText(path: "fuzz.json", bytes: bytes)
            report(JSONDocument.parse(source).diagnostics, source)
        },
        FuzzTarget(name: "rpm-packages", seeds: ["rpm"]) { bytes in PackageDatabases.read(bytes) },
        FuzzTarget(name: "systemd-unit", seeds: ["engines/docker"]) { bytes in
            let source = SourceText(path: "fuzz.service", bytes: bytes)
            let parsed = SystemdUnitDocument.parse(source)
            report(parsed.diagnostics, source)
            for assignment in parsed.partial?.assignments(of: "ExecStart", in: "Service") ?? [] {
                report(assignment.commands(in: source).diagnostics, source)
            }
        },
        FuzzTarget(name: "recognition", seeds: ["clear-containers/3.0", "engines/docker", "kata"]) { bytes in
            for path in ["configuration.toml", "daemon.json", "x.service", "x.yaml", "hypervisor.args", "config"] as [FilePath] {
                _ = Registry.recognise(SourceText(path: path, bytes: bytes))
            }
        },
    ]

    /// Whatever a dialect makes of a document, its translation is sound TOML.
    private static func dialect(_ dialect: Dialect) -> FuzzTarget {
        // A dialect that is spread over several files tells them by their names.
        let paths = dialect.searchPaths.isEmpty ? [FilePath("/etc/\(dialect.id)")] : dialect.searchPaths
        return FuzzTarget(name: "dialect-\(dialect.id)", seeds: seeds(of: dialect.id.rawValue)) { bytes in
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
        FuzzTarget(name: "edit-\(format.name)", seeds: ["engines", "clear-containers/3.0"]) { bytes in
            let source = SourceText(path: format.path, bytes: bytes)
            guard format.recognise(source) else { return }
            let edits = format.edits(source, TargetLayout())
            report(edits.diagnostics, source)
            guard let changes = edits.value else { return }
            guard let edited = source.applying(changes) else {
                preconditionFailure("edits of \(format.name) overlap or reach behind the end")
            }
            let again = format.edits(SourceText(path: format.path, bytes: edited), TargetLayout())
            precondition(!again.hasErrors, "an edited \(format.name) cannot be read: \(again.diagnostics)")
        }
    }

    /// `clear-containers-3.0` has its cases in clear-containers/3.0, `runv-1.0` in runv.
    private static func seeds(of id: String) -> [String] {
        guard let dash = id.lastIndex(of: "-") else { return [id] }
        return ["\(id[..<dash])/\(id[id.index(after: dash)...])", String(id[..<dash]), id, "clear-containers/3.0"]
    }

    /// Messages and excerpts are made of the same bytes.
    private static func report(_ diagnostics: [Diagnostic], _ source: SourceText) {
        for kind in DiagnosticFormat.allCases { _ = render(diagnostics, sources: [source.path: source], as: kind, tool: "fuzz") }
    }
}
