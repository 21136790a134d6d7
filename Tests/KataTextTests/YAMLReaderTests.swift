// SPDX-License-Identifier: Apache-2.0
import KataTestSupport
import KataText
import SystemPackage
import Testing

private func parse(_ text: String) -> Parsed<YAMLStream> { YAMLStream.parse(SourceText(path: "t.yaml", text: text)) }

private func places(_ parsed: Parsed<YAMLStream>) -> [String] {
    parsed.diagnostics.map { "\($0.range?.start.line ?? 0):\($0.range?.start.column ?? 0) \($0.code)" }
}

extension YAMLNode {
    /// The node and all below it, in source order, aliases followed.
    var allNodes: [YAMLNode] {
        let below = (sequence ?? []).flatMap(\.allNodes) + (mapping ?? []).flatMap { $0.key.allNodes + $0.value.allNodes }
        return [self] + below
    }
}

extension SourceRange {
    fileprivate var text: String { "\(start.line):\(start.column)-\(end.line):\(end.column)" }
}

@Suite("YAML reader")
struct YAMLReaderTests {
    @Test(
        "what is not YAML, or not for us, is refused at its place",
        arguments: [
            ("a: 1\n\tb: 2", "2:1 YAML002"), ("a: b: c", "1:5 YAML002"), ("{a: 1", "1:6 YAML002"), ("a: [1,\n", "2:1 YAML002"),
            ("\"a", "1:3 YAML002"), ("a: *x", "1:4 YAML006"), ("a: &x [*x]", "1:8 YAML006"), ("- a\nb: 1", "2:1 YAML002"),
            ("a: 1\n b: 2", "2:3 YAML002"), ("a\u{1}b", "1:2 YAML002"), ("é: é\u{7}", "1:5 YAML002"), ("@a", "1:1 YAML002"),
            ("&x a: *x\n--- *x", "2:5 YAML006"), ("%YAML 2.0\n---\na", "1:1 YAML002"), ("a: !x!y z", "1:4 YAML002"),
        ])
    func refused(text: String, place: String) {
        let parsed = parse(text)
        #expect(parsed.value == nil)
        #expect(places(parsed) == [place])
    }

    @Test("UTF-16, with its mark or without, and broken UTF-8 are refused")
    func notUTF8() {
        let utf16: [UInt8] = "a: 1".utf8.flatMap { [UInt8]([$0, 0]) }
        for bytes: [UInt8] in [[0xFF, 0xFE] + utf16, [0xFE, 0xFF, 0x00, 0x61], Array("a: ".utf8) + [0xC3, 0x28]] {
            #expect(YAMLStream.parse(SourceText(path: "t", bytes: bytes)).diagnostics.map(\.code) == ["YAML001"])
        }
        #expect(YAMLStream.parse(SourceText(path: "t", bytes: utf16)).diagnostics.map(\.code) == ["YAML002"])
    }

