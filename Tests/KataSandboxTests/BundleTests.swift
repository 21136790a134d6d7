// SPDX-License-Identifier: Apache-2.0

import KataOCI
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataSandbox

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

    /// runtime-spec, Lifecycle: updates of config.json after the creation do not affect the container.
    @Test func aContainersSpecificationIsTheOneThatItWasMadeFrom() async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            let file = directory.appending("config.json")
            try AtomicFile.write(Array(Self.good.utf8), to: file)
            let root = StateRoot(directory.appending("root"))
            let record = ContainerRecord(
                id: "kept", bundle: directory, sandbox: "/s", configuration: nil, created: .now(), annotations: [:],
                life: .creating(creator: try .current()))
            try root.reserve(try ContainerID("kept"), record, specification: try Bundle.load(directory).document)
            try AtomicFile.write(Array(Self.good.replacing("true", with: "false").utf8), to: file)
            #expect(try Bundle.specification(of: record, in: root).process?.args == ["true"])
            try root.remove(try ContainerID("kept"))
            #expect(try Bundle.specification(of: record, in: root).process?.args == ["false"], "one that is not made yet has the bundle's")
        }
    }

    @Test(
        arguments: [
            ("{", "config.json"),
            (#"{"ociVersion":"2.0.0","process":{"args":["x"],"cwd":"/"},"root":{"path":"rootfs"},"linux":{}}"#, "ociVersion '2.0.0'"),
            (#"{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"/"},"linux":{}}"#, "has no root.path"),
            (#"{"ociVersion":"1.0.2","process":{"args":[],"cwd":"/"},"root":{"path":"rootfs"},"linux":{}}"#, "has no process.args"),
            (#"{"ociVersion":"1.0.2","root":{"path":"rootfs"},"linux":{}}"#, "has no process"),
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
