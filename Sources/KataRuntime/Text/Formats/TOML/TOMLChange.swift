// SPDX-License-Identifier: Apache-2.0

/// What a document shall say, whatever it says now; making a change twice is the same as making it once.
public enum TOMLChange: Sendable, Equatable {
    /// The key has this value. A table means that each of its keys has its value: others that are there stay.
    case set([String], TOMLEmission.Value)
    /// There is no such key. Comments above it stay, they may speak of more.
    case remove([String])

    /// The key.
    public var path: [String] {
        switch self {
        case .set(let path, _), .remove(let path): path
        }
    }
}

extension TOMLDocument {
    /// The fewest bytes that have to change: values are replaced in place, new keys follow their table's last one in its indentation and
    /// spelling, new tables follow what is already below their parent. Nothing else moves.
    ///
    /// Arrays of tables are left alone: no path leads into them.
    ///
    /// - Returns: edits of `source` that can be applied together.
    public func edits(making changes: [TOMLChange]) throws(DocumentEditError) -> [TextEdit] {
        var editor = TOMLEditor(self)
        for change in try Self.leaves(changes) {
            try editor.make(change)
        }
        return editor.edits
    }

    /// One change for each key, of several for the same key the last, tables taken apart.
    private static func leaves(_ changes: [TOMLChange]) throws(DocumentEditError) -> [TOMLChange] {
        var all: [TOMLChange] = []
        func add(_ path: [String], _ value: TOMLEmission.Value) {
            if case .table(let table) = value, !table.entries.isEmpty {
                for entry in table.entries { add(path + [entry.key], entry.value) }
            } else {
                all.append(.set(path, value))
            }
        }
        for change in changes where !change.path.isEmpty {
            if case .set(let path, let value) = change { add(path, value) } else { all.append(change) }
        }
        var last: [[ExactName]: Int] = [:]
        for (index, change) in all.enumerated() { last[change.path.map { ExactName($0) }] = index }
        for path in last.keys {
            for length in 1..<path.count where last[Array(path.prefix(length))] != nil {
                throw .contradiction(path: path.prefix(length).map(\.text))
            }
        }
        return all.enumerated().filter { last[$0.element.path.map { ExactName($0) }] == $0.offset }.map(\.element)
    }
}
