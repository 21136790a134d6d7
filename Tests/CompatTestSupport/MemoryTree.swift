// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import Foundation
internal import KataSystem
internal import Synchronization
package import SystemPackage

/// A host's files in memory; it remembers every path that was asked for.
package final class MemoryTree: LegacyTree {
    package enum Node {
        case file([UInt8])
        case socket
        case link
        case linkTo(String)
        /// Exists and cannot be read.
        case locked
    }

    package let nodes: [FilePath: Node]
    private let asked = Mutex<[FilePath]>([])

    private let entries: [String: [String: LegacyTreeEntry.Kind]]

    package init(_ nodes: [FilePath: Node]) {
        self.nodes = nodes
        var entries: [String: [String: LegacyTreeEntry.Kind]] = [:]
        for (path, node) in nodes {
            let names = path.string.split(separator: "/").map(String.init)
            for depth in names.indices {
                let kind: LegacyTreeEntry.Kind =
                    switch node {
                    case _ where depth < names.count - 1: .directory
                    case .file, .locked: .file
                    case .socket: .socket
                    case .link, .linkTo: .link
                    }
                entries["/" + names[..<depth].joined(separator: "/"), default: [:]][names[depth]] = kind
            }
        }
        self.entries = entries
    }

    package var askedFor: [FilePath] { asked.withLock { $0 } }

    package func list(_ directory: FilePath) throws(LegacyTreeError) -> [LegacyTreeEntry]? {
        asked.withLock { $0.append(directory) }
        return entries[directory.string]?.map { name, kind in
            guard case .linkTo(let target)? = nodes[directory.appending(name)] else { return LegacyTreeEntry(name: name, kind: kind) }
            return LegacyTreeEntry(name: name, kind: kind, target: target)
        }
    }

    package func read(_ file: FilePath, limit: Int) throws(LegacyTreeError) -> [UInt8]? {
        asked.withLock { $0.append(file) }
        switch nodes[file] {
        case nil: return nil
        case .file(let bytes):
            guard bytes.count <= limit else { throw LegacyTreeError(path: file, reason: .longerThan(limit)) }
            return bytes
        case .socket: throw LegacyTreeError(path: file, reason: .wrongKind(.socket))
        case .link, .linkTo: throw LegacyTreeError(path: file, reason: .wrongKind(.link))
        case .locked:
            let cause = SystemError(call: "open", subject: file.string, errno: .permissionDenied)
            throw LegacyTreeError(path: file, reason: .refused, cause: cause)
        }
    }

    /// A copy of the files below a directory, as seen from it.
    package convenience init(copyOf root: FilePath) throws {
        var nodes: [FilePath: Node] = [:]
        var rest = [root]
        while let directory = rest.popLast() {
            for name in try FileSystem.list(directory) {
                let path = directory.appending(name)
                guard let status = try FileSystem.status(path) else { continue }
                var inside = path
                _ = inside.removePrefix(root)
                let place = FilePath("/").pushing(inside)
                switch status.kind {
                case .directory: rest.append(path)
                case .file: nodes[place] = .file(try FileSystem.read(path))
                case .socket: nodes[place] = .socket
                case .symbolicLink: nodes[place] = .linkTo(try FileManager.default.destinationOfSymbolicLink(atPath: path.string))
                default: nodes[place] = .link
                }
            }
        }
        self.init(nodes)
    }
}
