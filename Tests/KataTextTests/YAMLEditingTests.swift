// SPDX-License-Identifier: Apache-2.0
import KataText
import SystemPackage
import Testing

/// A document of random shape and style, as people write them.
private struct GeneratedYAML {
    var random: SeededGenerator
    var anchors = 0
    var count = 0

    mutating func document() -> String {
        var text = random.chance(20) ? "# head\n---\n" : ""
        text += blockMapping(indentation: 0, depth: 0)
        if random.chance(30) { text += "\n# tail é\n" }
        if random.chance(25) { text = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n") }
        if random.chance(15) { text = "\u{FEFF}" + text }
        if random.chance(15), !text.hasSuffix("+\n") { while text.last?.isNewline == true { text.removeLast() } }
        return text
    }

    private mutating func key() -> String {
        count += 1
        return random.pick(["k\(count)", "\"q \(count)\"", "'é\(count)'", "ü\(count)"])
    }

    private mutating func blockMapping(indentation: Int, depth: Int, afterDash: Bool = false) -> String {
        let lead = String(repeating: " ", count: indentation)
        var text = ""
        for index in 0..<Int.random(in: 1...3, using: &random) {
            if index > 0 || !afterDash {
                if random.chance(20), index > 0 { text += "\n" }
                if random.chance(25) { text += lead + "# about é\n" }
                text += lead
            }
            text += key() + ":" + value(indentation: indentation, depth: depth)
        }
        return text
    }

    /// Behind a colon, line end included.
    private mutating func value(indentation: Int, depth: Int) -> String {
        let comment = random.chance(20) ? " # beside\n" : "\n"
        let lead = String(repeating: " ", count: indentation)
        switch Int.random(in: 0..<(depth > 2 ? 5 : 9), using: &random) {
        case 0: return comment
        case 1: return " " + scalar() + comment
        case 2: return " |\n\(lead)  lit\n\n\(lead)  # no comment\n" + (random.chance(40) ? "\n" : "")
        case 3: return " >-\n\(lead)   fold\n\(lead)   more\n"
        case 4: return " " + flow(depth: 0, lead: lead + "  ") + comment
        case 5, 6:
            anchors += 1
            let anchor = random.chance(20) ? " &a\(anchors)" : ""
            return anchor + comment + blockMapping(indentation: indentation + random.pick([1, 2, 4]), depth: depth + 1)
        default:
            let inner = indentation + random.pick([0, 2])
            var text = comment
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                text += String(repeating: " ", count: inner) + "- "
                if random.chance(50) {
                    text += blockMapping(indentation: inner + 2, depth: depth + 1, afterDash: true)
                } else {
                    text += scalar() + "\n"
                }
            }
            return text
        }
    }

    private mutating func scalar() -> String {
        random.pick(["x", "'it''s'", "\"d\\n\"", "12", "true", "~", "a b", "\"multi\n   # line\"", "é😀"])
    }

    private mutating func flow(depth: Int, lead: String) -> String {
        let items = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
            key() + ": "
                + (depth < 2 && random.chance(40) ? flow(depth: depth + 1, lead: lead) : random.pick(["1", "'a'", "x y", "[1, 2]"]))
        }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return "{" + items.joined(separator: ", ") + "}"
        case 1: return "{ " + items.joined(separator: ",") + " }"
        default: return "{ # open\n\(lead)" + items.joined(separator: ", # c\n\(lead)") + "\n\(lead)}"
        }
    }
}

@Suite("YAML editing")
struct YAMLEditingTests {
    private static func apply(_ changes: [YAMLChange], to stream: YAMLStream) -> String? {
        guard let splices = stream.splices(for: changes) else { return nil }
        var (result, done): ([UInt8], Int) = ([], 0)
        for splice in splices {
            result += stream.source.bytes[done..<splice.range.start.offset] + Array(splice.replacement.utf8)
            done = splice.range.end.offset
        }
        return String(decoding: result + stream.source.bytes[done...], as: UTF8.self)
    }

    private static func read(_ text: String) throws -> YAMLStream {
        try #require(YAMLStream.parseJSONOrYAML(SourceText(path: "t", text: text)).value, "\(text)")
    }

