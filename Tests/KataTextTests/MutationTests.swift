// SPDX-License-Identifier: Apache-2.0
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// Readers fed with broken copies of good and bad files, the same ones in every run.
@Suite("Mutated input")
struct MutationTests {
    private static let unit = """
        # comment
        [Service]
        ExecStart=
        ExecStart=-/usr/bin/dockerd --add-runtime "cc=/usr/bin/cc runtime" \\
          --default-runtime=cc \\x41\\101\\u00e9 ; /bin/true 'x'
        Environment="A=b c" D=%n
        """
    private static let json = """
        {"a": [1, -2.5e+3, true, null, "x\\u00e9\\ud83d\\ude00\\n"], "b": {"c": {}, "a": "é"}, "b": 18446744073709551615}
        """

    /// Bytes that mean something to one of the readers, besides arbitrary ones.
    private static let telling =
        Array("\"'[]{}=#,.\\\n\r\t -+_:;TZ0129eEinfau".utf8) + [0x00, 0x7F, 0x80, 0xC3, 0xE2, 0xED, 0xF4, 0xFF, 0xEF, 0xBB, 0xBF]

    private static func mutated(_ seed: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let length = Int.random(in: 0...min(8, bytes.count - place), using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < bytes.count: bytes[place] = random.pick(telling)
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.insert(random.pick(telling), at: place)
            case 3: bytes.removeSubrange(place..<(place + length))
            case 4: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }

    /// What must hold of any result: places lie in the text and in order, and a refused file says why.
    private static func check<Value>(_ parsed: Parsed<Value>, _ source: SourceText, _ what: String) {
        for finding in parsed.diagnostics {
            guard let range = finding.range else { Issue.record("\(what): no place"); return }
            let isInside = range.start <= range.end && range.end.offset <= source.bytes.count && range.start.line <= source.lineCount
            #expect(isInside, "\(what): \(range)")
        }
        #expect(parsed.value != nil || parsed.hasErrors, "\(what): refused without a reason")
    }

    @Test("no mutation of a TOML document traps the reader, and what is accepted can be written and read again", arguments: 0..<4)
    func toml(part: Int) throws {
        var random = SeededGenerator(seed: UInt64(part))
        let suite = TOMLConformanceSuite.ours
        let seeds = try (suite.valid.map(\.toml) + suite.invalid).map { try FileSystem.read($0) }.filter { $0.count < 1000 }
        for (index, seed) in seeds.enumerated() {
            for round in 0..<6 {
                let source = SourceText(path: "t", bytes: Self.mutated(seed, &random))
                let parsed = TOMLDocument.parse(source)
                let what = "part \(part), seed \(index), round \(round)"
                Self.check(parsed, source, what)
                _ = render(parsed.diagnostics, sources: ["t": source], as: .text, tool: "t")
                guard let root = parsed.value?.root else { continue }
                let bytes = TOMLEmission(root: TOMLEmission.Table(root)).rendered
                let again = TOMLDocument.parse(SourceText(path: "t", bytes: bytes)).value?.root
                #expect(again?.hasSameContent(as: root) == true, "\(what): \(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    @Test("no mutation of a JSON text traps the reader", arguments: 0..<4)
    func json(part: Int) {
        var random = SeededGenerator(seed: UInt64(part))
        for round in 0..<1000 {
            let source = SourceText(path: "t", bytes: Self.mutated(Array(Self.json.utf8), &random))
            Self.check(JSONDocument.parse(source), source, "part \(part), round \(round)")
        }
    }

    private static let yaml = """
        %YAML 1.1
        ---
        # é
        a: &x {"k": [1, 'it''s', ~], k2: !!str 3}
        b:
        - *x
        - >-
          folded

           text
        - "esc\\u00e9\\n\\
          next"
        ? c : d
        ...
        --- |+
         lit

        """

    @Test("no mutation of a YAML text traps the reader or the editor, and every value's place is in the text", arguments: 0..<4)
    func yaml(part: Int) {
        var random = SeededGenerator(seed: UInt64(part))
        for round in 0..<1000 {
            let source = SourceText(path: "t", bytes: Self.mutated(Array(Self.yaml.utf8), &random))
            let parsed = YAMLStream.parse(source)
            Self.check(parsed, source, "part \(part), round \(round)")
            for node in (parsed.value?.documents ?? []).flatMap(\.allNodes) {
                #expect(node.range.start <= node.range.end && node.range.end.offset <= source.bytes.count)
                _ = parsed.value?.splices(for: [.insert(key: "new", value: "x", into: node), .remove(keys: ["a"], from: node)])
            }
        }
    }

    @Test("no mutation of a unit traps the reader or the splitting of its values", arguments: 0..<4)
    func unit(part: Int) {
        var random = SeededGenerator(seed: UInt64(part))
        for round in 0..<1000 {
            let source = SourceText(path: "t", bytes: Self.mutated(Array(Self.unit.utf8), &random))
            let parsed = SystemdUnitDocument.parse(source)
            Self.check(parsed, source, "part \(part), round \(round)")
            for assignment in (parsed.partial?.sections ?? []).flatMap(\.assignments) {
                Self.check(assignment.commands(in: source), source, "part \(part), round \(round), \(assignment.key)")
            }
        }
    }

    @Test("the time for hostile shapes grows with their size, not its square")
    func hostileShapes() {
        let count = 20_000
        let shapes = [
            String(repeating: "a = [\n", count: count), "a = [" + String(repeating: "é,", count: count),
            String(repeating: "k = 1\n", count: count),
            "a = \"" + String(repeating: "é\\q", count: count), String(repeating: "[[a]]\n", count: count),
            (0..<count).map { "k\($0) = { x = 1 }\n" }.joined(), String(repeating: "a.", count: count),
        ]
        for shape in shapes {
            let small = SourceText(path: "t", text: String(shape.prefix(shape.count / 8)))
            let large = SourceText(path: "t", text: shape)
            let base = processorTime { _ = TOMLDocument.parse(small) }
            let whole = processorTime { _ = TOMLDocument.parse(large) }
            // Eight times the text; the square would be 64 times. The constant forgives a machine that is busy elsewhere.
            #expect(whole < base * 32 + .milliseconds(500), "\(shape.prefix(20)): \(base) to \(whole)")
        }
        let yaml = [
            String(repeating: "- &a é\n- *a\n", count: count), "[" + String(repeating: "&a !!str é, *a,", count: count) + "x]",
            (0..<count).map { "k\($0): {a: 1}\n" }.joined(), "{" + (0..<count).map { "k\($0): {a: 1}, " }.joined() + "z: {}}",
            "a: \"" + String(repeating: "é \\u00e9\\\n", count: count) + "\"",
        ]
        for shape in yaml {
            let stream = YAMLStream.parse(SourceText(path: "t", text: shape))
            let spent = processorTime {
                let mappings = (stream.value?.documents ?? []).flatMap(\.allNodes).filter { $0["a"] != nil }
                let changes = mappings.map { YAMLChange.insert(key: "b", value: "c", into: $0) }
                #expect(stream.value?.splices(for: changes)?.count == mappings.count, "\(shape.prefix(20))")
            }
            // Some seconds in a debug build; the square of the size would be hours.
            #expect(spent < .seconds(60), "\(shape.prefix(20)): \(spent)")
        }
        let line = "[S]\nk=" + String(repeating: "é \\\n", count: count)
        let unit = SystemdUnitDocument.parse(SourceText(path: "t", text: line))
        let source = SourceText(path: "t", text: line)
        #expect(unit.value?.sections.first?.assignments.first?.words(in: source).value?.count == count)
    }
}
