// SPDX-License-Identifier: Apache-2.0
import KataText
import SystemPackage
import Testing

private func parsed(_ text: String) throws -> TOMLDocument {
    try #require(TOMLDocument.parse(SourceText(path: "t", text: text)).value)
}

private func place(_ range: SourceRange?) -> String? {
    range.map { "\($0.start.line):\($0.start.column)-\($0.end.line):\($0.end.column)" }
}

@Suite("TOML positions and comments")
struct TOMLPositionTests {
    @Test(
        "keys and values know their line and column, in scalars",
        arguments: [
            ("a = 1\n", ["a"], "1:1-1:2", "1:5-1:6"),
            ("\n\n  key =  \"value\" # c\n", ["key"], "3:3-3:6", "3:10-3:17"),
            ("x.\"é\".z = [1]\n", ["x", "é"], "1:3-1:6", "1:3-1:6"),
            ("x.\"é\".z = [1]\n", ["x", "é", "z"], "1:7-1:8", "1:11-1:14"),
            ("s = \"é😀\"\r\nb = 2\r\n", ["b"], "2:1-2:2", "2:5-2:6"),
            ("s = \"é😀\"\r\nb = 2\r\n", ["s"], "1:1-1:2", "1:5-1:9"),
            ("\u{FEFF}a = 1\n", ["a"], "1:1-1:2", "1:5-1:6"),
            ("[t]\n[t.u]\nk = '''\nx'''\n", ["t", "u", "k"], "3:1-3:2", "3:5-4:5"),
            ("[t]\n[ t . u ]\nk = 1\n", ["t", "u"], "2:7-2:8", "2:1-2:10"),
            ("[[p]]\na = 1\n[[p]]\n", ["p"], "1:3-1:4", "1:1-1:6"),
            ("t = { k = 1 }\n", ["t", "k"], "1:7-1:8", "1:11-1:12"),
        ])
    func positions(text: String, path: [String], key: String, value: String) throws {
        let entry = try parsed(text).root.entry(at: path)
        #expect(place(entry?.keyRange) == key)
        #expect(place(entry?.value.range) == value)
    }

