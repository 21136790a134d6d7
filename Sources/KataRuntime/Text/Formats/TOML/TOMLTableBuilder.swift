// SPDX-License-Identifier: Apache-2.0

/// One part of a key as written.
struct TOMLKeyPart {
    let text: String
    let range: SourceRange
}

/// A table while its document is being read: by reference, because headers come back to tables begun earlier.
final class TOMLTableBuilder {
    enum Content {
        case value(TOMLValue)
        case table(TOMLTableBuilder)
        /// Made by `[[header]]`s; never empty.
        case tables([TOMLTableBuilder])
    }

    struct Entry {
        let part: TOMLKeyPart
        var content: Content
        var commentsBefore: [TOMLComment] = []
        var commentBehind: TOMLComment?
    }

    var origin: TOMLTable.Origin
    var range: SourceRange
    /// Tables around this one.
    let depth: Int
    private(set) var entries: [Entry] = []
    /// Empty while there are few entries.
    private var index: [ExactName: Int] = [:]

    init(_ origin: TOMLTable.Origin, range: SourceRange, depth: Int) {
        self.origin = origin
        self.range = range
        self.depth = depth
    }

    func place(of part: TOMLKeyPart) -> Int? {
        // By its place each entry is compared where it is, not as a copy.
        index.isEmpty ? entries.indices.first { sameScalars(entries[$0].part.text, part.text) } : index[ExactName(part.text)]
    }

    /// Adds an entry whose key is not there yet, and says where.
    @discardableResult
    func add(_ entry: Entry) -> Int {
        entries.append(entry)
        if !index.isEmpty {
            index[ExactName(entry.part.text)] = entries.count - 1
        } else if entries.count > TOMLTable.few {
            for (place, entry) in entries.enumerated() { index[ExactName(entry.part.text)] = place }
        }
        return entries.count - 1
    }

    func replace(at place: Int, with content: Content) { entries[place].content = content }

    func comment(at place: Int, before: [TOMLComment]) {
        if !before.isEmpty || !entries[place].commentsBefore.isEmpty { entries[place].commentsBefore = before }
    }

    func comment(at place: Int, behind: TOMLComment) { entries[place].commentBehind = behind }

    /// A new table below this one.
    func child(_ origin: TOMLTable.Origin, range: SourceRange) throws(SyntaxProblem) -> TOMLTableBuilder {
        guard depth + 1 < ReadingLimits.depth else {
            throw SyntaxProblem(
                code: .tomlTooDeep, message: "more than \(ReadingLimits.depth) tables or arrays inside each other", range: range)
        }
        return TOMLTableBuilder(origin, range: range, depth: depth + 1)
    }

    var frozen: TOMLTable {
        let frozen = entries.map { entry in
            TOMLEntry(
                key: entry.part.text, keyRange: entry.part.range, value: Self.frozen(entry.content),
                commentsBefore: entry.commentsBefore, commentBehind: entry.commentBehind)
        }
        return TOMLTable(entries: frozen, origin: origin, range: range, index: index)
    }

    private static func frozen(_ content: Content) -> TOMLValue {
        switch content {
        case .value(let value):
            return value
        case .table(let table):
            return TOMLValue(.table(table.frozen), range: table.range)
        case .tables(let tables):
            let values = tables.map { TOMLValue(.table($0.frozen), range: $0.range) }
            return TOMLValue(.array(values), range: tables[0].range)
        }
    }
}
