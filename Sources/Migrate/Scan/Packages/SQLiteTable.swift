// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

/// The blobs of one table of a database of SQLite 3 (https://www.sqlite.org/fileformat2.html), as rpm keeps its packages in from 4.16 on.
struct SQLiteTable {
    enum Flaw: Error, Equatable { case notADatabase, noSuchTable }

    private let source: any PageSource
    private let pageSize: Int
    /// Bytes of a page that are used for content.
    private let usable: Int
    private let pages: UInt32
    private let root: UInt32

    init(named name: String, in source: any PageSource) throws {
        let head = try source.bytes(at: 0, count: 100)
        guard head.starts(with: Array("SQLite format 3\0".utf8)), let stated = head.bigEndian(at: 16, length: 2) else {
            throw Flaw.notADatabase
        }
        // 1 stands for 65536, which two bytes cannot hold.
        let size = stated == 1 ? 65536 : Int(stated)
        guard (512...65536).contains(size), size & (size - 1) == 0, head.count == 100, size - Int(head[20]) >= 480 else {
            throw Flaw.notADatabase
        }
        let usable = size - Int(head[20])
        let pages = UInt32(clamping: source.size / Int64(size))
        // The schema is a table itself: type, name, table, root page, statement.
        let schema = SQLiteTable(source: source, pageSize: size, usable: usable, pages: pages, root: 1)
        var found: UInt32?
        _ = try schema.forEachRow { row in
            guard row.count >= 4, case .blob(let kind) = row[0], case .blob(let title) = row[1], case .number(let page) = row[3] else {
                return
            }
            if kind == Array("table".utf8), title == Array(name.utf8) { found = UInt32(exactly: page) }
        }
        guard let found else { throw Flaw.noSuchTable }
        self.init(source: source, pageSize: size, usable: usable, pages: pages, root: found)
    }

    private init(source: any PageSource, pageSize: Int, usable: Int, pages: UInt32, root: UInt32) {
        self.source = source
        self.pageSize = pageSize
        self.usable = usable
        self.pages = pages
        self.root = root
    }

    private enum Value {
        case number(Int64)
        /// Of texts, too.
        case blob([UInt8])
        case other
    }

    /// Calls `body` with the blobs of each row.
    ///
    /// - Returns: how many pages could not be read.
    func forEachBlob(_ body: ([UInt8]) -> Void) throws(SystemError) -> Int {
        try forEachRow { row in
            for case .blob(let bytes) in row { body(bytes) }
        }
    }

    /// Walks the tree from its root; a page is looked at once, so that a circle ends.
    private func forEachRow(_ body: ([Value]) -> Void) throws(SystemError) -> Int {
        var flaws = 0
        var seen: Set<UInt32> = []
        var pending = [root]
        while let number = pending.popLast() {
            guard number > 0, number <= pages, seen.insert(number).inserted else {
                flaws += 1
                continue
            }
            let page = try bytes(of: number)
            // The first page begins with the head of the file.
            let start = number == 1 ? 100 : 0
            guard page.count == pageSize, let count = page.bigEndian(at: start + 3, length: 2).map(Int.init),
                let kind = TreePage(rawValue: page[start])
            else {
                flaws += 1
                continue
            }
            for index in 0..<count {
                let place = start + kind.headLength + 2 * index
                guard let cell = page.bigEndian(at: place, length: 2).map(Int.init), cell < pageSize else {
                    flaws += 1
                    break
                }
                switch kind {
                case .interior: if let child = page.bigEndian(at: cell, length: 4) { pending.append(child) }
                case .leaf: if let row = try row(page, at: cell) { body(row) } else { flaws += 1 }
                }
            }
            if kind == .interior, let last = page.bigEndian(at: start + 8, length: 4) { pending.append(last) }
        }
        return flaws
    }

    private enum TreePage: UInt8 {
        case interior = 0x05
        case leaf = 0x0D

        var headLength: Int { self == .interior ? 12 : 8 }
    }

    private func bytes(of number: UInt32) throws(SystemError) -> [UInt8] {
        try source.bytes(at: Int64(number - 1) * Int64(pageSize), count: pageSize)
    }

    private func row(_ page: [UInt8], at cell: Int) throws(SystemError) -> [Value]? {
        var place = cell
        guard let length = Self.number(page, &place).flatMap({ Int(exactly: $0) }), length <= BerkeleyHash.valueLimit, length >= 0,
            Self.number(page, &place) != nil, let record = try payload(page, at: place, length)
        else { return nil }
        return Self.values(of: record)
    }

    /// What does not fit onto a page of the tree goes on in a chain of others.
    private func payload(_ page: [UInt8], at place: Int, _ length: Int) throws(SystemError) -> [UInt8]? {
        let most = usable - 35
        let least = (usable - 12) * 32 / 255 - 23
        let kept = least + (length - least) % (usable - 4)
        let local = length <= most ? length : kept <= most ? kept : least
        guard place + local <= page.count else { return nil }
        var record = Array(page[place..<(place + local)])
        guard local < length else { return record }
        guard var next = page.bigEndian(at: place + local, length: 4) else { return nil }
        while record.count < length {
            guard next > 0, next <= pages else { return nil }
            let more = try bytes(of: next)
            guard more.count == pageSize, let following = more.bigEndian(at: 0, length: 4) else { return nil }
            record += more[4..<usable].prefix(length - record.count)
            next = following
        }
        return record
    }

    private static func values(of record: [UInt8]) -> [Value]? {
        var place = 0
        guard let head = number(record, &place).flatMap({ Int(exactly: $0) }), head <= record.count, head >= place else { return nil }
        var values: [Value] = []
        var content = head
        while place < head {
            guard let kind = number(record, &place), kind >= 0, let length = length(ofType: kind), length <= record.count - content else {
                return nil
            }
            let bytes = record[content..<(content + length)]
            switch kind {
            case 1...6:
                let sign: Int64 = bytes.first.map { $0 & 0x80 != 0 ? -1 : 0 } ?? 0
                values.append(.number(bytes.reduce(sign) { $0 << 8 | Int64($1) }))
            case 8: values.append(.number(0))
            case 9: values.append(.number(1))
            case 12...: values.append(.blob(Array(bytes)))
            default: values.append(.other)
            }
            content += length
        }
        return values
    }

    private static func length(ofType kind: Int64) -> Int? {
        switch kind {
        case 0, 8, 9: 0
        case 1...4: Int(kind)
        case 5: 6
        case 6, 7: 8
        case 12...: Int(exactly: (kind - 12) / 2)
        default: nil
        }
    }

    /// Seven bits a byte, the highest first, as long as the eighth is set; the ninth byte counts whole.
    private static func number(_ bytes: [UInt8], _ place: inout Int) -> Int64? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            place += 1
            if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
            value = value << 7 | UInt64(byte & 0x7F)
            if byte & 0x80 == 0 { return Int64(bitPattern: value) }
        }
        return nil
    }
}
