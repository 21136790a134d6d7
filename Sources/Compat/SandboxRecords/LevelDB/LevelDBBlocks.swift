// SPDX-License-Identifier: Apache-2.0

/// Reads numbers and byte strings from the front of bytes; nil at their end.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func fixed32() -> UInt32? { fixed(4).map { UInt32($0) } }

    mutating func fixed64() -> UInt64? { fixed(8) }

    private mutating func fixed(_ count: Int) -> UInt64? {
        bytes(count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Seven bits in each byte, the lowest first; at most ten bytes.
    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = byte() else { return nil }
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func lengthPrefixed() -> ArraySlice<UInt8>? {
        guard let length = varint(), let count = Int(exactly: length) else { return nil }
        return bytes(count)
    }
}

/// The framing of logs and manifests: blocks of 32 KiB, in which records are whole or in pieces.
enum LevelDBLog {
    /// The whole records; a damaged one is left out, and reading goes on with the next block.
    static func records(of bytes: [UInt8], onDamage: () -> Void) -> [[UInt8]] {
        var records: [[UInt8]] = []
        var pieces: [UInt8]?
        for start in stride(from: 0, to: bytes.count, by: 32 << 10) {
            var block = ByteReader(bytes[start..<min(start + (32 << 10), bytes.count)])
            while block.rest.count >= 7 {
                guard let sum = block.fixed32(), let low = block.byte(), let high = block.byte() else { break }
                let length = Int(low) | Int(high) << 8
                // Zeros fill what was set aside for more.
                if sum == 0, length == 0, block.rest.first == 0 { break }
                guard let payload = block.bytes(length + 1), let type = payload.first, crc32c(payload) == unmasked(sum) else {
                    // The end of a file may have been cut while it was written; that is a loss, too.
                    onDamage()
                    pieces = nil
                    break
                }
                let data = payload.dropFirst()
                switch (type, pieces) {
                case (1, nil): records.append(Array(data))
                case (2, nil): pieces = Array(data)
                case (3, .some): pieces?.append(contentsOf: data)
                case (4, .some(let begun)):
                    records.append(begun + data)
                    pieces = nil
                default:
                    onDamage()
                    pieces = nil
                }
            }
        }
        if pieces != nil { onDamage() }
        return records
    }
}

/// Sorted tables: blocks of entries, and a block that says where they are.
enum LevelDBTable {
    struct Handle {
        let offset: Int
        let size: Int
    }

    /// Where the blocks of entries are; nil when the footer or the index is damaged.
    static func index(of bytes: [UInt8]) -> [Handle]? {
        let magic: [UInt8] = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
        guard bytes.count >= 48, bytes.suffix(8).elementsEqual(magic) else { return nil }
        var footer = ByteReader(bytes.suffix(48))
        guard handle(&footer) != nil, let place = handle(&footer), let index = block(place, of: bytes), let found = entries(of: index)
        else { return nil }
        var handles: [Handle] = []
        for (_, value) in found {
            var reader = ByteReader(value)
            guard let handle = handle(&reader) else { return nil }
            handles.append(handle)
        }
        return handles
    }

    private static func handle(_ reader: inout ByteReader) -> Handle? {
        guard let offset = reader.varint().flatMap({ Int(exactly: $0) }), let size = reader.varint().flatMap({ Int(exactly: $0) })
        else { return nil }
        return Handle(offset: offset, size: size)
    }

    /// The contents of a block, checked and unpacked.
    static func block(_ handle: Handle, of bytes: [UInt8]) -> [UInt8]? {
        guard handle.offset >= 0, handle.size >= 0, handle.size <= LevelDB.Limits.block, handle.offset <= bytes.count,
            bytes.count - handle.offset >= handle.size + 5
        else { return nil }
        let end = handle.offset + handle.size
        var trailer = ByteReader(bytes[(end + 1)..<(end + 5)])
        guard let sum = trailer.fixed32(), crc32c(bytes[handle.offset..<(end + 1)]) == unmasked(sum) else { return nil }
        let data = bytes[handle.offset..<end]
        switch bytes[end] {
        case 0: return Array(data)
        case 1: return snappy(data, limit: LevelDB.Limits.block)
        default: return nil
        }
    }

    /// Entries, whose keys share their beginnings with the ones before; nil when they do not add up.
    static func entries(of block: [UInt8]) -> [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)]? {
        guard block.count >= 4 else { return nil }
        var end = ByteReader(block.suffix(4))
        guard let restarts = end.fixed32().map({ Int($0) }), restarts <= (block.count - 4) / 4 else { return nil }
        var reader = ByteReader(block[..<(block.count - 4 - 4 * restarts)])
        var entries: [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []
        var key: [UInt8] = []
        while !reader.isAtEnd {
            guard let shared = reader.varint(), let own = reader.varint(), let size = reader.varint(), shared <= UInt64(key.count),
                let ownCount = Int(exactly: own), let valueCount = Int(exactly: size), let suffix = reader.bytes(ownCount),
                let value = reader.bytes(valueCount)
            else { return nil }
            key = Array(key.prefix(Int(shared)) + suffix)
            // Shared beginnings would let a small block stand for much.
            guard key.count <= 64 << 10 else { return nil }
            entries.append((key[...], value))
        }
        return entries
    }
}

/// Unpacks Snappy's format without framing; nil when it is damaged or would be longer than `limit`.
func snappy(_ bytes: ArraySlice<UInt8>, limit: Int) -> [UInt8]? {
    var reader = ByteReader(bytes)
    guard let length = reader.varint(), length <= UInt64(limit) else { return nil }
    let count = Int(length)
    var text: [UInt8] = []
    text.reserveCapacity(count)
    while let tag = reader.byte() {
        let high = Int(tag >> 2)
        if tag & 3 == 0 {
            var size = high
            if high >= 60 {
                guard let more = reader.bytes(high - 59) else { return nil }
                size = more.reversed().reduce(0) { $0 << 8 | Int($1) }
            }
            guard let literal = reader.bytes(size + 1), text.count + literal.count <= count else { return nil }
            text.append(contentsOf: literal)
            continue
        }
        var (size, offset) = (high + 1, 0)
        switch tag & 3 {
        case 1:
            guard let low = reader.byte() else { return nil }
            (size, offset) = (Int(tag >> 2 & 7) + 4, Int(tag >> 5) << 8 | Int(low))
        case 2:
            guard let low = reader.bytes(2) else { return nil }
            offset = low.reversed().reduce(0) { $0 << 8 | Int($1) }
        default:
            guard let low = reader.bytes(4) else { return nil }
            offset = low.reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        guard offset > 0, offset <= text.count, text.count + size <= count else { return nil }
        // Byte by byte: a copy may reach into what it makes itself.
        for _ in 0..<size { text.append(text[text.count - offset]) }
    }
    return text.count == count ? text : nil
}

private let castagnoli: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
}

/// CRC-32C.
func crc32c(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in sum >> 8 ^ castagnoli[Int((sum ^ UInt32(byte)) & 0xFF)] }
}

/// LevelDB stores checksums rotated, because a checksum of what holds checksums is weak.
private func unmasked(_ sum: UInt32) -> UInt32 {
    let rotated = sum &- 0xA282_EAD8
    return rotated >> 17 | rotated << 15
}
