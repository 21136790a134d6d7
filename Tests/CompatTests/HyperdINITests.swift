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

    @Test("names in values are replaced, and circles end")
    func interpolation() throws {
        let read = try read("a=1\nb=%(a)s%(a)s\nc=%(c)s\nd=%(none)s\n[s]\nb=2\ne=%(a)s-%(b)s-%(f)s\nf=3\n")
        #expect(read.value(of: "b") == "11" && read.value(of: "c") == nil && read.value(of: "d") == nil)
        #expect(read.value(of: "e", in: "s") == "1-11-3")
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
