// SPDX-License-Identifier: Apache-2.0
import KataText
import SystemPackage
import Testing

private func parse(_ text: String) -> Parsed<JSONDocument> { JSONDocument.parse(SourceText(path: "t.json", text: text)) }

private func places(_ parsed: Parsed<JSONDocument>) -> [String] {
    parsed.diagnostics.map { "\($0.range?.start.line ?? 0):\($0.range?.start.column ?? 0) \($0.code)" }
}

@Suite("JSON reader")
struct JSONReaderTests {
    @Test(
        "what RFC 8259 does not allow is refused at its place",
        arguments: [
            ("", "1:1 JSON002"), ("  \n", "2:1 JSON002"), ("{", "1:2 JSON002"), ("[1,]", "1:4 JSON002"), ("{\"a\":1,}", "1:8 JSON002"),
            ("[1 2]", "1:4 JSON002"), ("[1]]", "1:4 JSON002"), ("{'a':1}", "1:2 JSON002"), ("{a:1}", "1:2 JSON002"),
            ("{\"a\" 1}", "1:6 JSON002"),
            ("{\"a\":}", "1:6 JSON002"), ("[,1]", "1:2 JSON002"), ("True", "1:1 JSON002"), ("nul", "1:1 JSON002"),
            ("// c\n1", "1:1 JSON002"),
            ("[1}", "1:3 JSON002"), ("NaN", "1:1 JSON002"), ("\"a", "1:1 JSON003"), ("\"a\nb\"", "1:1 JSON003"), ("\"\t\"", "1:2 JSON003"),
            ("\"\\x41\"", "1:2 JSON003"), ("\"\\u12\"", "1:2 JSON003"), ("\"\\ud800\"", "1:2 JSON003"),
            ("\"\\ud800\\u0041\"", "1:2 JSON003"),
            ("\"\\udc00\"", "1:2 JSON003"), ("\"\\", "1:2 JSON003"), ("01", "1:1 JSON004"), ("-", "1:1 JSON004"), ("1.", "1:1 JSON004"),
            ("[.5]", "1:2 JSON002"), ("+1", "1:1 JSON002"), ("1e", "1:1 JSON004"), ("-01", "1:1 JSON004"), ("1.e1", "1:1 JSON004"),
            ("{\n  \"é\": [1,\n   x]}", "3:4 JSON002"), ("\u{A0}1", "1:1 JSON002"),
        ])
    func refused(text: String, place: String) {
        let parsed = parse(text)
        #expect(parsed.value == nil)
        #expect(places(parsed) == [place])
    }

    @Test("bytes that are not UTF-8 are refused at the first of them")
    func notUTF8() {
        let parsed = JSONDocument.parse(SourceText(path: "t", bytes: Array("[\"é".utf8) + [0xFF] + Array("\"]".utf8)))
        #expect(places(parsed) == ["1:4 JSON001"])
        #expect(parsed.value == nil)
    }

    @Test("values keep every digit, every character and their places")
    func values() throws {
        let text =
            "\u{FEFF}{\"n\": -12345678901234567890.10e+3, \"s\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00é\",\r\n \"l\": [null, true, false, {}]}"
        let root = try #require(parse(text).value).root
        guard case .number(let digits)? = root["n"]?.kind else { Issue.record("n is no number"); return }
        #expect(digits == "-12345678901234567890.10e+3")
        #expect(root["s"]?.string == "\"\\/\u{8}\u{C}\n\r\té😀é")
        let list = try #require(root.member("l"))
        #expect(list.keyRange.start == SourcePosition(line: 2, column: 2, offset: text.utf8.count - 29))
        #expect(list.value.array?.map(\.typeName) == ["null", "a boolean", "a boolean", "an object"])
        #expect(list.value.array?.last.map { "\($0.range.start.line):\($0.range.start.column)-\($0.range.end.column)" } == "2:27-29")
    }

    @Test(
        "an integer is exact in the whole range of Int64, whichever way it is written",
        arguments: [
            ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("1e3", 1000), ("1.0", 1), ("-0", 0),
            ("9223372036854775808", nil), ("1.5", nil), ("1e19", nil), ("9007199254740993.0", nil),
        ])
    func integers(text: String, expected: Int64?) throws {
        #expect(try #require(parse(text).value).root.integer == expected)
    }

    @Test("a key that occurs twice is a warning at the second, and the last one counts")
    func duplicates() throws {
        let parsed = parse("{\"a\": 1,\n \"b\": {\"a\": 0},\n \"\\u0061\": 2}")
        #expect(places(parsed) == ["3:2 JSON006"])
        #expect(parsed.diagnostics.first?.severity == .warning)
        #expect(try #require(parsed.value).root["a"]?.integer == 2)
    }

    @Test("keys that only look alike are different keys")
    func canonicallyEquivalent() throws {
        let parsed = parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(parsed.diagnostics.isEmpty)
        #expect(try #require(parsed.value).root["\u{E9}"]?.integer == 1)
    }

    @Test("nesting is bounded, and the bound can be reached")
    func depth() {
        func nested(_ count: Int) -> String { String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        #expect(parse(nested(128)).value != nil)
        #expect(places(parse(nested(129))) == ["1:129 JSON005"])
        #expect(places(parse(String(repeating: "{\"a\":", count: 100_000))) == ["1:641 JSON005"])
    }
}
