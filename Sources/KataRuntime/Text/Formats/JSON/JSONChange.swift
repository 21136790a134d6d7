// SPDX-License-Identifier: Apache-2.0

/// A JSON value to be written; the order of members is the author's.
public indirect enum JSONEmission: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([JSONEmission])
    case object([Member])

    /// One `"key": value`.
    public struct Member: Sendable, Equatable {
        /// Any text.
        public let key: String
        /// What stands behind the colon.
        public let value: JSONEmission

        /// A member to be written.
        public init(_ key: String, _ value: JSONEmission) {
            self.key = key
            self.value = value
        }
    }
}

/// What a document shall say, whatever it says now; making a change twice is the same as making it once.
public enum JSONChange: Sendable, Equatable {
    /// The member has this value; objects on the way to it are made where they lack.
    case set([String], JSONEmission)
    /// There is no such member, however often it was there.
    case remove([String])

    /// The members' keys, from the root inwards.
    public var path: [String] {
        switch self {
        case .set(let path, _), .remove(let path): path
        }
    }
}

extension JSONDocument {
    /// The fewest bytes that have to change: values are replaced in place, new members follow the last one of their object as it is
    /// written. Nothing else moves.
    ///
    /// - Returns: edits of `source` that can be applied together.
    public func edits(making changes: [JSONChange]) throws(DocumentEditError) -> [TextEdit] {
        var editor = JSONEditor(self)
        var last: [[ExactName]: Int] = [:]
        for (index, change) in changes.enumerated() { last[change.path.map { ExactName($0) }] = index }
        for path in last.keys {
            for length in 1..<max(1, path.count) where last[Array(path.prefix(length))] != nil {
                throw .contradiction(path: path.prefix(length).map(\.text))
            }
        }
        for (index, change) in changes.enumerated() where !change.path.isEmpty && last[change.path.map { ExactName($0) }] == index {
            try editor.make(change)
        }
        return editor.edits
    }
}

extension JSONValue {
    /// Whether a value that was read equals one that is to be written; members in any order.
    func hasSameContent(as other: JSONEmission) -> Bool {
        switch (kind, other) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number, .integer(let b)): integer == b
        case (.string(let a), .string(let b)): sameScalars(a, b)
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.hasSameContent(as: $1) }
        case (.object(let a), .object(let b)):
            a.count == b.count && b.allSatisfy { member in self[member.key]?.hasSameContent(as: member.value) ?? false }
        default: false
        }
    }
}
