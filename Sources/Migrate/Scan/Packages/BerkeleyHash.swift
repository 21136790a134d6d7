// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

/// The values of a hash database of Berkeley DB, as rpm keeps its packages in until 4.16.
///
/// Every page says itself what it is, so that all of them are walked through and nothing is looked up (db_page.h of Berkeley DB 5.3).
struct BerkeleyHash {
    /// Why its bytes are no database that can be read.
    enum Flaw: Error, Equatable {
        case notADatabase
        case otherByteOrder
        case encrypted
        /// The number of a page that cannot be right.
        case damaged(UInt32)
    }

    private let source: any PageSource
    private let pageSize: Int
    private let lastPage: UInt32

    /// 16 MiB: the header of a package with 50,000 files has some 5.
    static let valueLimit = 16 << 20

    private static let magic: UInt32 = 0x0006_1561
    /// What comes before the items of a page, or before its stretch of a long value.
    private static let head = 26

    private enum PageKind {
        static let unsortedHash: UInt8 = 2
        static let overflow: UInt8 = 7
        static let hash: UInt8 = 13
    }

    private enum ItemKind {
        static let value: UInt8 = 1
        static let elsewhere: UInt8 = 3
    }

    init(_ source: any PageSource) throws {
        let meta = try source.bytes(at: 0, count: 512)
        guard let magic = meta.littleEndian(at: 12, length: 4), let size = meta.littleEndian(at: 20, length: 4),
            let last = meta.littleEndian(at: 32, length: 4)
        else { throw Flaw.notADatabase }
        if magic.byteSwapped == Self.magic { throw Flaw.otherByteOrder }
        // Page sizes are powers of two from 512 to 64 KiB.
        guard magic == Self.magic, (512...65536).contains(size), size & (size - 1) == 0 else { throw Flaw.notADatabase }
        guard meta[24] == 0 else { throw Flaw.encrypted }
        self.source = source
        pageSize = Int(size)
        lastPage = min(last, UInt32(clamping: source.size / Int64(size)))
    }

    /// Calls `body` with each value; nothing is promised about their order.
    ///
    /// - Returns: the pages of which something could not be read; what is on the others has been read.
    func forEachValue(_ body: ([UInt8]) -> Void) throws(SystemError) -> [Flaw] {
        var flaws: [Flaw] = []
        guard lastPage > 0 else { return [] }
        for number in 1...lastPage {
            let page = try bytes(of: number)
            guard page.count == pageSize, [PageKind.hash, PageKind.unsortedHash].contains(page[25]) else { continue }
            guard let items = Self.items(of: page) else {
                flaws.append(.damaged(number))
                continue
            }
            // Keys and values take turns.
            for (index, item) in items.enumerated() where index % 2 == 1 {
                do throws(Flaw) {
                    if let value = try value(of: page, item, on: number) { body(value) }
                } catch {
                    flaws.append(error)
                }
            }
        }
        return flaws
    }

    private func bytes(of number: UInt32) throws(SystemError) -> [UInt8] {
        try source.bytes(at: Int64(number) * Int64(pageSize), count: pageSize)
    }

    /// Items lie from the end of the page to its head, the first one last.
    private static func items(of page: [UInt8]) -> [Range<Int>]? {
        guard let count = page.littleEndian(at: 20, length: 2).map(Int.init), head + 2 * count <= page.count else { return nil }
        var items: [Range<Int>] = []
        var end = page.count
        for index in 0..<count {
            guard let start = page.littleEndian(at: head + 2 * index, length: 2).map(Int.init), start >= head + 2 * count, start < end
            else { return nil }
            items.append(start..<end)
            end = start
        }
        return items
    }

    /// Nil for what is neither on the page nor behind it: duplicates, of which rpm has none.
    private func value(of page: [UInt8], _ item: Range<Int>, on number: UInt32) throws(Flaw) -> [UInt8]? {
        switch page[item.lowerBound] {
        case ItemKind.value: return Array(page[item.dropFirst()])
        case ItemKind.elsewhere:
            guard let first = page.littleEndian(at: item.lowerBound + 4, length: 4),
                let length = page.littleEndian(at: item.lowerBound + 8, length: 4), item.count >= 12
            else { throw .damaged(number) }
            return try longValue(from: first, Int(length))
        default: return nil
        }
    }

    private func longValue(from first: UInt32, _ length: Int) throws(Flaw) -> [UInt8] {
        guard length <= Self.valueLimit else { throw .damaged(first) }
        var value: [UInt8] = []
        var number = first
        while value.count < length {
            // A page that holds nothing would be a circle without an end.
            guard number > 0, number <= lastPage, let page = try? bytes(of: number), page.count == pageSize,
                page[25] == PageKind.overflow, let stretch = page.littleEndian(at: 22, length: 2).map(Int.init),
                stretch > 0, Self.head + stretch <= pageSize
            else { throw .damaged(number) }
            value += page[Self.head..<(Self.head + stretch)]
            number = page.littleEndian(at: 16, length: 4) ?? 0
        }
        guard value.count == length else { throw .damaged(first) }
        return value
    }
}
