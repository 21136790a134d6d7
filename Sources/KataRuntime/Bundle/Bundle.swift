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
    /// What stands there and is ignored, with its place.
    package let ignored: [String]

    /// Bytes; docker's largest are some ten kilobytes.
    static let specLimit = 16 << 20

    package init(path: FilePath, spec: Spec, root: FilePath, document: [UInt8], ignored: [String] = []) {
        self.path = path
        self.spec = spec
        self.root = root
        self.document = document
        self.ignored = ignored
    }

    /// Reads and checks the bundle; all that a runtime can know to be wrong before it starts is wrong here.
    package static func load(_ path: FilePath) throws(BundleError) -> Bundle {
        let file = path.appending("config.json")
        let source = try source(file)
        let (spec, ignored) = try read(source)
        let rootPath = path.pushing(FilePath(spec.root?.path ?? "")).lexicallyNormalized()
        let status: FileStatus?
        do throws(SystemError) {
            status = try FileSystem.targetStatus(rootPath)
        } catch {
            throw .unreadable(rootPath, error)
        }
        guard status?.kind == .directory else { throw .noRoot(rootPath, file) }
        return Bundle(path: path, spec: spec, root: rootPath, document: source.bytes, ignored: ignored)
    }

    /// What a `config.json` says, if nothing of it is wrong; the host is not looked at.
    package static func checked(_ source: SourceText) throws(BundleError) -> Spec { try read(source).spec }

    private static func read(_ source: SourceText) throws(BundleError) -> (spec: Spec, ignored: [String]) {
        let reading = try SpecReading<Spec>(source)
        var spec = reading.value
        try checkPresence(spec, reading.document)
        try reading.refuse(SpecCheck(spec))
        for index in (spec.mounts ?? []).indices {
            // Relative ones start at the container's root (runtime-spec, Mounts).
            let destination = spec.mounts?[index].destination ?? ""
            if !destination.hasPrefix("/") { spec.mounts?[index].destination = "/" + destination }
        }
        return (spec, reading.ignored)
    }

    /// What a container cannot be without.
    private static func checkPresence(_ spec: Spec, _ document: JSONDocument) throws(BundleError) {
        let whole = document.root
        func missing(_ name: String, in object: JSONValue?) -> BundleError {
            .missing(name, SpecPlace(document, object ?? whole))
        }
        guard isSupported(spec.ociVersion) else {
            throw .unsupportedVersion(spec.ociVersion, SpecPlace(document, whole["ociVersion"] ?? whole))
        }
        guard let root = spec.root, !root.path.isEmpty else { throw missing("root.path", in: whole["root"]) }
        guard spec.linux != nil else { throw missing("linux", in: whole) }
        guard let process = spec.process else { throw missing("process", in: whole) }
        guard let arguments = process.args, !arguments.isEmpty else { throw missing("process.args", in: whole["process"]) }
    }

    /// What a `config.json` says, unchecked.
    package static func specification(_ file: FilePath) throws(BundleError) -> Spec { try SpecReading<Spec>(try source(file)).value }

    /// The process that a document describes for `exec`, if nothing of it is wrong, and what of it is ignored.
    package static func process(_ source: SourceText) throws(BundleError) -> (process: ProcessSpec, ignored: [String]) {
        let reading = try SpecReading<ProcessSpec>(source)
        try reading.refuse(SpecCheck(process: reading.value))
        return (reading.value, reading.ignored)
    }

    /// The resources that a document describes for `update`, if nothing of it is wrong, and what of it is ignored.
    package static func resources(_ source: SourceText) throws(BundleError) -> (resources: LinuxResources, ignored: [String]) {
        let reading = try SpecReading<LinuxResources>(source)
        try reading.refuse(SpecCheck(resources: reading.value))
        return (reading.value, reading.ignored)
    }

    /// What is wrong with values that come from a command line.
    package static func problems(of resources: LinuxResources) -> [String] { SpecCheck(resources: resources).unlocated }

    /// What is wrong with a process that comes from a command line.
    package static func problems(of process: ProcessSpec) -> [String] { SpecCheck(process: process).unlocated }

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
}

/// A document of the runtime-spec as it was read.
private struct SpecReading<Value: Decodable> {
    let value: Value
    let document: JSONDocument
    /// The members that the specification does not have; they MUST be ignored (runtime-spec, Extensibility).
    let ignored: [String]

    init(_ source: SourceText) throws(BundleError) {
        let parsed = JSONDocument.parse(source)
        guard let document = parsed.value, !parsed.diagnostics.contains(where: { $0.severity == .error }) else {
            throw .malformed(source.path, parsed.diagnostics)
        }
        self.document = document
        do {
            let (value, unread) = try document.decodeTellingUnread(Value.self)
            self.value = value
            ignored = Self.lines(unread, source.path)
        } catch {
            throw .undecodable(source.path, error)
        }
    }

    func refuse(_ check: SpecCheck) throws(BundleError) {
        let problems = check.located(in: document)
        guard problems.isEmpty else { throw .invalid(document.source.path, problems) }
    }

    /// Whoever writes many of them has the reader's attention with the first.
    private static var most: Int { 20 }

    private static func lines(_ members: [JSONUnreadMember], _ path: FilePath) -> [String] {
        let lines = members.prefix(most).map { member in
            let place = "\(path):\(member.range.start.line):\(member.range.start.column)"
            if Spec.otherSystems.contains(member.keyPath) { return "\(place): '\(member.keyPath)' is ignored: it is for another system" }
            let near = member.nearest.map { ", did you mean '\($0)'?" } ?? ""
            return "\(place): '\(member.keyPath)' is ignored: the specification has no such member\(near)"
        }
        return lines + (members.count > most ? ["\(path): \(members.count - most) further members are ignored"] : [])
    }
}

/// Where something is, or is missing.
package struct SpecPlace: Sendable, CustomStringConvertible {
    package let description: String

    init(_ document: JSONDocument, _ value: JSONValue) {
        description = "\(document.source.path):\(value.range.start.line):\(value.range.start.column)"
    }
}

/// What is wrong with a bundle.
package enum BundleError: FaultyError {
    case unreadable(FilePath, SystemError)
    case malformed(FilePath, [Diagnostic])
    case undecodable(FilePath, any Error)
    /// With the place of the object that lacks it.
    case missing(String, SpecPlace)
    /// With the place of each.
    case invalid(FilePath, [String])
    case unsupportedVersion(String, SpecPlace)
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
        case .missing(let key, let place): "\(place): the container specification has no \(key)"
        case .invalid(let file, let problems):
            problems.count == 1 ? problems[0] : "container specification '\(file)':" + problems.map { "\n    \($0)" }.joined()
        case .unsupportedVersion(let version, let place):
            "\(place): the container specification has ociVersion '\(version)', versions 1.x.y are supported"
        case .noRoot(let root, let file): "root file system '\(root)' of '\(file)' is not a directory"
        }
    }

    private static func line(_ diagnostic: Diagnostic) -> String {
        guard let start = diagnostic.range?.start else { return diagnostic.message }
        return "line \(start.line), column \(start.column): \(diagnostic.message)"
    }
}
