// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("TOML editing")
struct TOMLEditingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let before: String
        let changes: [TOMLChange]
        let after: String
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "a value is replaced, its comment and blanks stay", before: "[a]\n  b  =  'x'   # why\nc = 1\n",
            changes: [.set(["a", "b"], .string("y"))], after: "[a]\n  b  =  \"y\"   # why\nc = 1\n"),
        Case(name: "an equal value keeps its spelling", before: "a = 0x10\n", changes: [.set(["a"], .integer(16))], after: "a = 0x10\n"),
        Case(
            name: "a new key follows the last one in its indentation", before: "[a]\r\n\tb = 1 # x\r\n\r\n[c]\r\n",
            changes: [.set(["a", "d"], .boolean(true))], after: "[a]\r\n\tb = 1 # x\r\n\td = true\r\n\r\n[c]\r\n"),
        Case(
            name: "a new key of an empty table follows its header", before: "[x]\n  y = 1\n[a] # c\n[b]\n",
            changes: [.set(["a", "d"], .integer(1))], after: "[x]\n  y = 1\n[a] # c\n  d = 1\n[b]\n"),
        Case(
            name: "a new key of the root stands above all headers and their comments", before: "# file\n\n# of a\n[a]\n",
            changes: [.set(["v"], .integer(2))], after: "# file\n\nv = 2\n\n# of a\n[a]\n"),
        Case(name: "a new key of an empty document", before: "", changes: [.set(["v"], .integer(2))], after: "v = 2\n"),
        Case(name: "no line feed is added at the end", before: "a = 1", changes: [.set(["b"], .integer(2))], after: "a = 1\nb = 2"),
        Case(
            name: "a new table follows what is below its parent, in the parent's spelling and the siblings' indentation",
            before: "[p]\n  [p.'x.y']\n    a = 1\n    [p.'x.y'.old]\n      b = 1\n[q]\n",
            changes: [.set(["p", "x.y", "new", "c"], .integer(1)), .set(["p", "x.y", "new", "d"], .integer(2))],
            after: "[p]\n  [p.'x.y']\n    a = 1\n    [p.'x.y'.old]\n      b = 1\n\n    [p.'x.y'.new]\n      c = 1\n      d = 2\n[q]\n"),
        Case(
            name: "a new table of the root stands at the end", before: "a = 1", changes: [.set(["t", "u.v"], .string("\n"))],
            after: "a = 1\n\n[t]\n\"u.v\" = \"\\n\""),
        Case(
            name: "a table that is only named in other headers gets its own above them", before: "[a.b.c]\nx = 1\n",
            changes: [.set(["a", "b", "y"], .integer(2))], after: "[a.b]\ny = 2\n\n[a.b.c]\nx = 1\n"),
        Case(
            name: "dotted keys take dotted keys", before: "[t]\na.\"b c\".d = 1\nz = 2\n",
            changes: [.set(["t", "a", "b c", "e"], .integer(3)), .set(["t", "a", "f", "g"], .integer(4))],
            after: "[t]\na.\"b c\".d = 1\na.\"b c\".e = 3\na.f.g = 4\nz = 2\n"),
        Case(
            name: "braces take keys", before: "a = { b = 1 }\nc = {}\nd = {x=1}\n",
            changes: [.set(["a", "e"], .integer(2)), .set(["c", "f", "g"], .integer(3)), .set(["d", "y"], .integer(4))],
            after: "a = { b = 1, e = 2 }\nc = { f.g = 3 }\nd = {x=1, y = 4}\n"),
        Case(
            name: "a key in braces goes with its comma", before: "a = { b = 1, c.d = 2 , e = 3 }\n",
            changes: [.remove(["a", "c", "d"])], after: "a = { b = 1 , e = 3 }\n"),
        Case(
            name: "the first keys in braces go with the comma behind them", before: "a = {b = 1, c = [1,\n 2], e = 3}\n",
            changes: [.remove(["a", "b"]), .remove(["a", "c"])], after: "a = {e = 3}\n"),
        Case(
            name: "all keys in braces go and others come", before: "a = { b = 1, c = 2 }\n",
            changes: [.remove(["a", "b"]), .remove(["a", "c"]), .set(["a", "d"], .integer(3))], after: "a = { d = 3 }\n"),
        Case(
            name: "a removed key takes its line and the comment on it, not those above",
            before: "# about\na = [ # x\n 1 ] # gone\nb = 2\n", changes: [.remove(["a"])], after: "# about\nb = 2\n"),
        Case(
            name: "the first line can go, with the second and with something new", before: "a = 1\nb = 2\nc = 3\n",
            changes: [.remove(["a"]), .remove(["b"]), .set(["d"], .integer(4))], after: "c = 3\nd = 4\n"),
        Case(
            name: "a table's only key can be exchanged", before: "[t]\na = 1\n[u]\n",
            changes: [.remove(["t", "a"]), .set(["t", "b"], .integer(1))], after: "[t]\nb = 1\n[u]\n"),
        Case(
            name: "keys come before headers of other tables at the same place", before: "[t]\na = 1\n",
            changes: [.set(["t", "new", "x"], .integer(1)), .set(["t", "b"], .integer(2))], after: "[t]\na = 1\nb = 2\n\n[t.new]\nx = 1\n"),
        Case(
            name: "an empty table is a header", before: "[t]\n", changes: [.set(["t", "u"], .table(TOMLEmission.Table()))],
            after: "[t]\n\n[t.u]\n"),
        Case(name: "what is not there need not go", before: "a = 1\n", changes: [.remove(["b", "c"])], after: "a = 1\n"),
        Case(
            name: "of changes of one key the last counts", before: "a = 1\n", changes: [.set(["a"], .integer(2)), .remove(["a"])], after: ""
        ),
        Case(
            name: "a byte order mark stays in front", before: "\u{FEFF}[a]\n", changes: [.set(["v"], .integer(1))],
            after: "\u{FEFF}v = 1\n\n[a]\n"),
        Case(
            name: "a line in a string is no comment", before: "[x]\ns = '''\n# no'''\n[a.b]\n", changes: [.set(["a", "k"], .integer(1))],
            after: "[x]\ns = '''\n# no'''\n[a]\nk = 1\n\n[a.b]\n"),
    ]

    @Test("each change makes the bytes it says", arguments: cases)
    func bytes(_ sample: Case) throws {
        let document = try document(of: Array(sample.before.utf8))
        let bytes = try #require(document.source.applying(try document.edits(making: sample.changes)))
        #expect(String(decoding: bytes, as: UTF8.self) == sample.after)
        let again = try self.document(of: bytes)
        #expect(try again.edits(making: sample.changes) == [], "a second time changes nothing")
    }

    @Test(
        "changes that contradict the document or each other are refused",
        arguments: [
            ([TOMLChange.set(["a", "b"], .integer(1))], DocumentEditError.notATable(path: ["a"])),
            ([.set(["t"], .integer(1))], .hasHeaders(path: ["t"])),
            ([.remove(["l"])], .hasHeaders(path: ["l"])),
            ([.set(["l", "x"], .integer(1))], .notATable(path: ["l"])),
            ([.set(["n"], .integer(1)), .set(["n", "m"], .integer(1))], .contradiction(path: ["n"])),
        ])
    func refused(_ changes: [TOMLChange], _ error: DocumentEditError) throws {
        let document = try document(of: Array("a = 1\n[t]\n[[l]]\n".utf8))
        #expect(throws: error) { try document.edits(making: changes) }
    }

    private func document(of bytes: [UInt8], by grammar: TOMLGrammar = .toml10) throws -> TOMLDocument {
        let parsed = TOMLDocument.parse(SourceText(path: "t", bytes: bytes), grammar: grammar)
        return try #require(parsed.value, "\(String(decoding: bytes, as: UTF8.self)) \(parsed.diagnostics)")
    }

    @Test("in every valid document each key can be set, added and removed, and nothing else changes", .needs(.corpus))
    func corpus() throws { try check(.corpus) }

    @Test("in every document of ours each key can be set, added and removed, and nothing else changes")
    func ours() throws { try check(.ours) }

    @Test("so it is in every document of TOML 1.1, however its inline tables are broken into lines")
    func newer() throws {
        let rules = try #require(OtherGrammar.all.first { $0.grammar == .toml11 })
        try check(try rules.documents("accepted").map(\.source), by: .toml11)
    }

    private func check(_ suite: TOMLConformanceSuite) throws {
        try check(try suite.valid.map { try source($0.toml) }, by: .toml10)
    }

    private func check(_ sources: [SourceText], by grammar: TOMLGrammar) throws {
        var count = 0
        for source in sources {
            guard let document = TOMLDocument.parse(source, grammar: grammar).value else { continue }
            let name = source.path.lastComponent?.string ?? ""
            func law(_ change: TOMLChange) throws { try self.law(document, change, name, grammar) }
            for (path, entry) in keys(of: document.root) {
                count += 1
                if entry.value.table.map({ $0.origin == .inline }) ?? true, entry.value.array?.first?.table?.origin != .header {
                    try law(.set(path, .string("new 'value'\n")))
                    try law(.remove(path))
                }
                if entry.value.table != nil {
                    try law(.set(path + ["brand new"], .integer(7)))
                    try law(.set(path + ["brand new", "table", "key"], .array([.integer(7)])))
                }
            }
            try law(.set(["brand new"], .integer(7)))
            try law(.set(["brand new", "table"], .inline(TOMLEmission.Table([.init("k", .boolean(true))]))))
        }
        #expect(count > 20)
    }

    /// Every key that a path of tables leads to.
    private func keys(of table: TOMLTable, at path: [String] = []) -> [([String], TOMLEntry)] {
        table.entries.flatMap { entry in
            [(path + [entry.key], entry)] + (entry.value.table.map { keys(of: $0, at: path + [entry.key]) } ?? [])
        }
    }

    /// Edit, read again: the change is there, a second time changes nothing, all comments but those in what went are there,
    /// and what the change does not name is what it was.
    private func law(_ document: TOMLDocument, _ change: TOMLChange, _ name: String, _ grammar: TOMLGrammar) throws {
        let edits = try document.edits(making: [change])
        let bytes = try #require(document.source.applying(edits), "\(name) \(change)")
        let again = try self.document(of: bytes, by: grammar)
        #expect(try again.edits(making: [change]) == [], "\(name) \(change)")
        #expect(edits.count <= 1)
        for edit in edits {
            let range = edit.range.offsets
            #expect(bytes.starts(with: document.source.bytes[..<range.lowerBound]))
            #expect(bytes.suffix(document.source.bytes.count - range.upperBound).elementsEqual(document.source.bytes[range.upperBound...]))
        }
        switch change {
        case .set(let path, _):
            #expect(again.root.value(at: path) != nil, "\(name) \(change)")
        case .remove(let path):
            #expect(again.root.value(at: path) == nil, "\(name) \(change)")
        }
        let comments = document.comments.filter { comment in
            !edits.contains { $0.range.offsets.contains(comment.range.start.offset) }
        }
        #expect(again.comments.map(\.text) == comments.map(\.text), "\(name) \(change)")
        let rest = TOMLEmission.Table(document.root).without(change.path)
        let found = TOMLEmission.Table(again.root).without(change.path)
        #expect(found == rest, "\(name) \(change)")
    }
}

