// SPDX-License-Identifier: Apache-2.0
internal import KataSystem
internal import SystemPackage

/// The newest values of a LevelDB database, as goleveldb wrote it, read without opening it: nothing is locked, repaired or written.
///
/// What the manifest names is read, tables and logs; without a readable manifest all that is there. What fails its checksum is left out and
/// said, the rest is still read. See LevelDB's doc/table_format.md, doc/log_format.md.
struct LevelDB {
    /// By key; deleted ones are not there.
    private(set) var values: [[UInt8]: [UInt8]] = [:]
    /// What could not be read, by file.
    private(set) var problems: [(file: FilePath, message: String)] = []
    private var newest: [[UInt8]: UInt64] = [:]
    private var size = 0

    /// Bounds that keep a hostile directory from taking all memory; hyperd had a few kilobytes for each pod.
    enum Limits {
        /// goleveldb splits tables at 2 MiB and logs at 4 MiB.
        static let file = 64 << 20
        static let files = 1_000
        static let values = 128 << 20
        static let keys = 1_000_000
        /// A block is 4 KiB, but for values that are larger.
        static let block = 16 << 20
    }

    /// Reads the database in a directory; nil when there is none.
    init?(in directory: FilePath, of tree: some LegacyTree) {
        let entries: [LegacyTreeEntry]
        do {
            guard let found = try tree.list(directory) else { return nil }
            entries = found
        } catch {
            problems.append((directory, errorChain(error)))
            return
        }
        var files = entries.filter { $0.kind == .file }.compactMap { LevelDBFile($0.name, in: directory) }
        guard !files.isEmpty else { return nil }
        if let manifest = manifest(directory, tree) {
            files = files.filter { manifest.isLive($0) }
        } else {
            problems.append((directory.appending("CURRENT"), "the manifest cannot be read; every table and log is read instead"))
        }
        if files.count > Limits.files { problems.append((directory, "\(files.count) files, of which \(Limits.files) are read")) }
        for file in files.sorted(by: { $0.number < $1.number }).prefix(Limits.files) {
            guard let bytes = read(file.path, tree) else { continue }
            switch file.kind {
            case .table: table(bytes, file.path)
            case .log: log(bytes, file.path)
            }
        }
    }

    private mutating func read(_ file: FilePath, _ tree: some LegacyTree) -> [UInt8]? {
        do {
            return try tree.read(file, limit: Limits.file)
        } catch {
            problems.append((file, errorChain(error)))
            return nil
        }
    }

    private mutating func manifest(_ directory: FilePath, _ tree: some LegacyTree) -> LevelDBManifest? {
        guard let current = read(directory.appending("CURRENT"), tree), current.count < 64,
            let name = FilePath.Component(String(decoding: current, as: UTF8.self).filter { !$0.isNewline }), name.kind == .regular,
            name.string.hasPrefix("MANIFEST-"), let bytes = read(directory.appending(name), tree)
        else { return nil }
        var manifest = LevelDBManifest()
        var isWhole = true
        for record in LevelDBLog.records(of: bytes, onDamage: { isWhole = false }) where !manifest.apply(record) { isWhole = false }
        return isWhole ? manifest : nil
    }

    private mutating func log(_ bytes: [UInt8], _ file: FilePath) {
        var damage = 0
        for record in LevelDBLog.records(of: bytes, onDamage: { damage += 1 }) where !batch(record) { damage += 1 }
        if damage > 0 { problems.append((file, "\(damage) records of the log are damaged and left out")) }
    }

    /// A sequence number, a count, and so many puts and deletes; false when it is not well formed.
    private mutating func batch(_ record: [UInt8]) -> Bool {
        var reader = ByteReader(record[...])
        guard let sequence = reader.fixed64(), let count = reader.fixed32() else { return false }
        for index in 0..<UInt64(count) {
            guard let type = reader.byte(), let key = reader.lengthPrefixed() else { return false }
            switch type {
            case 0: set(key, sequence &+ index, nil)
            case 1:
                guard let value = reader.lengthPrefixed() else { return false }
                set(key, sequence &+ index, value)
            default: return false
            }
        }
        return true
    }

    private mutating func table(_ bytes: [UInt8], _ file: FilePath) {
        var damage = 0
        guard let index = LevelDBTable.index(of: bytes) else {
            problems.append((file, "the table's index is damaged; nothing of it is read"))
            return
        }
        for handle in index {
            guard let block = LevelDBTable.block(handle, of: bytes), let entries = LevelDBTable.entries(of: block) else {
                damage += 1
                continue
            }
            for (key, value) in entries {
                guard key.count >= 8 else {
                    damage += 1
                    continue
                }
                var trailer = ByteReader(key.suffix(8))
                guard let tag = trailer.fixed64() else { continue }
                set(key.dropLast(8), tag >> 8, tag & 0xFF == 1 ? value : nil)
            }
        }
        if damage > 0 { problems.append((file, "\(damage) blocks of the table are damaged and left out")) }
    }

    private mutating func set(_ key: ArraySlice<UInt8>, _ sequence: UInt64, _ value: ArraySlice<UInt8>?) {
        let key = Array(key)
        if let known = newest[key], known > sequence { return }
        guard newest.count < Limits.keys, size + (value?.count ?? 0) <= Limits.values else { return }
        newest[key] = sequence
        size += value?.count ?? 0
        values[key] = value.map { Array($0) }
    }
}

/// A file of a database whose name has a number.
struct LevelDBFile {
    enum Kind { case table, log }

    let number: UInt64
    let kind: Kind
    let path: FilePath

    /// Nil for files of other names.
    init?(_ name: String, in directory: FilePath) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(parts[0]),
            let component = FilePath.Component(name)
        else { return nil }
        switch parts[1] {
        case "ldb", "sst": kind = .table
        case "log": kind = .log
        default: return nil
        }
        self.number = number
        path = directory.appending(component)
    }
}

/// Which files hold the database.
struct LevelDBManifest {
    private var tables: Set<UInt64> = []
    private var journal: UInt64 = 0
    private var previousJournal: UInt64 = 0

    func isLive(_ file: LevelDBFile) -> Bool {
        switch file.kind {
        case .table: tables.contains(file.number)
        case .log: file.number >= journal || file.number == previousJournal
        }
    }

    /// Takes one edit; false when it is not well formed.
    mutating func apply(_ record: [UInt8]) -> Bool {
        var reader = ByteReader(record[...])
        while !reader.isAtEnd {
            switch reader.varint() {
            case 1?: guard reader.lengthPrefixed() != nil else { return false }
            case 2?:
                guard let number = reader.varint() else { return false }
                journal = number
            case 3?, 4?: guard reader.varint() != nil else { return false }
            case 5?: guard reader.varint() != nil, reader.lengthPrefixed() != nil else { return false }
            case 6?:
                guard reader.varint() != nil, let number = reader.varint() else { return false }
                tables.remove(number)
            case 7?:
                guard reader.varint() != nil, let number = reader.varint(), reader.varint() != nil, reader.lengthPrefixed() != nil,
                    reader.lengthPrefixed() != nil, tables.count < 100_000
                else { return false }
                tables.insert(number)
            case 9?:
                guard let number = reader.varint() else { return false }
                previousJournal = number
            default: return false
            }
        }
        return true
    }
}
