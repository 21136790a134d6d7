// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataTestSupport
import SystemPackage
import Testing

@testable import KataSystem

@Suite struct FilesTests {
    @Test func anAtomicWriteReplacesTheWholeFileAndLeavesNothingElse() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending("record")
            try AtomicFile.write(Array("first, and longer".utf8), to: file, mode: 0o640)
            try AtomicFile.write(Array("second".utf8), to: file, mode: 0o600)
            #expect(try FileSystem.read(file) == Array("second".utf8))
            #expect(try FileSystem.status(file)?.mode == 0o600)
            #expect(try FileSystem.list(directory) == ["record"])
        }
    }

    @Test func anAtomicWriteThatFailsNamesTheFileAndLeavesNoTemporaryOne() async throws {
        try await withTemporaryDirectory { directory in
            let target = directory.appending("taken")
            try FileSystem.makeDirectory(target.appending("inside"))
            #expect(throws: SystemError.self) { try AtomicFile.write([1], to: target) }
            #expect(try FileSystem.list(directory) == ["taken"])
        }
    }

    @Test func aReadBeyondItsLimitIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending("big")
            try AtomicFile.write([UInt8](repeating: 7, count: 1001), to: file)
            #expect(try FileSystem.read(file, limit: 1001).count == 1001)
            let error = #expect(throws: SystemError.self) { try FileSystem.read(file, limit: 1000) }
            #expect(error?.errno.rawValue == EFBIG)
            #expect(error?.subject == file.string)
        }
    }

    @Test func removingATreeNeverFollowsALink() async throws {
        try await withTemporaryDirectory { directory in
            let precious = directory.appending("precious")
            try FileSystem.makeDirectory(precious)
            try AtomicFile.write([1], to: precious.appending("file"))
            let doomed = directory.appending("doomed")
            try FileSystem.makeDirectory(doomed.appending("deep"))
            #expect(symlink("../precious", doomed.appending("link").string) == 0)
            try FileSystem.removeTree(doomed)
            #expect(FileSystem.exists(precious.appending("file")))
            #expect(!FileSystem.exists(doomed))
        }
    }

    @Test(arguments: [false, true])
    func aPinnedDirectoryResolvesLinksInsideItself(walks: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let root = directory.appending("root")
            try FileSystem.makeDirectory(root.appending("etc"))
            try AtomicFile.write(Array("outside".utf8), to: directory.appending("secret"))
            try AtomicFile.write(Array("inside".utf8), to: root.appending("secret"))
            for (name, target) in [
                ("up", "../../secret"), ("absolute", "/secret"), ("chain", "absolute"), ("many", "../etc/../../../secret"),
            ] {
                #expect(symlink(target, root.appending("etc").appending(name).string) == 0)
            }
            #expect(symlink("loop", root.appending("loop").string) == 0)
            let pinned = try PinnedDirectory(root, walks: walks)
            for name in ["secret", "/secret", "etc/up", "/etc/absolute", "etc/chain", "etc/many", "../../secret", "./etc//up"] {
                #expect(try pinned.read(FilePath(name)) == Array("inside".utf8), "\(name)")
            }
            #expect(try pinned.list("/") == ["etc", "loop", "secret"])
            #expect(try pinned.status("etc/up")?.kind == .symbolicLink)
            #expect(try pinned.readLink("etc/up") == "../../secret")
            #expect(try pinned.status("etc/none") == nil)
            #expect(throws: SystemError.self) { try pinned.read("loop") }
            #expect(throws: SystemError.self) { try pinned.read("none/file") }
        }
    }
}
