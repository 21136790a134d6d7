// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataSystem
internal import Synchronization
internal import SystemPackage

/// The host as Compat's readers of records see it; it remembers what they read, so that a plan relies on the very bytes that were judged.
final class RecordingTree: LegacyTree {
    private let view: HostView
    private let seen = Mutex<[FilePath: Observation]>([:])

    init(of view: HostView) {
        self.view = view
    }

    var observations: [FilePath: Observation] { seen.withLock { $0 } }

    func list(_ directory: FilePath) throws(LegacyTreeError) -> [LegacyTreeEntry]? {
        do throws(SystemError) {
            guard let names = try view.names(in: directory) else { return nil }
            let looked = try view.look(at: directory)
            seen.withLock { $0[directory] = looked }
            var entries: [LegacyTreeEntry] = []
            for name in names {
                let place = directory.appending(name)
                let there = try view.look(at: place)
                entries.append(
                    LegacyTreeEntry(
                        name: name, kind: there.isLink ? .link : LegacyTreeEntry.Kind(there.kind), target: there.target.map { "\($0)" }))
            }
            return entries
        } catch {
            throw LegacyTreeError(path: directory, reason: .refused, cause: error)
        }
    }

    func read(_ file: FilePath, limit: Int) throws(LegacyTreeError) -> [UInt8]? {
        let looked: Observation
        let bytes: [UInt8]?
        do throws(SystemError) {
            (looked, bytes) = try view.read(file, limit: limit)
        } catch {
            if error.errno == .fileTooLarge { throw LegacyTreeError(path: file, reason: .longerThan(limit)) }
            throw LegacyTreeError(path: file, reason: .refused, cause: error)
        }
        seen.withLock { $0[file] = looked }
        if bytes == nil, looked.kind != .absent {
            throw LegacyTreeError(path: file, reason: .wrongKind(LegacyTreeEntry.Kind(looked.kind)))
        }
        return bytes
    }
}

extension LegacyTreeEntry.Kind {
    fileprivate init(_ kind: Observation.Kind) {
        self =
            switch kind {
            case .file: .file
            case .directory: .directory
            case .socket: .socket
            case .danglingLink: .link
            case .absent, .fifo, .device: .other
            }
    }
}