    @Test(
        "scalars are what Kubernetes takes them for",
        arguments: [
            ("", YAMLScalar.null), ("~", .null), ("NULL", .null), ("nULL", .string("nULL")), ("yes", .boolean(true)),
            ("Off", .boolean(false)),
            ("n", .boolean(false)), ("tRue", .string("tRue")), ("0", .integer(0)), ("0644", .integer(420)), ("0o17", .integer(15)),
            ("0x1F", .integer(31)), ("-0b11", .integer(-3)), ("+7", .integer(7)), ("1_000", .integer(1000)), ("08", .number(8)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1e3", .number(1000)), (".5", .number(0.5)), ("1.", .number(1)),
            ("-.inf", .number(-.infinity)), ("1e", .string("1e")), ("12:30:45", .string("12:30:45")), ("2001-01-01", .string("2001-01-01")),
            ("500m", .string("500m")), ("1Gi", .string("1Gi")), ("+-5", .string("+-5")), ("-", .string("-")), ("'true'", .string("true")),
            ("\"1\"", .string("1")), ("!!str 1", .string("1")), ("! 1", .string("1")), ("!!int \"1\"", .integer(1)),
            ("!x true", .string("true")),
        ])
    func scalars(text: String, value: YAMLScalar) throws {
        // A lone dash would be an empty element.
        let document = try #require(parse(text == "-" ? "[-]" : "k: \(text)").value?.documents.first)
        let node = text == "-" ? document.sequence?.first : document["k"]
        guard text != "-" else { return }
        guard case .scalar(let found, _)? = node?.content else { Issue.record("no scalar"); return }
        #expect(found == value)
    }

    @Test("places are bytes, lines and columns of the file, whatever characters and line ends stand before")
    func positions() throws {
        let text = "\u{FEFF}é: {ü: 😀, z: 'q'}\r\nb:\r\n  - &x !!str v # c\r\n  - *x\r\n  -\r\nc: \"l\u{2028}i\"\r\n\r\n\r\nd: e\r\n"
        let source = SourceText(path: "t", text: text)
        let root = try #require(YAMLStream.parse(source).value?.documents.first)
        let flow = try #require(root["é"])
        #expect(source.text(of: flow.range) == "{ü: 😀, z: 'q'}")
        #expect(flow.range.text == "1:4-1:18")
        #expect(source.text(of: try #require(flow["ü"]).range) == "😀")
        #expect(source.text(of: try #require(flow["z"]).range) == "'q'")
        let list = try #require(root["b"]?.sequence)
        #expect(source.text(of: list[0].range) == "v")
        #expect(list[0].anchor == "x" && list[0].tag == "tag:yaml.org,2002:str")
        #expect(source.text(of: list[1].range) == "*x" && source.text(of: list[1].definition) == "v")
        #expect(list[1].alias == "x" && list[1].string == "v")
        #expect(list[2].isNull && list[2].range.start == list[2].range.end && list[2].range.start.line == 5)
        #expect(root["c"]?.string == "l\u{2028}i")
        #expect(root["d"].map { source.text(of: $0.range) } == "e")
        #expect(root.member("d")?.key.range.text == "9:1-9:2")
    }

    @Test("the place of every value is its own text: read alone, a flow value or quoted scalar is the same value")
    func rangesReadAlone() throws {
        let text = "a: [x, {b: c, d: [1, 2]}, \"é\\n\", 'ü''', &n {k: v}, *n]\nb: {q: !!str 5, r: &m 'z', s: *m}\n"
        let source = SourceText(path: "t", text: text)
        let root = try #require(YAMLStream.parse(source).value?.documents.first)
        for node in root.allNodes where node.style != .block && node.tag == nil {
            let alone = parse(source.text(of: node.definition)).value?.documents.first
            #expect(alone?.hasSameContent(as: node) == true, "\(source.text(of: node.definition))")
        }
    }

    @Test("a stream is its documents, empty ones included, each with anchors of its own")
    func documents() throws {
        let documents = try #require(parse("%YAML 1.1\n---\na: &x 1\n---\n# nothing\n---\nb: &x 2\nc: *x\n...\n").value).documents
        #expect(documents.count == 3)
        #expect(documents[0]["a"]?.integer == 1 && documents[1].isNull && documents[2]["c"]?.integer == 2)
        #expect(parse("").value?.documents.count == 0)
        #expect(parse("# only a comment\n").value?.documents.count == 0)
    }

    @Test("members of a merged mapping are found behind the mapping's own")
    func merge() throws {
        let text = "a: &a {x: 1, w: 1}\nb: &b {w: 2, z: 2}\nc: {<<: [*b, *a], z: 3}\nd: {'<<': *a, y: 1}"
        let root = try #require(parse(text).value?.documents.first)
        #expect(root["c"]?["x"]?.integer == 1 && root["c"]?["w"]?.integer == 2 && root["c"]?["z"]?.integer == 3)
        #expect(root["d"]?["x"] == nil)
        // The key y is a boolean, as Kubernetes has it too.
        #expect(root["d"]?["y"] == nil)
    }

    @Test("keys that occur twice are reported, the last one counts, and merge keys may")
    func duplicates() throws {
        let parsed = parse("a: 1\nb: {x: 1, x: 2, x: 3}\n\"a\": 2\nc: {<<: {}, <<: {}}\n")
        #expect(places(parsed) == ["2:11 YAML005", "2:17 YAML005", "3:1 YAML005"])
        #expect(parsed.value?.documents.first?["a"]?.integer == 2)
    }

    @Test("aliases that would multiply beyond measure are refused, those that only repeat are not")
    func bombs() throws {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            bomb += "a\(level): &a\(level) [" + (0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ", ") + "]\n"
        }
        #expect(parse(bomb).diagnostics.map(\.code) == ["YAML007"])
        let repeated = "a: &a {k: [1, 2, 3]}\nb:\n" + String(repeating: "- *a\n", count: 10_000)
        #expect(parse(repeated).value?.documents.first?["b"]?.sequence?.count == 10_000)
    }

    @Test("depth is bounded, through aliases too")
    func depth() {
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
            func nested(_ count: Int) -> String { String(repeating: open, count: count) + "x" + String(repeating: close, count: count) }
            #expect(parse(nested(127)).value != nil)
            #expect(parse(nested(128)).diagnostics.map(\.code) == ["YAML004"])
            #expect(parse(nested(900)).diagnostics.map(\.code) == ["YAML004"])
        }
        let half = String(repeating: "[", count: 70), other = String(repeating: "]", count: 70)
        #expect(parse("- &a \(half)x\(other)\n- \(half)*a\(other)").diagnostics.map(\.code) == ["YAML004"])
    }

    @Test("size, number of values and of directives are bounded before they cost anything")
    func size() {
        let large = SourceText(path: "t", bytes: [UInt8](repeating: 0x61, count: (16 << 20) + 1))
        let spent = processorTime { #expect(YAMLStream.parse(large).diagnostics.map(\.code) == ["YAML003"]) }
        #expect(spent < .seconds(1))
        let directives = (0..<65).map { "%TAG !t\($0)! x\n" }.joined() + "---\na"
        #expect(parse(directives).diagnostics.map(\.code) == ["YAML003"])
    }

    @Test("JSON is read by its own reader, what only begins like it as YAML, and errors are those of JSON")
    func json() throws {
        func read(_ text: String) -> Parsed<YAMLStream> { YAMLStream.parseJSONOrYAML(SourceText(path: "t", text: text)) }
        let root = try #require(read("\u{FEFF} {\"a\": \"\\ud83d\\ude00\", \"n\": 1e3, \"x\": [null, true]}").value?.documents.first)
        #expect(root["a"]?.string == "😀" && root["n"]?.integer == 1000 && root["x"]?.sequence?[0].isNull == true)
        #expect(root.style == .flow && root.member("a")?.key.style == .doubleQuoted)
        #expect(read("{a: b} # c").value?.documents.first?["a"]?.string == "b")
        #expect(read("{\"a\": [}").diagnostics.map(\.code) == ["JSON002"])
        #expect(read("a: b").value?.documents.first?["a"]?.string == "b")
    }
}
