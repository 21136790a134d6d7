// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// Where a key and its value stand.
public struct ValueOrigin: Sendable, Hashable {
    /// The file, as it was named when it was read.
    public let path: FilePath
    /// The key's name.
    public let keyRange: SourceRange
    /// What stands behind the equals sign.
    public let valueRange: SourceRange

    /// `path:line`.
    public var lineReference: String { "\(path.string):\(keyRange.start.line)" }
}

/// Documents laid over each other: tables merge key by key, anything else replaces what a lower layer said.
///
/// Arrays are replaced as a whole, as Kata's Go runtime and runtime-rs both do with drop-ins.
public struct LayeredTree: Sendable {
    /// What a key holds.
    public indirect enum Node: Sendable {
        case value(TOMLValue)
        case table(LayeredTree)
    }

    /// One key.
    public struct Entry: Sendable {
        /// The key's name.
        public let key: String
        /// Of the uppermost layer that has it.
        public fileprivate(set) var origin: ValueOrigin
        /// Of that layer, or the merged table.
        public fileprivate(set) var node: Node
        /// Where lower layers gave other values, the lowest first.
        public fileprivate(set) var overridden: [ValueOrigin]
    }

    /// In the order in which the keys first occur.
    public private(set) var entries: [Entry] = []

    /// One layer.
    init(_ table: TOMLTable, of path: FilePath) {
        entries = table.entries.map { entry in
            Entry(
                key: entry.key, origin: ValueOrigin(path: path, keyRange: entry.keyRange, valueRange: entry.value.range),
                node: entry.value.table.map { .table(LayeredTree($0, of: path)) } ?? .value(entry.value), overridden: [])
        }
    }

    /// The documents over each other, the lowest first.
    init(_ documents: [TOMLDocument]) {
        for document in documents {
            lay(LayeredTree(document.root, of: document.source.path))
        }
    }

    private mutating func lay(_ upper: LayeredTree) {
        for entry in upper.entries {
            guard let index = entries.firstIndex(where: { $0.key == entry.key }) else {
                entries.append(entry)
                continue
            }
            if case .table(var lowerTable) = entries[index].node, case .table(let upperTable) = entry.node {
                lowerTable.lay(upperTable)
                entries[index].node = .table(lowerTable)
            } else {
                entries[index].overridden.append(entries[index].origin)
                entries[index].node = entry.node
            }
            entries[index].origin = entry.origin
        }
    }

    /// The entry of that name.
    public func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }

    /// The table at the end of a path of names.
    public func table(at path: [String]) -> LayeredTree? {
        var tree = self
        for name in path {
            guard case .table(let inner)? = tree.entry(name)?.node else { return nil }
            tree = inner
        }
        return tree
    }
}