    /// A header that begins as the one before is read from its last part on; with a blank in it, it is read whole.
    @Test(
        "headers beside each other mean what they mean alone",
        arguments: [
            "[a.\"é\".c]\nk = 1\n[a.\"é\".d]\nk = 2\n[a.\"é\".\"x y\"] # c\n[a.\"é\".d.e]\nk = 3\n[a.\"é\".d.f]\n[a.\"é\".g]\n",
            "[[a]]\n[a.b.c]\nk = 1\n[[a]]\n[a.b.c]\nk = 2\n[a.b.d]\n", "[a.b]\n[a.c]\nx.y = 1\n[a.d]\n[a]\n", "[a.b]\n[a.b]\n",
            "[a.b]\n[a.]\n",
            "[a.b]\n[a.c\n[a.d]\n", "[a.b]\nx = 1\n[a.b.x]\n", "[a.b]\n[a.c]]\n[a.e]\nk = 1\n", "[a.b]\r\n[a.'']\r\n[a.\"\"]\r\n",
        ])
    func siblings(text: String) throws {
        func read(_ text: String) -> [String] {
            let parsed = TOMLDocument.parse(SourceText(path: "t", text: text))
            func shape(_ value: TOMLValue, _ path: String) -> [String] {
                if let table = value.table {
                    return table.entries.flatMap { ["\(path)/\($0.key):\($0.keyRange.start.line)"] + shape($0.value, "\(path)/\($0.key)") }
                }
                return (value.array ?? []).flatMap { shape($0, path + "[]") } + ["\(path)=\(value.integer ?? 0)"]
            }
            let tables = parsed.partial.map { document in document.root.entries.flatMap { shape($0.value, $0.key) } } ?? []
            return tables + parsed.diagnostics.map { "\($0.code.rawValue) \($0.range?.start.line ?? 0) \($0.message)" }
        }
        // Every other header begins with a blank, so that no two that follow each other begin alike.
        var isOdd = false
        let apart = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            guard line.hasPrefix("["), !line.hasPrefix("[[") else { return String(line) }
            isOdd.toggle()
            return isOdd ? "[ " + line.dropFirst() : String(line)
        }.joined(separator: "\n")
        #expect(read(text) == read(apart))
    }

    @Test("offsets cut the value out of the bytes, whatever stands before it")
    func offsets() throws {
        let document = try parsed("\u{FEFF}# é\r\n[a.\"ü\"]\r\nb = [ 'x', \"é\" ] # 😀\r\nc = 0x1F\r\n")
        let table = try #require(document.root.value(at: ["a", "ü"])?.table)
        #expect(document.source.text(of: try #require(table["b"]).range) == "[ 'x', \"é\" ]")
        #expect(document.source.text(of: try #require(table["c"]).range) == "0x1F")
        #expect(document.source.text(of: table.range) == "[a.\"ü\"]")
        #expect(document.comments.map { document.source.text(of: $0.range) } == ["# é", "# 😀"])
    }

    @Test("entries stand in source order, not sorted")
    func order() throws {
        let document = try parsed("z = 1\na = 2\n[m]\n[b]\n[m.y]\n[m.c]\n")
        #expect(document.root.keys == ["z", "a", "m", "b"])
        #expect(document.root["m"]?.table?.keys == ["y", "c"])
    }

    @Test("comment lines directly above and the comment behind belong to an entry; a blank line parts them")
    func comments() throws {
        let document = try parsed(
            """
            # of the file

            #  first
            #second
            a = 1 # behind a
            # lost

            b = [ # inside
              1, # after one
            ] # behind b
            # of the table
            [t] # behind t
            #default = 5
            c = 2
            # at the end
            """)
        func comments(_ path: [String]) -> [String] {
            let entry = document.root.entry(at: path)
            return (entry?.commentsBefore.map(\.text) ?? []) + ["|", entry?.commentBehind?.text ?? ""]
        }
        #expect(comments(["a"]) == ["first", "second", "|", "behind a"])
        #expect(comments(["b"]) == ["|", "behind b"])
        #expect(comments(["t"]) == ["of the table", "|", "behind t"])
        #expect(comments(["t", "c"]) == ["default = 5", "|", ""])
        #expect(document.comments.count == 12)
        #expect(document.comments.last.map { place($0.range) } == "15:1-15:13")
    }

    @Test("a table says how it was written")
    func origins() throws {
        let root = try parsed("a.b = 1\nc = {}\n[d.e]\n[[f]]\n").root
        #expect(root.origin == .root)
        #expect(root["a"]?.table?.origin == .dotted)
        #expect(root["c"]?.table?.origin == .inline)
        #expect(root["d"]?.table?.origin == .implicit)
        #expect(root.value(at: ["d", "e"])?.table?.origin == .header)
        #expect(root["f"]?.array?.first?.table?.origin == .header)
    }
}

@Suite("TOML values")
struct TOMLValueTests {
    @Test("each accessor gives its own type only")
    func accessors() throws {
        let root = try parsed("s = \"/x\"\nn = \"/x\\u0000y\"\ni = 1\nf = 1.0\nb = true\na = [1]\nt = {}\nd = 2024-02-29\n").root
        #expect(root["s"]?.string == "/x" && root["i"]?.string == nil)
        #expect(root["i"]?.integer == 1 && root["f"]?.integer == nil && root["s"]?.integer == nil)
        #expect(root["f"]?.float == 1 && root["i"]?.float == nil)
        #expect(root["b"]?.boolean == true && root["i"]?.boolean == nil)
        #expect(root["a"]?.array?.count == 1 && root["t"]?.array == nil)
        #expect(root["t"]?.table?.entries.isEmpty == true && root["a"]?.table == nil)
        #expect(root["s"]?.path == "/x" && root["n"]?.path == nil && root["i"]?.path == nil)
        #expect(
            root.entries.map(\.value.typeName) == [
                "a string", "a string", "an integer", "a float", "a boolean", "an array", "a table", "a local date",
            ])
    }

    @Test("keys are found in tables of any size, and only when they are the same scalars")
    func lookup() throws {
        for size in [3, 50] {
            let text = (0..<size).map { "k\($0) = \($0)\n" }.joined() + "\"\u{E9}\" = -1\n"
            let root = try parsed(text).root
            #expect((0..<size).allSatisfy { root["k\($0)"]?.integer == Int64($0) })
            #expect(root["\u{E9}"]?.integer == -1)
            #expect(root.entry("e\u{301}") == nil)
            #expect(root.entry("missing") == nil && root.entry(at: ["k1", "x"]) == nil && root.entry(at: []) == nil)
        }
    }
}
