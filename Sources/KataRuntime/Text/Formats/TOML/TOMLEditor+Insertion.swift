// SPDX-License-Identifier: Apache-2.0

// MARK: - Keys of tables that are there

extension TOMLEditor {
    typealias Lines = [(path: [String], value: TOMLEmission.Value)]

    /// - Parameter removed: values that go; none of them is a place to stand behind.
    func inserted(_ lines: Lines, in table: TOMLTable, at path: [String], _ removed: [SourceRange]) -> [TextEdit] {
        switch table.origin {
        case .inline:
            return [insertedInBraces(lines.map { line($0.path, $0.value) }, table, removed)]
        case .dotted:
            let (owner, depth) = textualOwner(of: path)
            let whole = lines.map { (path[depth...] + $0.path, $0.value) }
            if owner.origin == .inline {
                return [insertedInBraces(whole.map { line(Array($0.0), $0.1) }, owner, removed)]
            }
            let anchor = last(table.ownStatements, without: removed) ?? last(owner.ownStatements, without: removed)
            return [insertedLines(whole.map { line(Array($0.0), $0.1) }, behind: anchor, in: owner)]
        case .implicit:
            return [superTable(lines, above: table, at: path)]
        case .root, .header:
            let texts = lines.map { line($0.path, $0.value) }
            return [insertedLines(texts, behind: last(table.ownStatements, without: removed), in: table)]
        }
    }

    private func last(_ statements: [TOMLEntry], without removed: [SourceRange]) -> TOMLEntry? {
        statements.last { !removed.contains($0.value.range) }
    }

    /// The table in whose text dotted keys of a table stand, and how long its path is.
    func textualOwner(of path: [String]) -> (table: TOMLTable, depth: Int) {
        var (owner, depth) = (document.root, 0)
        var table = document.root
        for (index, part) in path.enumerated() {
            guard let next = table.entry(part)?.value.table else { break }
            table = next
            if table.origin != .dotted { (owner, depth) = (table, index + 1) }
        }
        return (owner, depth)
    }

    private func insertedLines(_ texts: [String], behind anchor: TOMLEntry?, in table: TOMLTable) -> TextEdit {
        let lineBreak = source.lineBreak
        if let anchor {
            let indentation = source.indentation(ofLineAt: anchor.keyRange.start.offset)
            let end = source.lineEnd(of: anchor.value.range.end.offset)
            return edit(source.range(end..<end), texts.map { lineBreak + indentation + $0 }.joined())
        }
        if table.origin == .header {
            let indentation = keyIndentation(below: table)
            let end = source.lineEnd(of: table.range.end.offset)
            return edit(source.range(end..<end), texts.map { lineBreak + indentation + $0 }.joined())
        }
        // A root without keys: they have to stand above all headers.
        guard let first = headers.first else { return atEnd(texts, blankLine: false) }
        let start = blockStart(above: first.offset)
        return edit(source.range(start..<start), texts.map { $0 + lineBreak }.joined() + lineBreak)
    }

    private func insertedInBraces(_ texts: [String], _ table: TOMLTable, _ removed: [SourceRange]) -> TextEdit {
        if let anchor = last(table.ownStatements, without: removed) {
            let end = anchor.value.range.end.offset
            return edit(source.range(end..<end), texts.map { ", " + $0 }.joined())
        }
        let start = skippingBlanks(table.range.start.offset + 1)
        let isSnug = start == table.range.start.offset + 1
        let isTight = source.bytes[start] == UInt8(ascii: "}")
        return edit(
            source.range(start..<start), (isSnug ? " " : "") + texts.joined(separator: ", ") + (isTight && isSnug ? " " : ""))
    }

    /// At the end of the document, on lines of their own.
    private func atEnd(_ texts: [String], blankLine: Bool) -> TextEdit {
        let lineBreak = source.lineBreak
        let end = source.bytes.count
        let isEmpty = source.lineStart(of: end) == end && end <= 3
        let endsLine = isEmpty || source.bytes.last == 0x0A
        let lead = (endsLine ? "" : lineBreak) + (blankLine && !isEmpty ? lineBreak : "")
        return edit(source.range(end..<end), lead + texts.joined(separator: lineBreak) + (endsLine ? lineBreak : ""))
    }
}

// MARK: - Tables that are not there

extension TOMLEditor {
    /// A header with keys, behind everything that is below its parent.
    func section(_ lines: Lines, of parent: TOMLTable, at path: [String], _ missing: [String]) -> TextEdit {
        let sibling = parent.entries.last { $0.value.table?.origin == .header }?.value.table
        let model = sibling ?? (parent.origin == .header ? parent : nil)
        let indentation =
            model.map { source.indentation(ofLineAt: $0.range.start.offset) + (sibling == nil && headersAreIndented ? step : "") } ?? ""
        let texts = [indentation + header(path, missing, parent)] + body(lines, below: indentation)
        guard parent.origin != .root, let end = lastOffset(in: parent) else { return atEnd(texts, blankLine: true) }
        let place = source.lineEnd(of: end)
        let lineBreak = source.lineBreak
        return edit(source.range(place..<place), lineBreak + texts.map { lineBreak + $0 }.joined())
    }

