// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// A program that calls OCI runtimes.
public enum Engine: String, Sendable, Codable, CaseIterable {
    case docker
}

/// One runtime that an engine has been told of.
public struct EngineRegistration: Sendable, Hashable {
    /// Whose it is.
    public let engine: Engine
    /// The name under which containers ask for it.
    public let runtimeName: String
    /// The program; an engine looks a bare name up in its PATH.
    public let binaryPath: FilePath
    /// What the engine puts before its own arguments.
    public let arguments: [String]
    /// Whether containers that name no runtime get it.
    public let isDefault: Bool
    /// The file that says so.
    public let file: FilePath
    /// The whole registration in that file.
    public let range: SourceRange
    /// How the path is spelt there.
    let path: PathSpelling

    /// The text that makes the engine call another program under the same name.
    public func edit(changingPathTo newPath: FilePath) -> TextEdit {
        TextEdit(file: file, range: path.range, replacement: path.quoting.spell(newPath.string))
    }

    func asDefault(_ isDefault: Bool) -> EngineRegistration {
        EngineRegistration(
            engine: engine, runtimeName: runtimeName, binaryPath: binaryPath, arguments: arguments, isDefault: isDefault, file: file,
            range: range, path: path)
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

/// What files of one engine say of runtimes.
public struct EngineRegistrations: Sendable {
    /// In the order of the files.
    public let registrations: [EngineRegistration]
    /// Whatever makes a choice; more than one is a conflict that is also reported.
    public let defaults: [DefaultRuntime]
}
