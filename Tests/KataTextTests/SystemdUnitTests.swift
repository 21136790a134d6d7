// SPDX-License-Identifier: Apache-2.0
import KataText
import SystemPackage
import Testing

private func parse(_ text: String) -> Parsed<SystemdUnitDocument> {
    SystemdUnitDocument.parse(SourceText(path: "docker.service", text: text))
}

private func place(_ range: SourceRange) -> String {
    "\(range.start.line):\(range.start.column)-\(range.end.line):\(range.end.column)"
}

@Suite("systemd units")
struct SystemdUnitTests {
    @Test("sections and keys stand in source order with their places; blanks around them do not count")
    func structure() throws {
        let parsed = parse("# c\n; c\n[Unit]\nDescription = a é  \n\n  After=x.service\r\n[Service]\nType=notify\n[Unit]\nAfter=y")
        #expect(parsed.diagnostics.isEmpty)
        let unit = try #require(parsed.value)
        #expect(unit.sections.map(\.name) == ["Unit", "Service", "Unit"])
        #expect(unit.assignments(of: "After", in: "Unit").map(\.value) == ["x.service", "y"])
        let description = try #require(unit.sections.first?.assignments.first)
        #expect(description.value == "a é")
        #expect(place(description.keyRange) == "4:1-4:12")
        #expect(place(description.valueRange) == "4:15-4:18")
        #expect(place(try #require(unit.sections.last).range) == "9:1-9:7")
        #expect(unit.assignments(of: "after", in: "Unit").isEmpty)
    }

    @Test("a backslash continues a line, comments between are left out, and every word knows where it stood")
    func continuation() throws {
        let text = "[Service]\nExecStart=/usr/bin/dockerd \\\n  --debug \\\n# not me\n  \"a b\"\n\nRestart=always\n"
        let unit = try #require(parse(text).value)
        let start = try #require(unit.assignments(of: "ExecStart", in: "Service").first)
        #expect(place(start.valueRange) == "2:11-5:8")
        let words = try #require(start.words(in: unit.source).value)
        #expect(words.map(\.text) == ["/usr/bin/dockerd", "--debug", "a b"])
        #expect(words.map { place($0.range) } == ["2:11-2:27", "3:3-3:10", "5:3-5:8"])
        #expect(words.map { unit.source.text(of: $0.range) } == ["/usr/bin/dockerd", "--debug", "\"a b\""])
        #expect(unit.assignments(of: "Restart", in: "Service").map(\.value) == ["always"])
    }

    @Test("an escaped backslash at the end of a line does not continue it")
    func escapedBackslash() throws {
        let unit = try #require(parse("[S]\na=x\\\\\nb=y\n").value)
        #expect(unit.sections.first?.assignments.map(\.value) == ["x\\\\", "y"])
    }

    @Test("no word can hold the character NUL, written as an escape or as itself", arguments: ["a\0b", "\"a\0\"", "a\\x00b"])
    func noNUL(_ word: String) throws {
        let unit = try #require(parse("[Service]\nExecStart=/bin/x \(word)\n").value)
        let words = try #require(unit.assignments(of: "ExecStart", in: "Service").first).words(in: unit.source)
        #expect(words.value == nil && words.diagnostics.map(\.code) == ["UNIT006"])
    }

    @Test("an empty assignment resets a list, also across drop-ins")
    func reset() throws {
        let unit = try #require(parse("[Service]\nExecStart=/a\n").value)
        let dropIn = try #require(parse("[Service]\nExecStart=\nExecStart=/b\nExecStart=/c\n").value)
        let last = try #require(parse("[Service]\nExecStart=/d\n").value)
        #expect([unit, dropIn, last].effectiveAssignments(of: "ExecStart", in: "Service").map(\.value) == ["/b", "/c", "/d"])
        #expect(unit.effectiveAssignments(of: "ExecStart", in: "Service").map(\.value) == ["/a"])
        let empty = try #require(dropIn.assignments(of: "ExecStart", in: "Service").first)
        #expect(empty.value.isEmpty && place(empty.valueRange) == "2:11-2:11")
    }

    @Test(
        "values split into words as systemd.syntax(7) says",
        arguments: [
            ("a  b\tc", ["a", "b", "c"]), ("'a b' \"c d\"", ["a b", "c d"]), ("a\\sb", ["a b"]), ("\"a\\\"b\" 'c\\'d'", ["a\"b", "c'd"]),
            ("x\\x41\\101\\u00e9\\U0001F600", ["xAAé😀"]), ("\"\" ''", ["", ""]), ("--o=\"a b\"c", ["--o=a bc"]), ("\"a'b\"", ["a'b"]),
            ("$VAR ${VAR} %n %%", ["$VAR", "${VAR}", "%n", "%%"]), ("\\t\\n\\\\", ["\t\n\\"]), ("é 😀", ["é", "😀"]),
        ])
    func words(value: String, expected: [String]) throws {
        let unit = try #require(parse("[S]\nk=\(value)\n").value)
        let assignment = try #require(unit.assignments(of: "k", in: "S").first)
        #expect(try #require(assignment.words(in: unit.source).value).map(\.text) == expected)
    }

    @Test(
        "wrong quoting is an error at its place, as systemd ignores the assignment",
        arguments: [
            ("a \"b c", "2:5 UNIT005"), ("'", "2:3 UNIT005"), ("a\\qb", "2:4 UNIT006"), ("\\x4", "2:3 UNIT006"), ("\\x00", "2:3 UNIT006"),
            ("\\8", "2:3 UNIT006"), ("\\U0011", "2:3 UNIT006"),
        ])
    func wrongWords(value: String, expected: String) throws {
        let unit = try #require(parse("[S]\nk=\(value)\n").value)
        let words = try #require(unit.assignments(of: "k", in: "S").first).words(in: unit.source)
        #expect(words.value == nil)
        #expect(words.diagnostics.map { "\($0.range?.start.line ?? 0):\($0.range?.start.column ?? 0) \($0.code)" } == [expected])
    }

    @Test("an ExecStart line is prefixes, program, name and arguments, and a lone semicolon begins another command")
    func commands() throws {
        let unit = try #require(parse("[S]\nk=-@/bin/sh sh -c \"a ; b\" ; !!/bin/x \\; y;\n").value)
        let commands = try #require(unit.assignments(of: "k", in: "S").first?.commands(in: unit.source).value)
        #expect(commands.map(\.prefixes) == ["-@", "!!"])
        #expect(commands.map(\.program) == ["/bin/sh", "/bin/x"])
        #expect(commands.map { $0.name?.text } == ["sh", nil])
        #expect(commands.map { $0.arguments.map(\.text) } == [["-c", "a ; b"], [";", "y;"]])
    }

    @Test("all problems are reported at once, with the severity that they have for systemd")
    func problems() {
        let parsed = parse("early=1\n[S]\nnonsense\n=x\n[broken\nk=v\n")
        #expect(
            parsed.diagnostics.map { "\($0.range?.start.line ?? 0) \($0.code) \($0.severity)" } == [
                "1 UNIT002 warning", "3 UNIT003 warning", "4 UNIT003 warning", "5 UNIT004 error",
            ])
        #expect(parsed.value == nil)
        #expect(SystemdUnitDocument.parse(SourceText(path: "u", bytes: [0x5B, 0xFF])).diagnostics.map(\.code) == ["UNIT001"])
    }
}
