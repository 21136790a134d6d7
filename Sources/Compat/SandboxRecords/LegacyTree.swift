// SPDX-License-Identifier: Apache-2.0
public import KataSystem
public import SystemPackage

/// The files of a host as its own root sees them, whether they are those of this machine, of a copy or of a test.
///
/// Paths are absolute and never lead out of the tree; what does not exist is nil, what cannot be read throws.
public protocol LegacyTree {
    /// The entries of a directory, in any order.
    func list(_ directory: FilePath) throws(LegacyTreeError) -> [LegacyTreeEntry]?
    /// The bytes of a regular file; a longer file than `limit` throws.
    func read(_ file: FilePath, limit: Int) throws(LegacyTreeError) -> [UInt8]?
}

/// One name in a directory.
public struct LegacyTreeEntry: Sendable, Hashable {
    /// What stands under the name, without following a link.
    public enum Kind: String, Sendable, Codable {
        case file
        case directory
        case link
        case socket
        case other
    }

    /// The name.
    public let name: String
    /// What stands there.
    public let kind: Kind
    /// What a link says, as written.
    public let target: String?

    /// A name as found.
    public init(name: String, kind: Kind, target: String? = nil) {
        self.name = name
        self.kind = kind
        self.target = target
    }
}

/// Something that exists and cannot be read.
public struct LegacyTreeError: FaultyError {
    /// What stands in the way.
    public enum Reason: Sendable, Hashable {
        /// More bytes than were asked for.
        case longerThan(Int)
        /// It is not a regular file, or not a directory.
        case wrongKind(LegacyTreeEntry.Kind)
        /// The system refused; the cause says how.
        case refused
    }

    /// What was to be read.
    public let path: FilePath
    /// What stands in the way.
    public let reason: Reason
    /// What the system said.
    public let cause: (any Error)?

    /// A failed reading.
    public init(path: FilePath, reason: Reason, cause: (any Error)? = nil) {
        self.path = path
        self.reason = reason
        self.cause = cause
    }

    /// Files of the host.
    public var fault: Fault { .host }

    /// `read '/path'`, and why.
    public var description: String {
        switch reason {
        case .longerThan(let limit): "read '\(path.string)': longer than \(limit) bytes"
        case .wrongKind(let kind): "read '\(path.string)': it is a \(kind.rawValue)"
        case .refused: "read '\(path.string)'"
        }
    }
}
