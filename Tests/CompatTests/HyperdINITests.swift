// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("hyperd's INI")
struct HyperdINITests {
    private func read(_ text: String) throws -> HyperdINI {
        try HyperdINI(reading: SourceText(path: "/etc/hyper/config", text: text))
    }

    @Test("keys keep their case, '=' or ':' ends them, the last one counts")
    func keys() throws {
        let read = try read("\u{FEFF}; c\r\nRoot : /a=b\r\nroot=/c # no comment\nRoot=/d\n[Log]\nPodIdInPath=true\n-=x\n-=y\n")
        #expect(read.value(of: "Root") == "/d" && read.value(of: "root") == "/c # no comment" && read.value(of: "ROOT") == nil)
        #expect(read.value(of: "PodIdInPath", in: "Log") == "true" && read.value(of: "PodIdInPath") == nil)
        #expect(read.value(of: "#2", in: "Log") == "y")
        #expect(read.entries.map(\.line) == [2, 3, 4, 6, 7, 8])
    }

    @Test("quoted keys may hold separators, and only backticks and three marks enclose a value")
    func quotes() throws {
        let read = try read("\"a:b\"=1\n`c=d` : ` 2 `\ne=\"\"\" 3 \"\"\"\nf=\"4\"\n")
        #expect(read.value(of: "a:b") == "1" && read.value(of: "c=d") == " 2 ")
        #expect(read.value(of: "e") == " 3 " && read.value(of: "f") == "\"4\"")
    }

    @Test("names in values are replaced, and what leads nowhere is nothing")
    func interpolation() throws {
        let read = try read("a=1\nb=%(a)s%(a)s\nd=<%(none)s>\n[s]\nb=2\ne=%(a)s-%(b)s-%(f)s\nf=%(g)s\ng=3\nh=%()s%(x\n")
        #expect(read.value(of: "b") == "11" && read.value(of: "d") == "<>")
        #expect(read.value(of: "e", in: "s") == "1-11-3" && read.value(of: "h", in: "s") == "%()s%(x")
        #expect(try read.expansion(of: #require(read.entry("d"))).missing == ["none"])
    }

    @Test("a name loses every s and bracket at its end")
    func trimmedNames() throws {
        let read = try read("route=1\nroutes=2\nx=%(routes)s\ny=%((routess)s\n")
        #expect(read.value(of: "x") == "1" && read.value(of: "y") == "1")
    }

    @Test(
        "names that lead in a circle end hyperd, in another section than the default one they stay",
        arguments: ["a=%(a)s", "a=%(b)s\nb=%(a)s"])
    func circles(_ text: String) throws {
        let read = try read(text + "\n[s]\nc=%(c)s\nd=%(d)s%(d)s\n")
        #expect(read.value(of: "a") == nil)
        #expect(throws: HyperdINI.EndlessValue.self) { try read.expansion(of: #require(read.entry("a"))) }
        #expect(read.value(of: "c", in: "s") == "%(c)s" && read.value(of: "d", in: "s") == nil)
    }

    @Test("a tree of names and a long chain of them end soon")
    func trees() throws {
        let tree = (0..<40).map { "a\($0)=%(b\($0))s%(c\($0))s\nb\($0)=%(a\($0 + 1))s\nc\($0)=%(a\($0 + 1))s\n" }.joined() + "a40=\n"
        let chain = (0..<5000).map { "n\($0)=%(n\($0 + 1))s\n" }.joined()
        let read = try read(tree + chain)
        #expect(read.value(of: "a0") == nil && read.value(of: "n0") == nil)
        #expect(read.value(of: "a38") == "" && read.value(of: "n4999") == "")
    }

    @Test("a header DEFAULT goes on with the default section, and an empty quoted key is passed over")
    func sections() throws {
        let read = try read("a=1\n[x]\na=2\n[DEFAULT]\nb=3\n\"\"=4\n[ y ]\n\u{A0}c = \u{3000}5\u{85}\n[]\n")
        #expect(read.value(of: "a") == "1" && read.value(of: "b") == "3" && read.value(of: "c", in: "y") == "5")
        #expect(read.entries.count == 4)
    }

    @Test("keys and values have their places without quotes and blanks")
    func places() throws {
        let source = SourceText(path: "/c", text: "\u{FEFF}\n  \"a=b\" :  `x y`  \n c=\n")
        let read = try HyperdINI(reading: source)
        #expect(read.entries.map { source.text(of: $0.keyRange) } == ["a=b", "c"])
        #expect(read.entries.map { source.text(of: $0.valueRange) } == ["x y", ""])
    }

    @Test("a line that hyperd could not read is named", arguments: ["Root", "=x", "\"open=x", "[]\na=1", "a=`x"])
    func refused(_ text: String) {
        let error = #expect(throws: HyperdINI.UnreadableLine.self) { try read("# c\n" + text) }
        #expect(error?.line == (text.hasPrefix("[]") ? 3 : 2))
    }

    @Test("every configuration that hyperd shipped is read", .needs(.corpus))
    func shipped() throws {
        let directory = Corpus.root.appending("runv").appending("hyperd")
        var kernels = 0
        for release in try FileSystem.list(directory) {
            let file = directory.appending(release).appending("etc-hyper-config")
            guard FileSystem.exists(file) else { continue }
            let read = try HyperdINI(reading: SourceText(path: file, bytes: try FileSystem.read(file)))
            if read.value(of: "Kernel") == "/var/lib/hyper/kernel" { kernels += 1 }
        }
        #expect(kernels > 0)
    }
}
