// SPDX-License-Identifier: Apache-2.0
import KataText
import SystemPackage
import Testing

extension YAMLEmission.Value {
    /// Whether a node stands for this value.
    fileprivate func isSame(as node: YAMLNode) -> Bool {
        switch self {
        case .boolean(let value): node.boolean == value
        case .integer(let number), .octal(let number): node.integer == number
        case .string(let text): node.string.map { Array($0.utf8) == Array(text.utf8) } ?? false
        case .list(let items):
            node.sequence.map { $0.count == items.count && zip(items, $0).allSatisfy { $0.value.isSame(as: $1) } } ?? false
        case .mapping(let entries):
            node.mapping.map { members in
                members.count == entries.count
                    && zip(entries, members).allSatisfy { $0.key == $1.key.string && $0.item.value.isSame(as: $1.value) }
            } ?? false
        }
    }

    fileprivate static func random(_ random: inout SeededGenerator, depth: Int) -> YAMLEmission.Value {
        switch Int.random(in: 0..<(depth > 3 ? 5 : 9), using: &random) {
        case 0: return .boolean(random.chance(50))
        case 1: return .integer(Int64.random(in: Int64.min...Int64.max, using: &random))
        case 2: return .octal(Int64.random(in: 0...0o7777, using: &random))
        case 3, 4: return .string(text(&random))
        case 5, 6:
            return .list(
                (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                    YAMLEmission.Item(.random(&random, depth: depth + 1), above: comments(&random), beside: comments(&random).first)
                })
        default: return .mapping(entries(&random, depth: depth))
        }
    }

    fileprivate static func entries(_ random: inout SeededGenerator, depth: Int) -> [YAMLEmission.Entry] {
        (0..<Int.random(in: 0..<4, using: &random)).map { index in
            YAMLEmission.Entry(
                text(&random) + "\(index)", .random(&random, depth: depth + 1), above: comments(&random), beside: comments(&random).first)
        }
    }

    private static func comments(_ random: inout SeededGenerator) -> [String] {
        random.chance(30) ? [random.pick(["why", "é: [", "", "- x\n  y: injected"])] : []
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let parts = [
            "a", "Z", "0", "9", ":", ": ", " ", "#", " #", "\n", "\n\n", "\t", "-", "- ", "'", "\"", "\\", "{", "]", ",", "&", "*", "!",
            "%",
            "@", "é", "😀", "\u{85}", "\u{2028}", "\u{FEFF}", "\r", "\u{0}", "\u{7F}", "true", "null", "~", "1e3", "=", "<<", "?", "|", ">",
            "---", "...", "2001-01-01", "12:30",
        ]
        return (0..<Int.random(in: 0..<6, using: &random)).map { _ in random.pick(parts) }.joined()
    }
}

@Suite("YAML emission")
struct YAMLEmissionTests {
    @Test("whatever is written is read back the same", arguments: 0..<8)
    func roundTrip(part: Int) throws {
        var random = SeededGenerator(seed: UInt64(part))
        for _ in 0..<150 {
            let documents = (0..<2).map { _ in YAMLEmission(preface: ["x"], root: YAMLEmission.Value.entries(&random, depth: 0)) }
            let text = YAMLEmission.rendered(documents)
            let parsed = YAMLStream.parse(SourceText(path: "t", text: text))
            let found = try #require(parsed.value?.documents, "\(text)\n\(parsed.diagnostics)")
            #expect(found.count == 2)
            for (document, node) in zip(documents, found) {
                let isSame = YAMLEmission.Value.mapping(document.root).isSame(as: node)
                #expect(isSame, "\(text)")
            }
        }
    }

    @Test("the form is that of a manifest written by hand")
    func form() {
        let root: [YAMLEmission.Entry] = [
            .init("kind", .string("Pod"), beside: "line 1"),
            .init(
                "spec",
                .mapping([
                    .init(
                        "containers",
                        .list([
                            .init(
                                .mapping([
                                    .init("name", .string("a"), above: ["first"]),
                                    .init("args", .list([.init(.string("-c")), .init(.string("a: b"))])),
                                ]))
                        ]), beside: "all of them"),
                    .init("mode", .octal(0o644)), .init("text", .string("one\ntwo\n")), .init("none", .mapping([])),
                    .init("yes", .string("no")),
                ])),
        ]
        let text = """
            # top
            kind: Pod  # line 1
            spec:
              # all of them
              containers:
              # first
              - name: a
                args:
                - "-c"
                - "a: b"
              mode: 0644
              text: |
                one
                two
              none: {}
              "yes": "no"

            """
        #expect(YAMLEmission(preface: ["top"], root: root).rendered == text)
    }
}
