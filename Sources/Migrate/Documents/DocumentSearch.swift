// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
package import KataText
package import SystemPackage

/// The files that a command line means: each one that is named, and all below a directory that is.
package struct DocumentSearch: Sendable {
    /// A file that was read.
    package struct File: Sendable {
        package let source: SourceText
        /// Below the directory that was named, or the last part of the name.
        package let relative: FilePath
        /// Whether the command line named it, and not only a directory above it.
        package let isNamed: Bool
    }

    /// In the order of the command line, then of names.
    package private(set) var files: [File] = []
    package private(set) var diagnostics: [Diagnostic] = []
    /// Whether something that was named could not be read.
    package private(set) var isIncomplete = false

    /// Configurations lie a few levels deep; more is a mistake such as `/`.
    private static let depth = 32
    /// Their number is bounded for the same reason.
    private static let most = 10_000

    package init(_ paths: [FilePath]) {
        for path in paths {
            if (try? FileSystem.targetStatus(path))?.kind == .directory {  // what cannot be looked at is reported when it is read
                walk(path, below: FilePath(""), depth: 0)
            } else {
                take(path, relative: FilePath(path.lastComponent?.string ?? "configuration"), isNamed: true)
            }
        }
    }

    private mutating func take(_ path: FilePath, relative: FilePath, isNamed: Bool) {
        switch DocumentReading.read(path) {
        case .success(let source): files.append(File(source: source, relative: relative, isNamed: isNamed))
        case .failure(let unread):
            diagnostics.append(unread.finding)
            isIncomplete = true
        }
    }

    /// Hidden files are left alone: a checked-out repository has thousands. Links to directories may lead in circles.
    private mutating func walk(_ directory: FilePath, below relative: FilePath, depth: Int) {
        let names: [String]
        do throws(SystemError) {
            names = try FileSystem.list(directory)
        } catch {
            diagnostics.append(.documentUnreadable(directory, error.errno))
            isIncomplete = true
            return
        }
        for name in names where !name.hasPrefix(".") {
            if !visit(directory.appending(name), relative.appending(name), depth: depth) { return }
        }
    }

    /// False when nothing more is to be looked at.
    private mutating func visit(_ path: FilePath, _ relative: FilePath, depth: Int) -> Bool {
        guard files.count < Self.most else {
            diagnostics.append(.documentsTooMany(path, most: Self.most))
            isIncomplete = true
            return false
        }
        // What has vanished meanwhile is reported by the attempt to read it.
        let own = (try? FileSystem.status(path))?.kind
        let target = (try? FileSystem.targetStatus(path))?.kind
        switch (own, target) {
        case (.symbolicLink, .directory): diagnostics.append(.documentLinkPassed(path))
        case (.symbolicLink, nil): diagnostics.append(.documentLinkDangling(path))
        case (_, .directory) where depth >= Self.depth:
            diagnostics.append(.documentsTooDeep(path, depth: Self.depth))
            isIncomplete = true
        case (_, .directory): walk(path, below: relative, depth: depth + 1)
        case (_, .fifo), (_, .socket), (_, .characterDevice), (_, .blockDevice): diagnostics.append(.documentPassed(path))
        default: take(path, relative: relative, isNamed: false)
        }
        return true
    }
}
