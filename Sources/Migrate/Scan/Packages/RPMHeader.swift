// SPDX-License-Identifier: Apache-2.0

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
    }

    private enum Kind {
        static let number: UInt32 = 4
        static let text: UInt32 = 6
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
}