extension TOMLEmission.Table {
    /// Keys and values but for one, and for tables that are only there to hold it.
    fileprivate func without(_ path: [String]) -> [String] { flattened(skipping: path, at: "").sorted() }

    private func flattened(skipping path: [String]?, at prefix: String) -> [String] {
        entries.flatMap { entry -> [String] in
            let isOnPath = entry.key == path?.first
            if isOnPath, path?.count == 1 { return [] }
            return Self.flattened(entry.value, skipping: isOnPath ? Array(path?.dropFirst() ?? []) : nil, at: "\(prefix)/\(entry.key)")
        }
    }

    private static func flattened(_ value: TOMLEmission.Value, skipping path: [String]?, at prefix: String) -> [String] {
        switch value {
        case .table(let table), .inline(let table):
            let below = table.flattened(skipping: path, at: prefix)
            return below.isEmpty && path == nil ? ["\(prefix) = {}"] : below
        case .tables(let tables):
            return tables.enumerated().flatMap { flattened(.table($0.element), skipping: nil, at: "\(prefix)[\($0.offset)]") }
        case .array(let elements):
            return elements.enumerated().flatMap { flattened($0.element, skipping: nil, at: "\(prefix)[\($0.offset)]") }
        default: return ["\(prefix) = \(value)"]
        }
    }
}
