// SPDX-License-Identifier: Apache-2.0
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("TOML diagnostics")
struct TOMLDiagnosticsTests {
    @Test("every mistake of our invalid documents is reported with its code, its place and a message, as in the golden text")
    func goldenMessages() throws {
        var report = ""
        for path in TOMLConformanceSuite.ours.invalid {
            let name = FilePath(try #require(path.lastComponent).string)
            let source = SourceText(path: name, bytes: try FileSystem.read(path))
            report += render(TOMLDocument.parse(source).diagnostics, sources: [name: source], as: .text, tool: "test") + "\n"
        }
        try expectGolden(report, at: TOMLConformanceSuite.ours.root.appending("invalid.expected.txt"))
    }

    @Test(
        "reading goes on behind a mistake and reports the next one",
        arguments: [
            ("a = yes\nb = 07\nc = 1\nc = 2\n[d]\n[d]\n", ["1:5 TOML005", "2:5 TOML008", "4:1 TOML014", "6:2 TOML015"]),
            // An array that is not closed does not swallow the statements below it, nor do its elements count as statements.
            ("a = [\n  1,\n  2 3,\n  4,\n]\nb = x\n", ["3:5 TOML011", "6:5 TOML005"]),
            ("a = [\n  1,\nb = 2\n[c]\nd = x\n", ["3:1 TOML005", "5:5 TOML005"]),
            ("a = [\n  [1],\n  [x],\n  [2],\n]\n[b]\nc = 01\n", ["3:4 TOML005", "7:5 TOML008"]),
            // A wrong escape does not end a string, so the text behind it is not taken for statements.
            ("a = \"\"\"\n\\q\nnot = a statement\n\"\"\"\nb = \"\\w\"\n", ["2:1 TOML007", "5:6 TOML007"]),
            // Keys below a header that failed are read, but not held against other tables.
            ("[a]\nx = 1\n[a]\nx = 2\ny = 08\n", ["3:2 TOML015", "5:5 TOML008"]),
        ])
    func resynchronises(text: String, expected: [String]) {
        let parsed = TOMLDocument.parse(SourceText(path: "t", text: text))
        let found = parsed.diagnostics.map { "\($0.range?.start.line ?? 0):\($0.range?.start.column ?? 0) \($0.code)" }
        #expect(found == expected)
        #expect(parsed.value == nil)
    }

    @Test("what could be read beside a mistake is there as partial, never as value")
    func partial() throws {
        let parsed = TOMLDocument.parse(SourceText(path: "t", text: "a = 1\nb = nonsense\nc = 3\n"))
        #expect(parsed.value == nil)
        #expect(try #require(parsed.partial).root.keys == ["a", "c"])
    }

    @Test("a file of garbage costs a bounded number of diagnostics")
    func bounded() {
        let parsed = TOMLDocument.parse(SourceText(path: "t", text: String(repeating: "garbage\n", count: 100_000)))
        #expect(parsed.diagnostics.count <= 201)
        #expect(parsed.diagnostics.last?.code == "TOML017")
    }

    @Test("each code that a reader reports has exactly one page, and each page says something")
    func pages() {
        let codes = TextDiagnostics.pages.map(\.code)
        #expect(Set(codes).count == codes.count)
        #expect(codes == codes.sorted())
        for page in TextDiagnostics.pages {
            #expect(!page.title.isEmpty && page.explanation.hasSuffix(".") && page.remedy.hasSuffix("."), "\(page.code)")
        }
        var seen: Set<DiagnosticCode> = []
        for path in TOMLConformanceSuite.ours.invalid {
            guard let source = try? source(path) else { continue }
            seen.formUnion(TOMLDocument.parse(source).diagnostics.map(\.code))
        }
        // TOML017 takes a file of garbage, TOML018 is no error.
        #expect(Set(TOMLDocument.pages.map(\.code)).subtracting(["TOML017", "TOML018"]) == seen)
    }
}
