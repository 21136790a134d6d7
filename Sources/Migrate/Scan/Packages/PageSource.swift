// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import KataSystem

/// Bytes that are looked at in pieces: a database of packages may be larger than what a scan may take.
package protocol PageSource {
    var size: Int64 { get }
    /// Fewer than `count` at the end of it.
    func bytes(at offset: Int64, count: Int) throws(SystemError) -> [UInt8]
}

/// A regular file of the host, open for reading.
package final class HostFile: PageSource, Sendable {
    private let file: OwnedFD
    package let size: Int64

    init(_ file: consuming OwnedFD, size: Int64) {
        self.file = file
        self.size = size
    }

    package func bytes(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        try file.seek(to: offset)
        var all: [UInt8] = []
        while all.count < count {
            let part = try file.read(upTo: count - all.count)
            if part.isEmpty { break }
            all += part
        }
        return all
    }
}

extension [UInt8]: PageSource {
    package var size: Int64 { Int64(count) }

    package func bytes(at offset: Int64, count: Int) -> [UInt8] {
        guard offset >= 0, offset < size else { return [] }
        return Array(dropFirst(Int(offset)).prefix(count))
    }
}

extension [UInt8] {
    /// An unsigned number of `length` bytes; nil behind the end.
    func littleEndian(at offset: Int, length: Int) -> UInt32? {
        guard offset >= 0, offset + length <= count else { return nil }
        return self[offset..<(offset + length)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// As before, with the high byte first.
    func bigEndian(at offset: Int, length: Int) -> UInt32? {
        guard offset >= 0, offset + length <= count else { return nil }
        return self[offset..<(offset + length)].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
