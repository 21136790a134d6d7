// SPDX-License-Identifier: Apache-2.0

package import KataOCI
package import KataSystem
package import KataText
package import SystemPackage

/// An OCI bundle: a directory with `config.json` and the root file system that it names (runtime-spec, Bundle).
package struct Bundle: Sendable {
    /// Absolute.
    package let path: FilePath
    package let spec: Spec
    /// Absolute, and a directory.
    package let root: FilePath
    /// The bytes of its `config.json`.
    package let document: [UInt8]

    /// Bytes; docker's largest are some ten kilobytes.
    static let specLimit = 16 << 20

    package init(path: FilePath, spec: Spec, root: FilePath, document: [UInt8]) {
        self.path = path
        self.spec = spec
        self.root = root
        self.document = document
    }

    /// Reads and checks the bundle; all that a runtime can know to be wrong before it starts is wrong here.
    package static func load(_ path: FilePath) throws(BundleError) -> Bundle {
        let file = path.appending("config.json")
        let source = try source(file)
        let spec = try checked(source)
        let rootPath = path.pushing(FilePath(spec.root?.path ?? "")).lexicallyNormalized()
        let status: FileStatus?
        do throws(SystemError) {
            status = try FileSystem.targetStatus(rootPath)
        } catch {
            throw .unreadable(rootPath, error)
        }
        guard status?.kind == .directory else { throw .noRoot(rootPath, file) }
        return Bundle(path: path, spec: spec, root: rootPath, document: source.bytes)
    }

    /// What a `config.json` says, if nothing of it is wrong; the host is not looked at.
    package static func checked(_ source: SourceText) throws(BundleError) -> Spec {
        let file = source.path
        var (spec, document) = try read(source)
        guard isSupported(spec.ociVersion) else { throw .unsupportedVersion(spec.ociVersion, file) }
        guard let root = spec.root, !root.path.isEmpty else { throw .missing("root.path", file) }
        guard spec.linux != nil else { throw .missing("linux", file) }
        guard let process = spec.process else { throw .missing("process", file) }
        guard let arguments = process.args, !arguments.isEmpty else { throw .missing("process.args", file) }
        let problems = SpecCheck(spec).located(in: document)
        guard problems.isEmpty else { throw .invalid(file, problems) }
        for index in (spec.mounts ?? []).indices {
            // Relative ones start at the container's root (runtime-spec, Mounts).
            let destination = spec.mounts?[index].destination ?? ""
            if !destination.hasPrefix("/") { spec.mounts?[index].destination = "/" + destination }
        }
        return spec
    }

    /// What a `config.json` says, unchecked.
    package static func specification(_ file: FilePath) throws(BundleError) -> Spec { try read(try source(file)).spec }

    /// Whether it is a version of the form of SemVer 2.0.0, and one that is known here.
    private static func isSupported(_ version: String) -> Bool {
        // Behind the numbers may stand what comes before a release, and what was built.
        let core = version.prefix { $0 != "-" && $0 != "+" }
        let numbers = core.split(separator: ".", omittingEmptySubsequences: false)
        let rest = version.dropFirst(core.count).dropFirst()
        guard numbers.count == 3, numbers[0] == "1", rest.isEmpty == (core.count == version.count) else { return false }
        let isNumeric = numbers.allSatisfy {
            $0 == "0" || ($0.first != "0" && !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) })
        }
        return isNumeric && rest.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".+-".contains($0)) }
    }

    private static func source(_ file: FilePath) throws(BundleError) -> SourceText {
        do throws(SystemError) {
            return SourceText(path: file, bytes: try FileSystem.read(file, limit: specLimit))
        } catch {
            throw .unreadable(file, error)
        }
    }

    private static func read(_ source: SourceText) throws(BundleError) -> (spec: Spec, document: JSONDocument) {
        let parsed = JSONDocument.parse(source)
        guard let document = parsed.value, !parsed.diagnostics.contains(where: { $0.severity == .error }) else {
            throw .malformed(source.path, parsed.diagnostics)
        }
        do {
            return (try document.decode(Spec.self), document)
        } catch {
            throw .undecodable(source.path, error)
        }
    }
}

/// What is wrong with a bundle.
package enum BundleError: FaultyError {
    case unreadable(FilePath, SystemError)
    case malformed(FilePath, [Diagnostic])
    case undecodable(FilePath, any Error)
    case missing(String, FilePath)
    /// With the place of each.
    case invalid(FilePath, [String])
    case unsupportedVersion(String, FilePath)
    case noRoot(FilePath, FilePath)

    package var fault: Fault { .user }

    package var cause: (any Error)? {
        switch self {
        case .unreadable(_, let cause): cause
        case .undecodable(_, let cause): cause
        default: nil
        }
    }

    package var description: String {
        switch self {
        case .unreadable(let path, _): "open bundle file '\(path)' (--bundle names a directory with config.json)"
        case .malformed(let file, let diagnostics):
            "parse '\(file)': \(diagnostics.first.map(Self.line) ?? "not JSON")"
        case .undecodable(let file, _): "read container specification '\(file)'"
        case .missing(let key, let file): "container specification '\(file)' has no \(key)"
        case .invalid(let file, let problems):
            problems.count == 1 ? problems[0] : "container specification '\(file)':" + problems.map { "\n    \($0)" }.joined()
        case .unsupportedVersion(let version, let file):
            "container specification '\(file)' has ociVersion '\(version)', versions 1.x.y are supported"
        case .noRoot(let root, let file): "root file system '\(root)' of '\(file)' is not a directory"
        }
    }

    private static func line(_ diagnostic: Diagnostic) -> String {
        guard let start = diagnostic.range?.start else { return diagnostic.message }
        return "line \(start.line), column \(start.column): \(diagnostic.message)"
    }
}
