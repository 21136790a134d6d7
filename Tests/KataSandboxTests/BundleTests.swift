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
