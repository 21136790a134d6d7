// SPDX-License-Identifier: Apache-2.0
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// Documents that go-toml 1.9.5 itself was run over: `accepted/*.toml` beside the JSON of what it read, and `refused/*.toml`.
private enum Probes {
    static let root = Repository.fixtures.appending("toml").appending("go-toml-1")

    static func documents(_ verdict: String) throws -> [(name: String, source: SourceText)] {
        let directory = root.appending(verdict)
        return try FileSystem.list(directory).filter { $0.hasSuffix(".toml") }.map { name in
            (String(name.dropLast(5)), SourceText(path: FilePath(name), bytes: try FileSystem.read(directory.appending(name))))
        }
    }
}

private func go(_ source: SourceText) -> Parsed<TOMLDocument> { TOMLDocument.parse(source, grammar: .goTOML1) }

@Suite("TOML by the rules of go-toml 1")
struct TOMLGoGrammarTests {
    @Test("what that parser accepted is accepted, with the values that it read")
    func accepted() throws {
        let probes = try Probes.documents("accepted")
        #expect(probes.count > 25)
        for (name, source) in probes {
            let root = try #require(go(source).value?.root, "\(name): \(go(source).diagnostics)")
            let path = Probes.root.appending("accepted").appending("\(name).json")
            let expected = try #require(JSONDocument.parse(SourceText(path: path, bytes: try FileSystem.read(path))).value)
            let found = difference(TOMLValue(.table(root), range: root.range), from: expected.root)
            #expect(found == nil, "\(name): \(found ?? "")")
        }
    }

    @Test("what that parser refused is refused, with a place")
    func refused() throws {
        let probes = try Probes.documents("refused")
        #expect(probes.count > 25)
        for (name, source) in probes {
            #expect(go(source).value == nil, "\(name) was accepted")
            #expect(go(source).diagnostics.allSatisfy { $0.range != nil && $0.path == source.path }, "\(name)")
        }
    }

    @Test("a document has a warning exactly when TOML 1.0 refuses it or reads it otherwise")
    func warned() throws {
        for (name, source) in try Probes.documents("accepted") {
            let then = go(source)
            let today = TOMLDocument.parse(source).value?.root
            let isSame = try today?.hasSameContent(as: #require(then.value?.root)) ?? false
            #expect(then.diagnostics.isEmpty == isSame, "\(name): \(then.diagnostics)")
            #expect(then.diagnostics.allSatisfy { $0.severity == .warning })
        }
    }

    @Test("each finding has its code, its place and a message that says the old meaning, as in the golden text")
    func goldenMessages() throws {
        var report = ""
        for (name, source) in try Probes.documents("accepted") + Probes.documents("refused") {
            let findings = go(source).diagnostics
            guard !findings.isEmpty else { continue }
            report += "\(name)\n" + render(findings, sources: [source.path: source], as: .text, tool: "test") + "\n"
        }
        try expectGolden(report, at: Probes.root.appending("expected.txt"))
    }

    @Test("every document of TOML 1.0 reads as by TOML 1.0, but for quotes before those that close a string")
    func sameAsToday() throws {
        for (toml, _) in TOMLConformanceSuite.ours.valid {
            let source = try source(toml)
            guard let today = TOMLDocument.parse(source).value else { continue }
            guard let read = go(source).value else {
                #expect(String(decoding: source.bytes, as: UTF8.self).contains("\"\"\"\""), "\(toml)")
                continue
            }
            if go(source).diagnostics.isEmpty { #expect(read.root.hasSameContent(as: today.root), "\(toml)") }
        }
    }

    @Test("no mutation of a document traps the reader, and what is accepted can be written and read again")
    func mutations() throws {
        var random = SeededGenerator(seed: 4)
        for (name, seed) in try Probes.documents("accepted") + Probes.documents("refused") {
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
                let parsed = go(SourceText(path: "t", bytes: bytes))
                #expect(parsed.value != nil || parsed.hasErrors)
                guard let root = parsed.value?.root else { continue }
                let written = TOMLEmission(root: TOMLEmission.Table(root)).rendered
                let again = TOMLDocument.parse(SourceText(path: "t", bytes: written)).value?.root
                #expect(again?.hasSameContent(as: root) == true, "\(name) \(round): \(String(decoding: written, as: UTF8.self))")
            }
        }
    }
}
