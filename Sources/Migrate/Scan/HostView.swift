// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import KataSystem
package import SystemPackage

/// A host as a planner may see it: everything can be looked at, nothing can be changed.
///
/// The type has no member that writes, and hands out no descriptor, so whoever holds only a `HostView` cannot change the
/// host. Paths are the host's own and never lead out of the root, whatever the links in the tree say.
package final class HostView: Sendable {
    private let root: PinnedDirectory
    /// What the host runs; a tree of files cannot tell that.
    package let facts: HostFacts

    /// - Parameter root: "/" for the machine itself, else a copied tree.
    package init(root: FilePath, facts: HostFacts) throws(SystemError) {
        self.root = try PinnedDirectory(root)
        self.facts = facts
    }

    package var path: FilePath { root.path }
    package var isCopy: Bool { root.path.string != "/" }

    /// What is at `path`, links at its end followed.
    package func look(at path: FilePath) throws(SystemError) -> Observation {
        var end = path
        // The kernel's own limit of links in one path, MAXSYMLINKS.
        for _ in 0..<40 {
            guard let status = try root.status(end) else {
                return Observation(path: path, target: end == path ? nil : end, kind: end == path ? .absent : .danglingLink)
            }
            guard status.kind == .symbolicLink else {
                return Observation(path: path, target: end == path ? nil : end, kind: kind(status), status: status)
            }
            let target = FilePath(try root.readLink(end))
            // No lexical normalisation: "a/../b" is not "b" when a is a link.
            end = target.isAbsolute ? target : end.removingLastComponent().pushing(target)
        }
        return Observation(path: path, kind: .danglingLink)
    }

    /// The bytes of a file and what was seen of it; no bytes when there is no regular file at the end of `path`.
    ///
    /// - Parameter limit: in bytes; a longer file is EFBIG.
    package func read(_ path: FilePath, limit: Int) throws(SystemError) -> (seen: Observation, bytes: [UInt8]?) {
        let seen = try look(at: path)
        guard seen.kind == .file else { return (seen, nil) }
        do throws(SystemError) {
            let bytes = try root.read(seen.target ?? path, limit: limit)
            return (seen.with(digest: SHA256.hexadecimal(of: bytes)), bytes)
        } catch {
            // The reader knows a descriptor's number where the report needs the host's path.
            throw SystemError(call: error.call, subject: path.string, errno: error.errno)
        }
    }

    /// A file that may be too large to be read at once; nil when there is no regular file at the end of `path`.
    package func file(_ path: FilePath) throws(SystemError) -> (seen: Observation, file: HostFile?) {
        let seen = try look(at: path)
        guard seen.kind == .file else { return (seen, nil) }
        // A fifo that took the file's place meanwhile must not stop us.
        let file = try root.open(seen.target ?? path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        return (seen, HostFile(file, size: seen.size ?? 0))
    }

    /// The names in a directory, sorted by bytes; nil when there is no directory.
    package func names(in path: FilePath) throws(SystemError) -> [String]? {
        guard try look(at: path).kind == .directory else { return nil }
        return try root.list(path)
    }

    private func kind(_ status: FileStatus) -> Observation.Kind {
        switch status.kind {
        case .file: .file
        case .directory: .directory
        case .socket: .socket
        case .fifo: .fifo
        case .characterDevice, .blockDevice: .device
        case .symbolicLink: .danglingLink
        }
    }
}
