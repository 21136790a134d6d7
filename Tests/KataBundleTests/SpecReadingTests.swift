// SPDX-License-Identifier: Apache-2.0

import KataOCI
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@testable import KataBundle

/// What is said of a document beside what it says.
@Suite struct SpecReadingTests {
    private func source(_ text: String) -> SourceText { SourceText(path: "x.json", bytes: Array(text.utf8)) }

    private func words(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing is wrong"
        } catch {
            return errorChain(error)
        }
    }

    /// runtime-spec, Extensibility: they MUST be ignored.
    @Test func unknownMembersAreIgnoredAndTold() async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            let text = """
                {"ociVersion":"1.0.2","root":{"path":"rootfs","readOnly":true},
                "process":{"args":["x"],"cwd":"/","novel":{"cwd":1}},
                "annotations":{"any":"name"},"mounts":[{"destination":"/a"},{"destination":"/b","option":["ro"]}],
                "linux":{"sysctl":{"any.name":"1"},"resources":{"unified":{"any.name":"1"}}},"windows":{"x":{}}}
                """
            let file = directory.appending("config.json")
            try AtomicFile.write(Array(text.utf8), to: file)
            #expect(
                try Bundle.load(directory).ignored == [
                    "\(file):1:47: 'root.readOnly' is ignored: the specification has no such member, did you mean 'readonly'?",
                    "\(file):2:35: 'process.novel' is ignored: the specification has no such member",
                    "\(file):3:81: 'mounts[1].option' is ignored: the specification has no such member, did you mean 'options'?",
                    "\(file):4:78: 'windows' is ignored: it is for another system",
                ])
        }
    }

    @Test(arguments: ["minimal", "pod-member", "everything"])
    func nothingThatEnginesWriteIsUnknown(name: String) throws {
        let file = Repository.fixtures.appending("oci").appending(name + ".json")
        let document = try #require(JSONDocument.parse(SourceText(path: file, bytes: try FileSystem.read(file))).value)
        #expect(try document.decodeTellingUnread(Spec.self).unread == [])
    }

    @Test func manyUnknownMembersAreCounted() throws {
        let members = (0..<50).map { "\"novel\($0)\":1" }.joined(separator: ",")
        let ignored = try Bundle.resources(source("{\(members)}")).ignored
        #expect(ignored.count == 21)
        #expect(ignored.last == "x.json: 30 further members are ignored")
    }

    @Test(
        arguments: [
            (#"{"args":["x"],"cwd":"tmp"}"#, "x.json:1:21: 'cwd': 'tmp' is not an absolute path"),
            (#"{"args":["x\u0000"],"cwd":"/"}"#, "x.json:1:10: 'args[0]': it holds the character NUL"),
            (#"{"cwd":"/"}"#, "'args': there is no program"), (#"{"args":["x"]}"#, "x.json:1:1:"),
            (#"{"args":7,"cwd":"/"}"#, "x.json:1:9:"),
            ("{", "x.json"), (#"{"args":["x"],"cwd":"/","oomScoreAdj":2000}"#, "x.json:1:39: 'oomScoreAdj'"),
        ])
    func theProcessOfAFileIsChecked(text: String, expected: String) {
        let said = words { _ = try Bundle.process(source(text)) }
        #expect(said.contains(expected), "\(said)")
    }

    @Test(
        arguments: [
            (#"{"memory":{"limit":-2}}"#, "x.json:1:20: 'memory.limit'"), (#"{"cpu":{"shares":"x"}}"#, "x.json:1:18:"),
            (#"{"unified":{"cgroup/x":""}}"#, "x.json:1:24: 'unified.cgroup/x'"), ("7", "x.json:1:1:"),
        ])
    func theResourcesOfADocumentAreChecked(text: String, expected: String) {
        let said = words { _ = try Bundle.resources(source(text)) }
        #expect(said.contains(expected), "\(said)")
    }

    @Test(arguments: [
        #""hostname":"a\u0000","#, #""hooks":{"prestart":[{"path":"/a\u0000"}]},"#, #""mounts":[{"destination":"/a","source":"\u0000"}],"#,
    ])
    func aTextThatCWouldCutIsRefused(members: String) {
        let text = #"{\#(members)"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"root":{"path":"rootfs"},"linux":{}}"#
        let said = words { _ = try Bundle.checked(source(text)) }
        #expect(said.contains("it holds the character NUL") && said.hasPrefix("x.json:1:"), "\(said)")
    }

    @Test func annotationsMayHoldAnything() throws {
        let text =
            #"{"annotations":{"a":"\u0000"},"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"root":{"path":"rootfs"},"linux":{}}"#
        #expect(try Bundle.checked(source(text)).annotations == ["a": "\0"])
    }
}
