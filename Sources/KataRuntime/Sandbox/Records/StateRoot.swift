// SPDX-License-Identifier: Apache-2.0

package import KataOCI
package import KataSystem
internal import KataText
package import SystemPackage

/// The directory given by `--root`: one subdirectory per container, with its record.
package struct StateRoot: Sendable {
    package static let standard = FilePath("/run/kata-swift")
    static let recordName = "record.json"
    static let specificationName = "config.json"
    /// A record is some hundred bytes; annotations of an engine may add some ten kilobytes.
    static let recordLimit = 4 << 20

    package let path: FilePath
    /// Where containers wait that have no VM yet; they belong to the root that commands use when none is given.
    private let cold: FilePath?

    /// - Parameter cold: for tests.
    package init(_ path: FilePath, cold: FilePath? = nil) {
        self.path = path
        self.cold = path == Self.standard ? ColdRecord.directory : cold
    }

    /// Where sandboxes live, whatever the root: socket paths are limited to 107 bytes, and roots of engines are long.
    package static let sandboxes = standard.appending("sandboxes")

    package func directory(_ id: ContainerID) -> FilePath { path.appending(id.rawValue) }

    /// The copy of the specification that a container was made from.
    func specification(_ id: String) -> FilePath { path.appending(id).appending(Self.specificationName) }

    /// Takes the id: the directory appears whole, with its record, or not at all.
    ///
    /// - Parameters:
    ///   - specification: the `config.json` that the container is made from.
    ///   - wakes: whether the id is that of a waiting container, whose VM this is to be; else such an id is taken.
    package func reserve(
        _ id: ContainerID, _ record: ContainerRecord, specification: [UInt8], wakes: Bool = false
    ) throws(RecordError) {
        if !wakes, isMoved(id) { throw RecordError.inUse(id) }
        let fresh = path.appending(".new.\(UInt32.random(in: 0 ... .max))")
        do throws(SystemError) {
            try FileSystem.makeDirectory(path, mode: 0o700)
            try FileSystem.makeDirectory(fresh, mode: 0o700)
            try AtomicFile.write(encode(record), to: fresh.appending(Self.recordName))
            try AtomicFile.write(specification, to: fresh.appending(Self.specificationName))
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
        do throws(RecordError) {
            let record = try decode(ContainerRecord.self, id, below: path)
            guard record.version == ContainerRecord.currentVersion else { throw RecordError.unknownVersion(id, record.version) }
            return record
        } catch {
            guard case .missing = error, let cold else { throw error }
            let record = try decode(ColdRecord.self, id, below: cold)
            guard record.version == ColdRecord.currentVersion else { throw RecordError.unknownVersion(id, record.version) }
            let written = try? FileSystem.status(cold.appending(id.rawValue).appending(Self.recordName))  // it was read just now
            return record.container(created: Timestamp(seconds: written?.modificationSeconds ?? 0, nanoseconds: 0))
        }
    }

    private func decode<Record: Decodable>(_: Record.Type, _ id: ContainerID, below parent: FilePath) throws(RecordError) -> Record {
        let path = parent.appending(id.rawValue).appending(Self.recordName)
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
            return try document.decode(Record.self)
        } catch let error as RecordError {
            throw error
        } catch {
            throw RecordError.unreadable(id, error)
        }
    }

    /// Whether a container was moved here from an older runtime.
    package func isMoved(_ id: ContainerID) -> Bool { cold.map { FileSystem.exists($0.appending(id.rawValue)) } ?? false }

    /// Frees the id.
    package func remove(_ id: ContainerID) throws(SystemError) {
        try FileSystem.removeTree(directory(id))
        if let cold { try FileSystem.removeTree(cold.appending(id.rawValue)) }
    }

    /// Frees the id of a container that is not made after all: one that waits goes on waiting.
    package func release(_ id: ContainerID) throws(SystemError) {
        try FileSystem.removeTree(directory(id))
    }

    /// All records, by id. A directory without a record is somebody else's; an unreadable record is in `failures`.
    package func list() throws(SystemError) -> (records: [ContainerRecord], failures: [RecordError]) {
        var records: [ContainerRecord] = []
        var failures: [RecordError] = []
        var names = Set<String>()
        for parent in [path, cold].compactMap(\.self) where FileSystem.exists(parent) { names.formUnion(try FileSystem.list(parent)) }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
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