    private static func at(_ path: String, _ stream: YAMLStream) throws -> YAMLNode {
        var node = try #require(stream.documents.first)
        for step in path.split(separator: "/") {
            node = try #require(Int(step).map { node.sequence?[$0] } ?? node[String(step)])
        }
        return node
    }

    @Test(
        "a key comes in as the first of its mapping, in the mapping's own form",
        arguments: [
            ("s:\n  a: 1\n", "s", "s:\n  k: v\n  a: 1\n"),
            ("s:\n    # about a\n    a: 1 # c", "s", "s:\n    k: v\n    # about a\n    a: 1 # c"),
            ("s:\r\n  a: 1\r\n", "s", "s:\r\n  k: v\r\n  a: 1\r\n"),
            ("s: &x\n  a: 1\nt: *x\n", "t", "s: &x\n  k: v\n  a: 1\nt: *x\n"),
            ("- s: 1\n  t: 2\n", "0", "- k: v\n  s: 1\n  t: 2\n"),
            ("-   - s: 1\n", "0/0", "-   - k: v\n      s: 1\n"),
            ("s: {a: 1}\n", "s", "s: {k: v, a: 1}\n"),
            ("s: { }\n", "s", "s: {k: v }\n"),
            ("s: {#c\n }\n", "s", "s: {k: v #c\n }\n"),
            ("{\"s\": {\"a\": 1}}", "s", "{\"s\": {\"k\": \"v\", \"a\": 1}}"),
            ("{\n\t\"s\": {\n\t\t\"a\": 1\n\t}\n}\n", "s", "{\n\t\"s\": {\n\t\t\"k\": \"v\",\n\t\t\"a\": 1\n\t}\n}\n"),
            ("{\"s\": {}}", "s", "{\"s\": {\"k\": \"v\"}}"),
            ("s:\n\n  !!str a: |\n    x\n", "s", "s:\n\n  k: v\n  !!str a: |\n    x\n"),
        ])
    func insertion(text: String, path: String, expected: String) throws {
        let stream = try Self.read(text)
        #expect(Self.apply([.insert(key: "k", value: "v", into: try Self.at(path, stream))], to: stream) == expected)
    }

    @Test(
        "a key goes with its value, its comments and nothing else",
        arguments: [
            ("k: 1\na: 2\n", "", "a: 2\n"),
            ("a: 2\n# about k\n# more\nk: |\n  x\n\n# about b\nb: 3\n", "", "a: 2\n\n# about b\nb: 3\n"),
            ("a: |\n  # text\nk: 1 # c\nb: 2", "", "a: |\n  # text\nb: 2"),
            ("a: 1\nk: 2", "", "a: 1\n"),
            ("m:\n  k: 1 # c\nb: 2\n", "m", "m:\n  {} # c\nb: 2\n"),
            ("- k: 1\n  a: 2\n", "0", "- a: 2\n"),
            ("- k: 1 # k\n  # a\n  a: 2\n", "0", "- \n  # a\n  a: 2\n"),
            ("{a: 1, k: [1], b: 2}", "", "{a: 1, b: 2}"),
            ("{a: 1, k: 2}", "", "{a: 1}"),
            ("{a: 1, # a\n k: 2}", "", "{a: 1, # a\n }"),
            ("{k: 1}", "", "{}"),
            ("{\n  \"a\": 1,\n  \"k\": 2\n}", "", "{\n  \"a\": 1\n}"),
            ("{\n  \"k\": 1,\n  \"a\": 2\n}", "", "{\n  \"a\": 2\n}"),
            ("a: 1\nk:\nb: 2\n", "", "a: 1\nb: 2\n"),
            ("a: 1\nk:\n- x\n-\n- y: |+\n    t\n\nb: 2\n", "", "a: 1\n\nb: 2\n"),
            ("a: 1\r\nk: 2\r\nb: 3\r\n", "", "a: 1\r\nb: 3\r\n"),
            ("a: &x {k: 1, b: 2}\nc: *x\n", "c", "a: &x {b: 2}\nc: *x\n"),
        ])
    func removal(text: String, path: String, expected: String) throws {
        let stream = try Self.read(text)
        #expect(Self.apply([.remove(keys: ["k"], from: try Self.at(path, stream))], to: stream) == expected)
    }

