// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataGuestAssets

@Suite struct NewcArchiveTests {
    /// dev, dev/console, init, linuxrc in a given order of adding.
    private func minimal(_ order: [Int]) throws -> NewcArchive {
        let nodes: [(String, NewcArchive.Node)] = [
            ("init", .file(Array("hello".utf8), mode: 0o755)),
            ("dev/console", .characterDevice(major: 5, minor: 1, mode: 0o600)),
            ("linuxrc", .symbolicLink(target: "/init")),
        ]
        var archive = NewcArchive()
        for index in order { try archive.add(nodes[index].0, nodes[index].1) }
        return archive
    }

    /// The bytes that an annotated file describes.
    private func annotated(_ path: FilePath) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for line in String(decoding: try FileSystem.read(path), as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("\"") {
                bytes += line.dropFirst().prefix { $0 != "\"" }.utf8
            } else {
                let count = try #require(Int(line.split(separator: " ")[1]))
                bytes += [UInt8](repeating: 0, count: count)
            }
        }
        return bytes
    }

    @Test func anArchiveIsByteForByteTheAnnotatedOne() throws {
        let expected = try annotated(Repository.fixtures.appending("guest").appending("newc-minimal").appending("archive.annotated"))
        #expect(try minimal([0, 1, 2]).serialized() == expected)
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
    func theOrderOfAddingDoesNotChangeTheBytes(order: [Int]) throws {
        #expect(try minimal(order).serialized() == minimal([0, 1, 2]).serialized())
    }

    @Test func anIndependentReaderFindsEveryNodeAsItWasAdded() throws {
        var archive = NewcArchive()
        let sizes = [0, 1, 2, 3, 4, 5, 4095, 4096, 100_000]
        for size in sizes { try archive.add("data/\(size)", .file([UInt8](repeating: UInt8(size & 0xff), count: size), mode: 0o640)) }
        try archive.add("x/y/z", .directory(mode: 0o700))
        try archive.add("x/link", .symbolicLink(target: "../data/4"))
        try archive.add("null", .characterDevice(major: 1, minor: 3, mode: 0o666))

        let entries = try NewcReader.entries(archive.serialized())
        #expect(entries.map(\.name) == archive.paths)
        #expect(entries.map(\.inode) == Array(1...entries.count))
        #expect(entries.allSatisfy { $0.owner == 0 && $0.group == 0 && $0.time == 0 })
        for size in sizes {
            let entry = try #require(entries.first { $0.name == "data/\(size)" })
            #expect(entry.mode == 0o100640)
            #expect(entry.content == [UInt8](repeating: UInt8(size & 0xff), count: size))
        }
        let byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
        #expect(byName["x/y/z"]?.mode == 0o040700)
        #expect(byName["x/link"].map { String(decoding: $0.content, as: UTF8.self) } == "../data/4")
        #expect(byName["null"].map { [$0.mode, $0.deviceMajor, $0.deviceMinor] } == [0o020666, 1, 3])
    }

    @Test func aMissingParentBecomesADirectoryThatStandsBeforeItsChild() throws {
        var archive = NewcArchive()
        try archive.add("a/b/c", .file([], mode: 0o600))
        try archive.add("a-b", .file([], mode: 0o600))
        let entries = try NewcReader.entries(archive.serialized())
        #expect(entries.map(\.name) == ["a", "a-b", "a/b", "a/b/c"])
        #expect(entries[0].mode == 0o040755)
        #expect(entries[0].links == 2)
    }

    @Test(arguments: ["", "/init", "a//b", "a/", ".", "a/./b", "../a", "a\0b", "TRAILER!!!"])
    func aPathThatIsNotPlainAndRelativeIsRefused(path: String) {
        var archive = NewcArchive()
        #expect(throws: NewcError.invalidPath(path)) { try archive.add(path, .directory(mode: 0o755)) }
    }

    @Test func aSecondNodeAtAPathIsRefused() throws {
        var archive = NewcArchive()
        try archive.add("a/b", .file([], mode: 0o600))
        #expect(throws: NewcError.duplicatePath("a")) { try archive.add("a", .directory(mode: 0o700)) }
    }

    @Test func aNodeBelowAFileIsRefused() throws {
        var archive = NewcArchive()
        try archive.add("a", .file([], mode: 0o600))
        #expect(throws: NewcError.parentIsNoDirectory("a/b", parent: "a")) { try archive.add("a/b", .file([], mode: 0o600)) }
    }

    @Test(.needs(.program("cpio")))
    func cpioListsWhatWasAdded() async throws {
        let listed = try await runProgram("/usr/bin/cpio", ["-t", "--quiet"], input: minimal([0, 1, 2]).serialized())
        #expect(listed.text == "dev\ndev/console\ninit\nlinuxrc\n")
    }
}
