// SPDX-License-Identifier: Apache-2.0

import KataOCI
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@testable import KataBundle

@Suite struct BundleTests {
    private static let good = #"{"ociVersion":"1.0.2","process":{"args":["true"],"cwd":"/"},"root":{"path":"rootfs"},"linux":{}}"#

    @Test func aBundleIsReadWithItsAbsoluteRoot() async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            try AtomicFile.write(Array(Self.good.utf8), to: directory.appending("config.json"))
            let bundle = try Bundle.load(directory)
            #expect(bundle.root == directory.appending("rootfs"))
            #expect(bundle.spec.process?.args == ["true"])
            #expect(bundle.document == Array(Self.good.utf8))
        }
    }

    @Test(arguments: ["minimal", "pod-member", "everything"])
    func whatEnginesWriteIsTakenWhole(name: String) throws {
        let file = Repository.fixtures.appending("oci").appending(name + ".json")
        let source = SourceText(path: file, bytes: try FileSystem.read(file))
        let spec = try Bundle.checked(source)
        let again = SourceText(path: file, bytes: try encodeJSON(spec, pretty: true))
        #expect(try Bundle.checked(again) == spec)
        // Nothing that is written there is passed over.
        let members = String(decoding: source.bytes, as: UTF8.self).matches(of: /"([A-Za-z0-9]+)":/).map { String($0.1) }
        let written = String(decoding: again.bytes, as: UTF8.self)
        for member in Set(members) { #expect(written.contains("\"\(member)\""), "\(member)") }
    }

    @Test func aRelativeDestinationStartsAtTheContainersRoot() async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            let mounts = #","mounts":[{"destination":"a/b","type":"tmpfs"},{"destination":"/c","type":"tmpfs"}]}"#
            try AtomicFile.write(Array((Self.good.dropLast() + mounts).utf8), to: directory.appending("config.json"))
            #expect(try Bundle.load(directory).spec.mounts?.map(\.destination) == ["/a/b", "/c"])
        }
    }

    @Test(arguments: [
        ("1.0.0", true), ("1.2.1", true), ("1.0.2-dev", true), ("1.0.0-rc5+build.7", true), ("1.0", false), ("1.0.0.0", false),
        ("1.01.0", false), ("1.x.0", false), ("1.0.0-", false), ("1.0.0 ", false), ("", false), ("2.0.0", false), ("11.0.0", false),
    ])
    func aVersionHasTheFormOfSemVer(version: String, isTaken: Bool) async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            let text = Self.good.replacing("1.0.2", with: version)
            try AtomicFile.write(Array(text.utf8), to: directory.appending("config.json"))
            #expect(((try? Bundle.load(directory)) != nil) == isTaken)
        }
    }

    @Test(
        arguments: [
            ("{", "config.json"),
            (
                #"{"ociVersion":"2.0.0","process":{"args":["x"],"cwd":"/"},"root":{"path":"rootfs"},"linux":{}}"#,
                "config.json:1:15: the container specification has ociVersion '2.0.0'"
            ),
            (#"{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"linux":{}}"#, "config.json:1:1: the container"),
            (#"{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"linux":{}}"#, "has no root.path"),
            (
                #"{"ociVersion":"1.0.2","root":{"path":""},"process":{"args":["x"],"cwd":"/"},"linux":{}}"#,
                "config.json:1:30: the container specification has no root.path"
            ),
            (
                #"{"ociVersion":"1.0.2","process":{"args":[],"cwd":"/"},"root":{"path":"rootfs"},"linux":{}}"#,
                "config.json:1:33: the container specification has no process.args"
            ),
            (#"{"ociVersion":"1.0.2","root":{"path":"rootfs"},"linux":{}}"#, "config.json:1:1: the container specification has no process"),
            (
                #"{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"tmp"},"root":{"path":"rootfs"},"linux":{}}"#,
                "'tmp' is not an absolute path"
            ),
            (#"{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"root":{"path":"none"},"linux":{}}"#, "none' of"),
            (#"{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"root":{"path":"rootfs"}}"#, "has no linux"),
        ])
    func whatIsWrongWithABundleIsNamed(text: String, words: String) async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            try AtomicFile.write(Array(text.utf8), to: directory.appending("config.json"))
            let error = #expect(throws: BundleError.self) { try Bundle.load(directory) }
            let message = error.map { errorChain($0) } ?? ""
            #expect(message.contains(words), "\(message)")
            #expect(error?.fault == .user)
        }
    }
}
