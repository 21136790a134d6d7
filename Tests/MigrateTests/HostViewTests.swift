// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

@Suite struct HostViewTests {
    /// FIPS 180-4 examples and the lengths around its block and padding borders.
    @Test(arguments: [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        ("a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        ("a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        ("a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func digestsAreSHA256(text: String, times: Int, digest: String) {
        #expect(SHA256.hexadecimal(of: Array(String(repeating: text, count: times).utf8)) == digest)
    }

    @Test func digestDoesNotDependOnHowTheBytesArrive() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for part in [1, 3, 63, 64, 65, 127] {
            var hash = SHA256()
            for start in stride(from: 0, to: bytes.count, by: part) { hash.update(Array(bytes[start..<min(start + part, bytes.count)])) }
            #expect(hash.finish() == SHA256.hexadecimal(of: bytes))
        }
    }

    @Test func linksNeverLeadOutOfTheRoot() async throws {
        try await withTemporaryDirectory { directory in
            let root = directory.appending("root")
            try FileSystem.makeDirectory(root.appending("etc"))
            try AtomicFile.write(Array("outside".utf8), to: directory.appending("secret"))
            try AtomicFile.write(Array("inside".utf8), to: root.appending("secret"))
            let links = ["up": "../../secret", "absolute": "/secret", "far": "../../../../../../../../secret"]
            for (name, target) in links {
                try syscall("symlink", name) { symlink(target, root.appending("etc").appending(name).string) }
            }
            let view = try HostView(root: root, facts: .unknown)
            for name in links.keys {
                let read = try view.read(FilePath("/etc").appending(name), limit: 100)
                #expect(read.bytes.map { String(decoding: $0, as: UTF8.self) } == "inside", "\(name)")
            }
        }
    }

    @Test func whatIsThereIsToldByItsKind() async throws {
        try await withTemporaryDirectory { root in
            try syscall("mkfifo", "fifo") { mkfifo(root.appending("fifo").string, 0o600) }
            try FileSystem.makeDirectory(root.appending("directory"))
            try AtomicFile.write(Array("x".utf8), to: root.appending("file"), mode: 0o640)
            for (name, target) in ["nowhere": "absent", "circle": "circle", "link": "/file"] {
                try syscall("symlink", name) { symlink(target, root.appending(name).string) }
            }
            let view = try HostView(root: root, facts: .unknown)
            let kinds: [(FilePath, Observation.Kind)] = [
                ("/fifo", .fifo), ("/directory", .directory), ("/file", .file), ("/nowhere", .danglingLink), ("/circle", .danglingLink),
                ("/link", .file), ("/none", .absent), ("/file/below", .absent),
            ]
            for (path, kind) in kinds { #expect(try view.look(at: path).kind == kind, "\(path)") }
            #expect(try view.look(at: "/link").target == "/file")
            #expect(try view.read("/link", limit: 10).seen.modeDigits == "0640")
            #expect(try view.read("/fifo", limit: 10).bytes == nil, "a fifo must not be waited for")
        }
    }

    @Test func aFileBeyondTheLimitIsAnErrorThatNamesIt() async throws {
        try await withTemporaryDirectory { root in
            try AtomicFile.write([UInt8](repeating: 0, count: 11), to: root.appending("big"))
            let view = try HostView(root: root, facts: .unknown)
            let error = #expect(throws: SystemError.self) { try view.read("/big", limit: 10) }
            #expect(error?.subject == "/big")
        }
    }
}
