// SPDX-License-Identifier: Apache-2.0

/// Reads the "newc" format on its own terms, to check the writer against something that shares no code with it.
struct NewcReader {
    struct Entry: Equatable {
        let name: String
        let inode: Int
        let mode: Int
        let owner: Int
        let group: Int
        let links: Int
        let time: Int
        let deviceMajor: Int
        let deviceMinor: Int
        let content: [UInt8]
    }

    struct Malformed: Error {
        let reason: String
        let offset: Int
    }

    /// Every entry before the trailer.
    static func entries(_ bytes: [UInt8]) throws -> [Entry] {
        var entries: [Entry] = []
        var offset = 0
        while true {
            let text = String(decoding: bytes[offset..<min(offset + 110, bytes.count)], as: UTF8.self)
            guard text.count == 110, text.hasPrefix("070701") else { throw Malformed(reason: "no header", offset: offset) }
            var fields: [Int] = []
            for index in 0..<13 {
                let digits = text.dropFirst(6 + 8 * index).prefix(8)
                guard let value = Int(digits, radix: 16) else { throw Malformed(reason: "'\(digits)' is no number", offset: offset) }
                fields.append(value)
            }
            let nameStart = offset + 110
            let name = String(decoding: bytes[nameStart..<nameStart + fields[11] - 1], as: UTF8.self)
            guard bytes[nameStart + fields[11] - 1] == 0 else { throw Malformed(reason: "name without an end", offset: nameStart) }
            if name == "TRAILER!!!" { return entries }
            let contentStart = (nameStart + fields[11] + 3) / 4 * 4
            entries.append(
                Entry(
                    name: name, inode: fields[0], mode: fields[1], owner: fields[2], group: fields[3], links: fields[4],
                    time: fields[5], deviceMajor: fields[9], deviceMinor: fields[10],
                    content: Array(bytes[contentStart..<contentStart + fields[6]])))
            offset = (contentStart + fields[6] + 3) / 4 * 4
        }
    }
}
