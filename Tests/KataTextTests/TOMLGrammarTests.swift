// SPDX-License-Identifier: Apache-2.0
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// A grammar beside TOML 1.0, and documents that a parser of it was run over: `accepted/*.toml` beside the JSON of what it read, and
/// `refused/*.toml`.
struct OtherGrammar: Sendable, CustomTestStringConvertible {
    let grammar: TOMLGrammar
    let directory: String
    /// How many documents there are at least.
    let accepted: Int
    let refused: Int
    /// How bad it is that TOML 1.0 refuses a document or reads it otherwise.
    let severity: Severity
    let pages: [DiagnosticPage]

    static let all = [
        OtherGrammar(
            grammar: .burntSushi03, directory: "burntsushi-0.3", accepted: 50, refused: 70, severity: .warning,
            pages: TOMLDocument.oldPages),
        OtherGrammar(grammar: .goTOML1, directory: "go-toml-1", accepted: 25, refused: 25, severity: .warning, pages: []),
        OtherGrammar(
            grammar: .toml11, directory: "toml-1.1", accepted: 8, refused: 10, severity: .note,
            pages: TOMLDocument.pages.filter { $0.severity == .note }),
    ]

    var testDescription: String { directory }
    var root: FilePath { Repository.fixtures.appending("toml").appending(directory) }

    func read(_ source: SourceText) -> Parsed<TOMLDocument> { TOMLDocument.parse(source, grammar: grammar) }

    func documents(_ verdict: String) throws -> [(name: String, source: SourceText)] {
        let directory = root.appending(verdict)
        return try FileSystem.list(directory).filter { $0.hasSuffix(".toml") }.map { name in
            (String(name.dropLast(5)), SourceText(path: FilePath(name), bytes: try FileSystem.read(directory.appending(name))))
        }
    }
}

@Suite("TOML by other rules than those of 1.0")
struct TOMLGrammarTests {
    @Test("what the parser accepted is accepted, with the values that it read", arguments: OtherGrammar.all)
    func accepted(by rules: OtherGrammar) throws {
        let documents = try rules.documents("accepted")
        #expect(documents.count >= rules.accepted)
        for (name, source) in documents {
            let root = try #require(rules.read(source).value?.root, "\(name): \(rules.read(source).diagnostics)")
            let path = rules.root.appending("accepted").appending("\(name).json")
            let expected = try #require(JSONDocument.parse(SourceText(path: path, bytes: try FileSystem.read(path))).value)
            let found = difference(TOMLValue(.table(root), range: root.range), from: expected.root)
            // The bytes of a literal string that are no text cannot be kept in one.
            #expect(found == nil, "\(name): \(found ?? "")")
        }
    }

    @Test("what the parser refused is refused, with a place", arguments: OtherGrammar.all)
    func refused(by rules: OtherGrammar) throws {
        let documents = try rules.documents("refused")
        #expect(documents.count >= rules.refused)
        for (name, source) in documents {
            let parsed = rules.read(source)
            #expect(parsed.value == nil, "\(name) was accepted")
            #expect(parsed.diagnostics.allSatisfy { $0.range != nil && $0.path == source.path }, "\(name)")
        }
    }

    @Test("a document has a finding exactly when TOML 1.0 refuses it or reads it otherwise", arguments: OtherGrammar.all)
    func reported(by rules: OtherGrammar) throws {
        for (name, source) in try rules.documents("accepted") {
            let parsed = rules.read(source)
            let today = TOMLDocument.parse(source).value?.root
            let isSame = try today?.hasSameContent(as: #require(parsed.value?.root)) ?? false
            #expect(parsed.diagnostics.isEmpty == isSame, "\(name): \(parsed.diagnostics)")
            #expect(parsed.diagnostics.allSatisfy { $0.severity == rules.severity })
        }
    }

    @Test("each finding has its code, its place and a message that says the meaning, as in the golden text", arguments: OtherGrammar.all)
    func goldenMessages(by rules: OtherGrammar) throws {
        var report = ""
        var seen: Set<DiagnosticCode> = []
        for (name, source) in try rules.documents("accepted") + rules.documents("refused") {
            let findings = rules.read(source).diagnostics
            seen.formUnion(findings.map(\.code))
            guard !findings.isEmpty else { continue }
            report += "\(name)\n" + render(findings, sources: [source.path: source], as: .text, tool: "test") + "\n"
        }
        #expect(Set(rules.pages.map(\.code)).isSubset(of: seen))
        try expectGolden(report, at: rules.root.appending("expected.txt"))
    }

    @Test("a document of many warnings is read to its end, and reports a bounded number of them")
    func bounded() throws {
        let text = (0..<1000).map { "key\($0) = 0\($0)\n" }.joined()
        let parsed = TOMLDocument.parse(SourceText(path: "t", text: text), grammar: .burntSushi03)
        #expect(try #require(parsed.value).root.entries.count == 1000)
        #expect(parsed.diagnostics.count == 200)
    }

    @Test("a document of TOML 1.0 that has no finding reads as by TOML 1.0, comments included", arguments: OtherGrammar.all)
    func sameAsToday(by rules: OtherGrammar) throws {
        for (toml, _) in TOMLConformanceSuite.ours.valid {
            let source = try source(toml)
            let parsed = rules.read(source)
            guard let today = TOMLDocument.parse(source).value else { continue }
            guard let read = parsed.value else {
                // go-toml took quotes before those that close a string for the end of it; the oldest lacks much.
                let lacks = rules.grammar == .burntSushi03 || rules.grammar == .goTOML1 && source.text.contains("\"\"\"\"")
                #expect(lacks, "\(toml): \(parsed.diagnostics)")
                continue
            }
            guard parsed.diagnostics.isEmpty else { continue }
            #expect(read.root.hasSameContent(as: today.root), "\(toml)")
            #expect(read.comments == today.comments, "\(toml)")
        }
    }

    @Test("no mutation of a document traps the reader, and what is accepted can be written and read again", arguments: OtherGrammar.all)
    func mutations(by rules: OtherGrammar) throws {
        var random = SeededGenerator(seed: 3)
        for (name, seed) in try rules.documents("accepted") + rules.documents("refused") {
            for round in 0..<20 {
                var bytes = seed.bytes
                for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    if random.chance(50) {
                        bytes[place] = random.pick(Array("\0\r\n\"'\\[]{}=,.#_0e+-T\u{7F}".utf8))
                    } else {
                        bytes.remove(at: place)
                    }
                }
                let parsed = rules.read(SourceText(path: "t", bytes: bytes))
                #expect(parsed.value != nil || parsed.hasErrors)
                guard let root = parsed.value?.root else { continue }
                let written = TOMLEmission(root: TOMLEmission.Table(root)).rendered
                let again = TOMLDocument.parse(SourceText(path: "t", bytes: written)).value?.root
                #expect(again?.hasSameContent(as: root) == true, "\(name) \(round): \(String(decoding: written, as: UTF8.self))")
            }
        }
    }

    @Test("one text is read once by each grammar")
    func once() throws {
        let text = (0..<20_000).map { "k\($0) = [1, 2]\n" }.joined()
        let source = SourceText(path: "t", text: text)
        let first = processorTime { _ = TOMLDocument.parse(source) }
        let second = processorTime { for _ in 0..<10 { _ = TOMLDocument.parse(source) } }
        #expect(second < first)
        #expect(TOMLDocument.parse(source, grammar: .burntSushi03).value?.root.entries.count == 20_000)
    }
}

extension SourceText {
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
