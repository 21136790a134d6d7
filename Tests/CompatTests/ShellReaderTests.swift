// SPDX-License-Identifier: Apache-2.0

@testable import Compat
import KataText
import SystemPackage
import Testing

@Suite("the shell's words")
struct ShellReaderTests {
    private func words(_ text: String) -> [[String]] {
        var reader = ShellReader(SourceText(path: "/s", text: text))
        return reader.read().map { $0.words.map(\.text) }
    }

    @Test("quotes, escapes, comments, continued lines and redirections are what the shell takes them for")
    func grammar() {
        #expect(words("a 'b c' \"d \\\"e\\n\" f\\ g # h\ni#j") == [["a", "b c", "d \"e\\n", "f g"], ["i#j"]])
        #expect(words("a \\\n b; c && d | e") == [["a", "b"], ["c"], ["d"], ["e"]])
        #expect(words("a 2>&1 >f b </dev/null '' \"\"") == [["a", "b", "", ""]])
    }

    @Test("variables that are set from fixed text are replaced, and split unless they are quoted")
    func variables() {
        #expect(words("A='x  y'\nB=\"$A z\"\nc $A \"$A\" ${B} $N $D") == [[], [], ["c", "x", "y", "x  y", "x", "y", "z", "$N", "$D"]])
        #expect(words("if true; then A=1; fi; export B=$A\nc $B") == [["if", "true"], ["then"], ["fi"], ["export"], ["c", "1"]])
    }

    @Test("what only the running shell knows is named")
    func unknowns() {
        var reader = ShellReader(SourceText(path: "/s", text: "a \"$@\" $(b c) `d` ${E:-f} $G"))
        let words = reader.read().flatMap(\.words)
        #expect(words.map(\.isCallersArguments) == [false, true, false, false, false, false])
        #expect(words.map(\.unknowns) == [[], ["$@"], ["$(b c)"], ["`d`"], ["$E:-f"], ["$G"]])
    }

    @Test("of a variable's words, those alone are unknown that have something unknown in them")
    func partlyUnknown() throws {
        let source = SourceText(path: "/s", text: "O=\"--a=$X --b=1\"\nrunv $O")
        var reader = ShellReader(source)
        let commands = reader.read()
        #expect(try #require(commands.last).words.map(\.unknowns) == [[], ["$X"], []])
        #expect(try #require(commands.first?.assignments.first).value.split(in: source).map(\.unknowns) == [["$X"], []])
    }

    @Test("a word has its place where its text is written, be it in a variable")
    func places() throws {
        let source = SourceText(path: "/s", text: "O='--a=1 --b'\nrunv $O 'c'\"d\"")
        var reader = ShellReader(source)
        let commands = reader.read()
        let words = try #require(commands.last).words
        #expect(words.map { source.text(of: $0.range) } == ["runv", "--a=1", "--b", "c'\"d"])
        #expect(source.text(of: words[1].range(of: 4..<5, in: source)) == "1")
    }

    @Test("variables that hold each other, and a line of a million words, end soon")
    func bounds() {
        let doubled = "A=xxxxxxxx\n" + (0..<60).map { _ in "A=\"$A$A\"\n" }.joined() + String(repeating: "\"$A\" ", count: 2000)
        #expect(words(doubled).last?.count == 2000)
        #expect(words(String(repeating: "then a ", count: 50_000)).last?.count == 100_000)
    }
}

@Suite("Go's values")
struct GoSyntaxTests {
    @Test("integers are read with base 0")
    func integers() {
        let read = ["0", "10", "-7", "+7", "0x1F", "0X1f", "-0x10", "010", "08", "", "-", "--1", "0x", "1_000", "9223372036854775808"]
        #expect(read.map(GoSyntax.integer) == [0, 10, -7, 7, 31, 31, -16, 8, nil, nil, nil, nil, nil, nil, nil])
    }

    @Test("booleans have six spellings each")
    func booleans() {
        #expect(["1", "t", "T", "true", "TRUE", "True"].allSatisfy { GoSyntax.boolean($0) == true })
        #expect(["0", "f", "F", "false", "FALSE", "False"].allSatisfy { GoSyntax.boolean($0) == false })
        #expect(["yes", "tRUE", "", "2"].allSatisfy { GoSyntax.boolean($0) == nil })
    }
}
