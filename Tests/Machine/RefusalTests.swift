// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite struct RefusalTests {
        /// Runs a container that cannot be, and expects one clear message.
        private func refuse(_ host: MachineHost, _ id: String = "refused", saying words: String...) async throws {
            let log = host.directory.appending("log.json")
            let result = try await runProgram(
                MachineHost.runtime,
                [
                    "--root", host.root.string, "--config", host.configuration.string, "--log", log.string, "--log-format", "json", "run",
                    "--bundle", host.bundle.string, id,
                ])
            #expect(result.status == .exited(1))
            for word in words { #expect(result.errorText.contains(word), "'\(word)' in: \(result.errorText)") }
            let lines = String(decoding: try FileSystem.read(log), as: UTF8.self).split(separator: "\n")
            let line = try #require(lines.last)
            let entry = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(entry["level"] as? String == "error")
            let message = try #require(entry["msg"] as? String)
            for word in words { #expect(message.contains(word), "'\(word)' in: \(message)") }
        }

        @Test func aMissingBundle() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try FileSystem.removeTree(host.bundle)
                try await refuse(host, saying: "config.json", "No such file", "--bundle")
            }
        }

        @Test func aMalformedSpecIsLocated() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try AtomicFile.write(Array("{\n  \"ociVersion\": 1,\n}".utf8), to: host.bundle.appending("config.json"))
                try await refuse(host, saying: "config.json", "line 3")
            }
        }

        @Test func aValueOfTheWrongTypeIsLocated() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["true"])
                try AtomicFile.write(
                    Array("{\n  \"ociVersion\": \"1.0.2\",\n  \"hostname\": 7\n}".utf8), to: host.bundle.appending("config.json"))
                try await refuse(host, saying: "config.json:3:", "hostname")
            }
        }

        @Test func aMissingRootFileSystem() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["true"])
                try FileSystem.removeTree(host.bundle.appending("rootfs"))
                try await refuse(host, saying: "rootfs", "not a directory")
            }
        }

        @Test func aProgramThatTheRootDoesNotHave() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["/bin/none"])
                try await refuse(host, saying: "/bin/none")
            }
        }

        @Test(arguments: ["kernel", "initrd", "path"])
        func aMissingFileOfTheMachine(key: String) async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["true"])
                var lines = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self).split(separator: "\n").map(String.init)
                let index = try #require(lines.firstIndex { $0.hasPrefix(key + " =") })
                lines[index] = "\(key) = \"/no/such/file\""
                try AtomicFile.write(Array(lines.joined(separator: "\n").utf8), to: host.configuration)
                try await refuse(host, saying: "/no/such/file")
            }
        }

        @Test func aKernelThatQEMURefuses() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["true"])
                let junk = host.directory.appending("junk")
                try AtomicFile.write([UInt8](repeating: 0x41, count: 4096), to: junk)
                var text = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self)
                text.replace(/kernel = ".*"/, with: "kernel = \"\(junk)\"")
                try AtomicFile.write(Array(text.utf8), to: host.configuration)
                try await refuse(host, saying: "qemu")
            }
        }

        @Test func aGuestThatNeverAnswersIsReportedWithItsConsole() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["true"])
                // An initrd without an init: the kernel panics and says so on the console.
                let empty = host.directory.appending("empty.cpio")
                try AtomicFile.write([UInt8](repeating: 0, count: 512), to: empty)
                var text = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self)
                text.replace(/initrd = ".*"/, with: "initrd = \"\(empty)\"")
                try AtomicFile.write(Array(text.utf8), to: host.configuration)
                try await refuse(host, saying: "stage reached", "console", "likely cause", "panic")
            }
        }

        @Test(arguments: ["a/b", "..", "sp ace", ""])
        func anIdOutsideTheRule(id: String) async throws {
            try await withMachineHost { host in
                try host.specify(["true"])
                try await refuse(host, id, saying: "container id")
            }
        }

        @Test func anIdThatIsTooLong() async throws {
            try await withMachineHost { host in
                try host.specify(["true"])
                try await refuse(host, String(repeating: "x", count: 1025), saying: "1024")
            }
        }

        @Test func anIdInUse() async throws {
            try await withMachineHost(leaving: "taken") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("taken")
                try await refuse(host, "taken", saying: "taken", "exists")
                #expect(try await host.state("taken")?.status == "created")
                #expect(try await host.kata("delete", "--force", "taken").status == .exited(0))
            }
        }

        @Test func aConfigurationWithErrors() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["true"])
                try AtomicFile.write(Array("[hypervisor.qemu]\ndefault_memory = \"lots\"\n".utf8), to: host.configuration)
                try await refuse(host, saying: "configuration.toml:2:18", "default_memory")
            }
        }

        @Test func aFullFileSystemForTheState() async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["true"])
                try FileSystem.makeDirectory(host.root)
                let mounted = try await runProgram("/bin/mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", host.root.string])
                #expect(mounted.status == .exited(0))
                try AtomicFile.write([UInt8](repeating: 1, count: 1), to: host.root.appending("x"))
                try await refuse(host, saying: "No space left on device")
                #expect(try await runProgram("/bin/umount", [host.root.string]).status == .exited(0))
            }
        }
    }
}
