// SPDX-License-Identifier: Apache-2.0
public import KataSystem
public import SystemPackage

/// A value of a file is not what it has to be.
public struct LocatedError: FaultyError {
    /// The file.
    public let path: FilePath
    /// The value that is wrong, or the object that lacks one.
    public let range: SourceRange
    /// The way to the value: `mounts[2].options`; empty for the document itself.
    public let keyPath: String
    /// What is wrong, without the place.
    public let message: String
    /// An error of the type being decoded, if it was one.
    public let cause: (any Error)?

    /// A finding at a place.
    public init(path: FilePath, range: SourceRange, keyPath: String, message: String, cause: (any Error)? = nil) {
        self.path = path
        self.range = range
        self.keyPath = keyPath
        self.message = message
        self.cause = cause
    }

    /// Files are the user's.
    public var fault: Fault { .user }

    /// `path:line:col: decode 'key.path': message`.
    public var description: String {
        let subject = keyPath.isEmpty ? "document" : "'\(keyPath)'"
        return "\(path.string):\(range.start.line):\(range.start.column): decode \(subject): \(message)"
    }

    /// The same as a finding, for printing with the source line.
    public var diagnostic: Diagnostic {
        let subject = keyPath.isEmpty ? "" : "'\(keyPath)': "
        return Diagnostic(
            severity: .error, code: .jsonUnexpectedValue, message: subject + message, path: path, range: range,
            notes: cause.map { [errorChain($0)] } ?? [])
    }
}
