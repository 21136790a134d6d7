// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// What rpm keeps of a package: numbered entries that point into a store (rpm's lib/header.c; "immutable" headers of a database, without magic).
struct RPMHeader {
    let name: String
    /// `3.0.23+git.64d2226-27.1`; the epoch before a colon, as dpkg has it.
    let version: String

    /// RPMTAG_NAME and its neighbours.
    private enum Tag {
        static let name: UInt32 = 1000
        static let version: UInt32 = 1001
        static let release: UInt32 = 1002
        static let epoch: UInt32 = 1003
        static let fileDigests: UInt32 = 1035
        static let directoryIndexes: UInt32 = 1116
        static let baseNames: UInt32 = 1117
        static let directoryNames: UInt32 = 1118
        static let digestAlgorithm: UInt32 = 5011
    }

    private enum Kind {
        static let number: UInt32 = 4
        static let text: UInt32 = 6
        static let texts: UInt32 = 8
    }

    /// Nil for what is no header, or one of no package.
    init?(_ bytes: [UInt8]) {
        guard let count = bytes.bigEndian(at: 0, length: 4).map(Int.init), let length = bytes.bigEndian(at: 4, length: 4).map(Int.init),
            // Each entry has 16 bytes behind the 8 of the preamble.
            8 + 16 * count + length <= bytes.count
        else { return nil }
        let store = bytes[(8 + 16 * count)..<(8 + 16 * count + length)]
        var texts: [UInt32: String] = [:]
        var epoch: UInt32?
        for index in 0..<count {
            let entry = 8 + 16 * index
            guard let tag = bytes.bigEndian(at: entry, length: 4), (Tag.name...Tag.epoch).contains(tag),
                let kind = bytes.bigEndian(at: entry + 4, length: 4),
                let offset = bytes.bigEndian(at: entry + 8, length: 4).map(Int.init), offset < store.count
            else { continue }
            switch (tag, kind) {
            case (Tag.epoch, Kind.number): epoch = bytes.bigEndian(at: store.startIndex + offset, length: 4)
            case (_, Kind.text):
                texts[tag] = String(decoding: store.dropFirst(offset).prefix { $0 != 0 }.prefix(Self.longest), as: UTF8.self)
            default: break
            }
        }
        guard let name = texts[Tag.name], let version = texts[Tag.version], let release = texts[Tag.release], !name.isEmpty else {
            return nil
        }
        self.name = name
        self.version = (epoch.map { $0 == 0 ? "" : "\($0):" } ?? "") + "\(version)-\(release)"
    }

    /// No name or version of a package is longer; a hostile one is cut.
    private static let longest = 256

    /// The digests of a package's files; those that have none, links and directories, are left out, and so is an algorithm other than two.
    static func digests(of bytes: [UInt8]) -> [FilePath: FileDigest] {
        let algorithm: FileDigest.Algorithm
        // RFC 4880, 9.4; rpm before 4.6 had one and did not say it.
        switch numbers(Tag.digestAlgorithm, of: bytes).first {
        case nil, 1: algorithm = .md5
        case 8: algorithm = .sha256
        default: return [:]
        }
        let (names, directories) = (texts(Tag.baseNames, of: bytes), texts(Tag.directoryNames, of: bytes))
        var found: [FilePath: FileDigest] = [:]
        for ((name, directory), digits) in zip(zip(names, numbers(Tag.directoryIndexes, of: bytes)), texts(Tag.fileDigests, of: bytes))
        where !digits.isEmpty && directory < directories.count {
            found[FilePath(directories[Int(directory)] + name)] = FileDigest(algorithm: algorithm, digits: digits)
        }
        return found
    }

    private static func numbers(_ tag: UInt32, of bytes: [UInt8]) -> [UInt32] {
        guard let (start, count) = values(tag, Kind.number, of: bytes) else { return [] }
        return (0..<count).compactMap { bytes.bigEndian(at: start + 4 * $0, length: 4) }
    }

    private static func texts(_ tag: UInt32, of bytes: [UInt8]) -> [String] {
        guard let (start, count) = values(tag, Kind.texts, of: bytes) else { return [] }
        return bytes[start...].split(separator: 0, maxSplits: count, omittingEmptySubsequences: false).prefix(count).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Where the values of an entry begin, and how many there are; no more than bytes are left.
    private static func values(_ tag: UInt32, _ kind: UInt32, of bytes: [UInt8]) -> (start: Int, count: Int)? {
        guard let count = bytes.bigEndian(at: 0, length: 4).map(Int.init) else { return nil }
        for entry in stride(from: 8, to: min(8 + 16 * count, bytes.count), by: 16) where bytes.bigEndian(at: entry, length: 4) == tag {
            guard bytes.bigEndian(at: entry + 4, length: 4) == kind, let offset = bytes.bigEndian(at: entry + 8, length: 4),
                let values = bytes.bigEndian(at: entry + 12, length: 4)
            else { return nil }
            let start = 8 + 16 * count + Int(offset)
            return start < bytes.count ? (start, min(Int(values), bytes.count - start)) : nil
        }
        return nil
    }
}