    @Test(
        "several keys go at once",
        arguments: [
            ("{a: 1, k: 2, l: 3}", "{a: 1}"), ("{k: 2, l: 3, a: 1}", "{a: 1}"), ("{k: 2, a: 1, l: 3}", "{a: 1}"), ("{k: 1, l: 2}", "{}"),
            ("k: 1\na: 2\nl: 3\n", "a: 2\n"), ("# k\nk: 1\n# l\nl: 3\na: 2\n", "a: 2\n"), ("k: 1\nl: 2\n", "{}\n"),
        ])
    func removalOfSeveral(text: String, expected: String) throws {
        let stream = try Self.read(text)
        #expect(Self.apply([.remove(keys: ["l", "k"], from: try Self.at("", stream))], to: stream) == expected)
    }

    @Test(
        "a scalar gives way to a string in the form that its place asks for",
        arguments: [
            ("k: a # c\n", "k: new # c\n"), ("k: 'a'\n", "k: new\n"), ("k: \"a\"\n", "k: \"new\"\n"), ("k:\nb: 1\n", "k: new\nb: 1\n"),
            ("k: |\n  a\n  b\n\nc: 1\n", "k: new\n\nc: 1\n"), ("{\"k\": \"\"}", "{\"k\": \"new\"}"),
            ("k: &x a\nb: *x\n", "k: &x new\nb: *x\n"),
            ("k: ~\n", "k: new\n"),
        ])
    func replacement(text: String, expected: String) throws {
        let stream = try Self.read(text)
        #expect(Self.apply([.replace(try Self.at("k", stream), with: "new")], to: stream) == expected)
    }

    @Test(
        "what no small change of the text can do is left alone",
        arguments: [
            "? k\n: 1\na: 2\n", "k: 1\nk: 2\n", "x: &x {k: 1}\nk2: 1\n<<: *x\n", "a: |+\n  x\nk: |\n  y\n\n\nc: 1\n",
        ])
    func refused(text: String) throws {
        let stream = try Self.read(text)
        #expect(stream.splices(for: [.remove(keys: ["k"], from: try #require(stream.documents.first))]) == nil)
    }

    @Test("in any document, any mapping takes a new key and gives it back byte for byte", arguments: 0..<6)
    func insertAndRemove(part: Int) throws {
        var generator = GeneratedYAML(random: SeededGenerator(seed: UInt64(part)))
        for _ in 0..<60 {
            let text = generator.document()
            let stream = try Self.read(text)
            for (index, mapping) in stream.documents.flatMap(\.allNodes).enumerated() where mapping.mapping != nil {
                let edited = try #require(
                    Self.apply([.insert(key: "new key", value: "v: 1", into: mapping)], to: stream), "\(mapping.range) of\n\(text)")
                let again = try Self.read(edited)
                let same = again.documents.flatMap(\.allNodes).filter { $0.mapping != nil && $0["new key"]?.string == "v: 1" }
                #expect(same.count == 1, "\(index)\n\(text)\n\(edited)")
                #expect(Self.apply([.remove(keys: ["new key"], from: try #require(same.first))], to: again) == text, "\(edited)")
            }
        }
    }

    @Test("in any document, any key can go, and the lines of all others stay", arguments: 0..<6)
    func removeAny(part: Int) throws {
        var generator = GeneratedYAML(random: SeededGenerator(seed: UInt64(100 + part)))
        for _ in 0..<60 {
            let text = generator.document()
            let stream = try Self.read(text)
            for mapping in stream.documents.flatMap(\.allNodes) {
                for member in mapping.mapping ?? [] {
                    let key = try #require(member.key.string)
                    let edited = try #require(
                        Self.apply([.remove(keys: [key], from: mapping)], to: stream),
                        "\(key) at \(member.key.range.start.line) of\n\(text)")
                    let again = try Self.read(edited)
                    #expect(!again.documents.flatMap(\.allNodes).contains { $0.mapping != nil && $0.member(key) != nil })
                }
            }
        }
    }
}