    /// A header for a table that so far is only named in those of its tables, above the first of them.
    private func superTable(_ lines: Lines, above table: TOMLTable, at path: [String]) -> TextEdit {
        let lineBreak = source.lineBreak
        let first = headers(in: TOMLValue(.table(table), range: table.range)).min { $0.offset < $1.offset }
        let indentation = first.map { source.indentation(ofLineAt: $0.offset) } ?? ""
        let texts = [indentation + "[\(TOMLWriter.spelled(path: path))]"] + body(lines, below: indentation)
        guard let first else { return atEnd(texts, blankLine: true) }
        let start = blockStart(above: first.offset)
        return edit(source.range(start..<start), texts.map { $0 + lineBreak }.joined() + lineBreak)
    }

    private func body(_ lines: Lines, below indentation: String) -> [String] {
        let inner = indentation + (keysAreIndented ? step : "")
        return lines.map { inner + line($0.path, $0.value) }
    }

    /// The parent's name as its header spells it, because it may be quoted in another way than ours.
    private func header(_ path: [String], _ missing: [String], _ parent: TOMLTable) -> String {
        guard parent.origin == .header else { return "[\(TOMLWriter.spelled(path: path + missing))]" }
        let text = source.text(of: parent.range).drop { $0 == "[" }
        let name = text.dropLast(text.reversed().prefix { $0 == "]" }.count)
        let trimmed = name.drop { $0 == " " || $0 == "\t" }
        let kept = trimmed.dropLast(trimmed.reversed().prefix { $0 == " " || $0 == "\t" }.count)
        return "[\(kept).\(TOMLWriter.spelled(path: missing))]"
    }

    /// The end of the last thing that is said in a table or below it.
    private func lastOffset(in table: TOMLTable) -> Int? {
        var last: Int? = table.origin == .header ? table.range.end.offset : nil
        func see(_ offset: Int) { last = max(last ?? 0, offset) }
        for entry in table.entries {
            switch entry.value.kind {
            case .table(let child) where child.origin != .inline:
                if let end = lastOffset(in: child) { see(end) }
            case .array(let elements) where elements.first?.table?.origin == .header:
                for element in elements { if let end = element.table.flatMap({ lastOffset(in: $0) }) { see(end) } }
            default: see(entry.value.range.end.offset)
            }
        }
        return last
    }
}

// MARK: - The hand of the author

extension TOMLEditor {
    struct Header {
        let offset: Int
        let table: TOMLTable
    }

    /// All headers, in source order.
    var headers: [Header] { headers(in: TOMLValue(.table(document.root), range: document.root.range)).sorted { $0.offset < $1.offset } }

    private func headers(in value: TOMLValue) -> [Header] {
        switch value.kind {
        case .table(let table) where table.origin != .inline:
            (table.origin == .header ? [Header(offset: table.range.start.offset, table: table)] : [])
                + table.entries.flatMap { headers(in: $0.value) }
        case .array(let elements) where elements.first?.table?.origin == .header: elements.flatMap { headers(in: $0) }
        default: []
        }
    }

    /// The start of the line at `offset`, or of the comment lines directly above it.
    private func blockStart(above offset: Int) -> Int {
        let starts = Set(document.comments.map(\.range.start.offset))
        var start = source.lineStart(of: offset)
        while start > 3 {
            let line = source.lineStart(of: start - 1)
            guard starts.contains(skippingBlanks(line)) else { break }
            start = line
        }
        return start
    }

    /// Whether keys stand further right than their headers.
    private var keysAreIndented: Bool {
        headers.lazy.compactMap { header in header.table.ownStatements.first.map { (header, $0) } }.first.map { header, statement in
            source.indentation(ofLineAt: statement.keyRange.start.offset).utf8.count
                > source.indentation(ofLineAt: header.offset).utf8.count
        } ?? false
    }

    /// Whether headers of inner tables stand further right than those of outer ones.
    private var headersAreIndented: Bool { headers.contains { !source.indentation(ofLineAt: $0.offset).isEmpty } }

    /// The blanks by which the first indented line of the document is indented; none when none is.
    private var step: String {
        let lines = headers.lazy.flatMap { header in
            [header.offset] + header.table.ownStatements.map(\.keyRange.start.offset)
        }
        return lines.map { source.indentation(ofLineAt: $0) }.first { !$0.isEmpty } ?? ""
    }

    private func keyIndentation(below table: TOMLTable) -> String {
        source.indentation(ofLineAt: table.range.start.offset) + (keysAreIndented ? step : "")
    }
}
