// SPDX-License-Identifier: Apache-2.0

package import KataOCI
package import KataSystem
internal import KataText
package import SystemPackage

/// The directory given by `--root`: one subdirectory per container, with its record.
package struct StateRoot: Sendable {
    package static let standard = FilePath("/run/kata-swift")
    static let recordName = "record.json"
    /// A record is some hundred bytes; annotations of an engine may add some ten kilobytes.
    static let recordLimit = 4 << 20

    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    /// Where sandboxes live, whatever the root: socket paths are limited to 107 bytes, and roots of engines are long.
    package static let sandboxes = standard.appending("sandboxes")

    package func directory(_ id: ContainerID) -> FilePath { path.appending(id.rawValue) }

    /// Takes the id: the directory appears whole, with its record, or not at all.
    package func reserve(_ id: ContainerID, _ record: ContainerRecord) throws(RecordError) {
        let fresh = path.appending(".new.\(UInt32.random(in: 0 ... .max))")
        do throws(SystemError) {
            try FileSystem.makeDirectory(path, mode: 0o700)
            try FileSystem.makeDirectory(fresh, mode: 0o700)
            try AtomicFile.write(encode(record), to: fresh.appending(Self.recordName))
            try FileSystem.rename(fresh, to: directory(id))
        } catch {
            _ = try? FileSystem.removeTree(fresh)  // the failure above is the one to report
            switch error.errno {
            case .fileExists, .directoryNotEmpty, .notDirectory: throw RecordError.inUse(id)
            default: throw RecordError.unwritable(id, error)
            }
        }
    }

    /// Replaces the record of a reserved id.
    package func save(_ id: ContainerID, _ record: ContainerRecord) throws(RecordError) {
        do throws(SystemError) {
            try AtomicFile.write(encode(record), to: directory(id).appending(Self.recordName))
        } catch {
            throw RecordError.unwritable(id, error)
        }
    }

    package func record(_ id: ContainerID) throws(RecordError) -> ContainerRecord {
        let path = directory(id).appending(Self.recordName)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(path, limit: Self.recordLimit)
        } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .notDirectory: throw RecordError.missing(id)
            default: throw RecordError.unreadable(id, error)
            }
        }
        do {
            let parsed = JSONDocument.parse(SourceText(path: path, bytes: bytes))
            guard let document = parsed.value else { throw RecordError.malformed(id, path) }
            let record = try document.decode(ContainerRecord.self)
            guard record.version == ContainerRecord.currentVersion else { throw RecordError.unknownVersion(id, record.version) }
            return record
        } catch let error as RecordError {
            throw error
        } catch {
            throw RecordError.unreadable(id, error)
        }
    }

    /// Frees the id.
    package func remove(_ id: ContainerID) throws(SystemError) {
        try FileSystem.removeTree(directory(id))
    }

    /// All records, by id. A directory without a record is somebody else's; an unreadable record is in `failures`.
    package func list() throws(SystemError) -> (records: [ContainerRecord], failures: [RecordError]) {
        guard FileSystem.exists(path) else { return ([], []) }
        var records: [ContainerRecord] = []
        var failures: [RecordError] = []
        for name in try FileSystem.list(path) {
            guard let id = try? ContainerID(name) else { continue }  // not a name that a container can have
            do throws(RecordError) {
                records.append(try record(id))
            } catch {
                if case .missing = error { continue }
                failures.append(error)
            }
        }
        return (records, failures)
    }

    private func encode(_ record: ContainerRecord) throws(SystemError) -> [UInt8] {
        do {
            return try encodeJSON(record, pretty: true)
        } catch {
            preconditionFailure("a container record has no value that JSON cannot hold: \(error)")
        }
    }
}

/// Why a record cannot be had or kept.
package enum RecordError: FaultyError {
    case inUse(ContainerID)
    case missing(ContainerID)
    case malformed(ContainerID, FilePath)
    case unknownVersion(ContainerID, Int)
    case unreadable(ContainerID, any Error)
    case unwritable(ContainerID, SystemError)

    package var fault: Fault {
        switch self {
        case .inUse, .missing, .unknownVersion: .user
        case .malformed, .unreadable, .unwritable: .host
        }
    }

    package var cause: (any Error)? {
        switch self {
        case .unreadable(_, let cause): cause
        case .unwritable(_, let cause): cause
        case .inUse, .missing, .malformed, .unknownVersion: nil
        }
    }

    package var description: String {
        switch self {
        case .inUse(let id): "container with id '\(id.rawValue)' exists: choose another id or delete it first"
        case .missing(let id): "container '\(id.rawValue)' does not exist"
        case .malformed(let id, let path): "record of container '\(id.rawValue)' at \(path) is not JSON: remove it with delete --force"
        case .unknownVersion(let id, let version):
            "record of container '\(id.rawValue)' has version \(version), this program knows \(ContainerRecord.currentVersion)"
        case .unreadable(let id, _): "read the record of container '\(id.rawValue)'"
        case .unwritable(let id, _): "write the record of container '\(id.rawValue)'"
        }
    }
}
