// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
internal import SystemPackage

/// One walk over a host: what was looked at is remembered, what could not be read is reported, and the walk goes on.
struct Survey {
    let view: HostView
    private(set) var observations: [FilePath: Observation] = [:]
    private(set) var diagnostics: [Diagnostic] = []
    /// The texts that diagnostics point into.
    private(set) var sources: [FilePath: SourceText] = [:]

    /// 1 MiB: the largest legacy document known, a pod record with its embedded OCI spec twice, is some 60 KiB.
    static let documentLimit = 1 << 20
    /// 16 MiB, as the runtime reads a bundle's `config.json`.
    static let bundleLimit = 16 << 20
    /// 64 MiB: dpkg's status file and the Go binaries stay below.
    static let fileLimit = 64 << 20

    init(of view: HostView) {
        self.view = view
    }

    /// The bytes of a regular file; nil when it is absent, or is not one, or cannot be read, and the last two are reported.
    mutating func read(_ path: FilePath, limit: Int = documentLimit) -> [UInt8]? {
        do throws(SystemError) {
            let (seen, bytes) = try view.read(path, limit: limit)
            observations[path] = seen
            if bytes == nil, seen.kind != .absent { report(.unexpectedKind(path, seen.kind, wanted: .file)) }
            return bytes
        } catch {
            report(.unreadable(path, error))
            return nil
        }
    }

    /// A regular file that may be of any size; nil when it is absent, or is not one, or cannot be opened, and the last two are reported.
    mutating func file(_ path: FilePath) -> HostFile? {
        do throws(SystemError) {
            let (seen, file) = try view.file(path)
            observations[path] = seen
            if file == nil, seen.kind != .absent { report(.unexpectedKind(path, seen.kind, wanted: .file)) }
            return file
        } catch {
            report(.unreadable(path, error))
            return nil
        }
    }

    mutating func source(_ path: FilePath, limit: Int = documentLimit) -> SourceText? {
        guard let bytes = read(path, limit: limit) else { return nil }
        let source = SourceText(path: path, bytes: bytes)
        sources[path] = source
        return source
    }

    /// What is there, without its bytes; nil when even that cannot be told, which is reported.
    @discardableResult
    mutating func look(at path: FilePath) -> Observation? {
        do throws(SystemError) {
            let seen = try view.look(at: path)
            // A look must not replace a reading, which knows the digest.
            if observations[path]?.digest == nil { observations[path] = seen }
            return seen
        } catch {
            report(.unreadable(path, error))
            return nil
        }
    }

    mutating func exists(_ path: FilePath) -> Bool {
        guard let seen = look(at: path) else { return false }
        return seen.kind != .absent && seen.kind != .danglingLink
    }

    /// The names in a directory; empty when there is none.
    mutating func names(in path: FilePath) -> [String] {
        do throws(SystemError) {
            let names = try view.names(in: path)
            observations[path] = try view.look(at: path)
            return names ?? []
        } catch {
            report(.unreadable(path, error))
            return []
        }
    }

    mutating func remember(_ seen: [FilePath: Observation]) {
        observations.merge(seen) { _, new in new }
    }

    mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }
    mutating func report(_ more: [Diagnostic]) { diagnostics += more }
}
