// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// Files of the host in the container.
    @Suite struct BindTests {
        @Test func whatChangesOnTheHostIsSeenInARunningContainerAndTheOtherWayRound() async throws {
            try await withMachineHost(leaving: "live") { host in
                let data = host.directory.appending("data"), secret = host.directory.appending("secret")
                for place in [data, secret] { try FileSystem.makeDirectory(place) }
                let mounted = try await runProgram("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "secret", secret.string])
                #expect(mounted.status == .exited(0), "\(mounted.errorText)")
                defer { _ = umount2(secret.string, CInt(MNT_DETACH)) }
                let file = host.directory.appending("resolv.conf")
                try AtomicFile.write(Array("nameserver 192.0.2.1\n".utf8), to: file, mode: 0o644)
                try host.specify(["sleep", "600"]) { document in
                    mount(&document, "/data", type: "bind", source: data.string, ["rbind"])
                    mount(&document, "/run/secret", type: "bind", source: secret.string, ["rbind", "ro"])
                    mount(&document, "/etc/resolv.conf", type: "bind", source: file.string, ["rbind"])
                }
                _ = try await host.create("live")
                try await host.kata("start", "live")
                func inside(_ script: String) async throws -> String {
                    let result = try await host.kata("exec", "live", "sh", "-c", script)
                    return result.text + result.errorText
                }
                #expect(try await inside("ls /data /run/secret; cat /etc/resolv.conf") == "/data:\n\n/run/secret:\nnameserver 192.0.2.1\n")
                try AtomicFile.write(Array("later\n".utf8), to: data.appending("word"), mode: 0o644)
                // In memory on the host, and in none of the machine's files.
                try AtomicFile.write(Array("whispered\n".utf8), to: secret.appending("word"), mode: 0o644)
                // In place, as engines do it.
                let open = try OwnedFD.open(file, O_WRONLY | O_TRUNC)
                try open.writeAll(Array("nameserver 192.0.2.2\n".utf8))
                let all = "cat /data/word /run/secret/word /etc/resolv.conf; echo no >/run/secret/word; echo back >/data/answer"
                #expect(
                    try await inside(all)
                        == "later\nwhispered\nnameserver 192.0.2.2\nsh: can't create /run/secret/word: Read-only file system\n")
                #expect(try FileSystem.read(data.appending("answer")) == Array("back\n".utf8))
                #expect(try await host.kata("delete", "--force", "live").status == .exited(0))
            }
        }

        @Test func filesOfTheHostAtTheContainersSharedMemoryAreSeen() async throws {
            try await withMachineHost(leaving: "files") { host in
                let data = host.directory.appending("data")
                try FileSystem.makeDirectory(data)
                try AtomicFile.write(Array("kept\n".utf8), to: data.appending("word"), mode: 0o644)
                try host.specify(["sh", "-c", "cat /dev/shm/word; echo more >/dev/shm/answer"]) { document in
                    mount(&document, "/dev/shm", type: "bind", source: data.string, ["rbind"])
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "files")
                #expect(result.text == "kept\n", "\(result.errorText)")
                #expect(try FileSystem.read(data.appending("answer")) == Array("more\n".utf8))
            }
        }
    }
}
