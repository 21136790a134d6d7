// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// A program that runs containers through OCI runtimes, or is told which other program does.
public enum Engine: String, Sendable, Codable, CaseIterable {
    case docker
    case containerd
    case crio
    case kubelet
    case podman
}

/// How an engine calls a runtime.
public enum CallingConvention: Sendable, Hashable {
    /// As runc is called: `create`, `start`, `delete`.
    case commandLine
    /// Through a shim that is the runtime itself, of this type: `io.containerd.kata.v2`, and CRI-O's `vm`.
    case shim(String)
}

/// One runtime that an engine has been told of.
public struct EngineRegistration: Sendable, Hashable {
    /// Whose it is.
    public let engine: Engine
    /// The name under which containers ask for it.
    public let runtimeName: String
    /// The program; an engine looks a bare name up in its PATH.
    public let binaryPath: FilePath
    /// The program that it runs, if it is a script around one and somebody has looked.
    public var wrapped: FilePath?
    /// What the engine puts before its own arguments.
    public var arguments: [String] = []
    /// How the program is called.
    public var convention = CallingConvention.commandLine
    /// Whether containers that name no runtime get it.
    public var isDefault = false
    /// The file that says so; of several the one that counts last.
    public let file: FilePath
    /// The whole registration in that file.
    public let range: SourceRange
    /// What else the registration says.
    public var settings: [EngineSetting] = []
    /// Where the path is, or what has to be said for another one.
    let place: Place

    enum Place: Sendable, Hashable {
        case path(PathSpelling)
        /// A runtime of daemon.json that is called through a shim.
        case daemonShim
        /// A table of containerd's configuration, in the files that have it; the last one counts. The version tells how old containerd
        /// can be.
        case containerd(tables: [Table], configVersion: Int, release: Release?)
        /// CRI-O's key for untrusted workloads.
        case crioUntrusted
        /// A table below `crio.runtime.runtimes`.
        case crioHandler
    }

    struct Table: Sendable, Hashable {
        let file: FilePath
        let path: [String]
    }

    /// What has to be said for the engine to call another program under the same name, as runc is called.
    ///
    /// - Parameter dropsArguments: whether what stands before the engine's own arguments goes, where it stands apart from the path.
    func changes(
        changingPathTo newPath: FilePath, dropsArguments: Bool, in documents: inout EngineDocuments
    ) throws(EngineEditError) -> [EngineChange] {
        switch place {
        case .path(let path) where dropsArguments && !arguments.isEmpty && path.quoting == .json:
            let table = ["runtimes", runtimeName]
            return [.json(file, .set(table + ["path"], .string(newPath.string))), .json(file, .remove(table + ["runtimeArgs"]))]
        case .path(let path):
            guard let text = path.quoting.spell(newPath.string) else { throw .notSpellable(newPath.string, file) }
            return [.text(TextEdit(file: file, range: path.range, replacement: text))]
        case .daemonShim: return Docker.changes(calling: newPath, as: runtimeName).map { .json(file, $0) }
        case .containerd(let tables, let version, let release):
            return try Containerd.changes(calling: newPath, from: tables, version, release, in: &documents)
        case .crioUntrusted: return CRIO.changes(callingForUntrusted: newPath).map { .toml(file, $0) }
        case .crioHandler: return CRIO.handler(runtimeName, newPath).map { .toml(file, $0) }
        }
    }

    func asDefault(_ isDefault: Bool) -> EngineRegistration {
        var copy = self
        copy.isDefault = isDefault
        return copy
    }

    func setting(_ name: String) -> EngineSetting? { settings.first { $0.name == name } }
}

/// Why a file of an engine cannot be edited.
public enum EngineEditError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text cannot be written at its place in the file, because it would be split or end a quotation there.
    case notSpellable(String, FilePath)
    /// The document contradicts the change.
    case document(FilePath, DocumentEditError)
    /// The file is not as it was when it was read.
    case unreadable(FilePath)

    /// The act and its object.
    public var description: String {
        switch self {
        case .notSpellable(let text, let file): "write '\(text)' into '\(file.string)' where quoting does not allow it"
        case .document(let file, let error): "edit '\(file.string)': \(error)"
        case .unreadable(let file): "edit '\(file.string)', which cannot be read as it was"
        }
    }
}

/// Which runtime an engine takes when a container names none.
public struct DefaultRuntime: Sendable, Hashable {
    /// Whose choice it is.
    public let engine: Engine
    /// The name of the runtime.
    public let runtimeName: String
    /// The file that says so.
    public let file: FilePath
    /// The name in that file.
    public let range: SourceRange
}

/// One thing that a file of an engine says beside the programs of runtimes.
public struct EngineSetting: Sendable, Hashable {
    /// As the engine calls it: `options.BinaryName`, `--container-runtime-endpoint`.
    public let name: String
    /// As text: a list is separated by blanks.
    public let value: String
    /// The file that says so.
    public let file: FilePath
    /// The value in that file.
    public let range: SourceRange
    /// How it is spelt there; nil for what is no single text.
    let spelling: PathSpelling?

    /// The edit that gives it another value.
    public func edit(changingValueTo value: String) throws(EngineEditError) -> TextEdit {
        guard let spelling, let text = spelling.quoting.spell(value) else { throw .notSpellable(value, file) }
        return TextEdit(file: file, range: spelling.range, replacement: text)
    }
}

/// What files of one engine say of runtimes.
public struct EngineRegistrations: Sendable {
    /// In the order of the files.
    public var registrations: [EngineRegistration] = []
    /// Whatever makes a choice; more than one is a conflict that is also reported, or the last one counts.
    public var defaults: [DefaultRuntime] = []
    /// What concerns no single runtime.
    public var settings: [EngineSetting] = []

    /// The last of a name is the one that counts.
    public func setting(_ name: String) -> EngineSetting? { settings.last { $0.name == name } }

    func withDefaultMarked() -> EngineRegistrations {
        var copy = self
        let name = defaults.last?.runtimeName
        copy.registrations = registrations.map { $0.asDefault($0.runtimeName == name) }
        return copy
    }
}
