// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// `make install` below a directory of the test's own.
@Suite(.serialized, .needs(.root, .machine)) struct InstallTests {
    private func install(_ directory: FilePath, _ arguments: String...) async throws -> ProgramResult {
        var environment = ProcessInfo.processInfo.environment
        environment["DESTDIR"] = directory.string
        environment["PREFIX"] = "/opt/kata"
        return try await runProgram(
            Repository.root.appending(".ci").appending("install"), arguments, environment: environment.map { "\($0)=\($1)" },
            timeout: .seconds(600))
    }

    @Test func whatIsInstalledIsCompleteAndIsTakenBackWhole() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await install(directory)
            #expect(first.status == .exited(0), "\(first.errorText)")
            for file in [
                "opt/kata/bin/kata-runtime", "opt/kata/bin/kata-migrate", "opt/kata/libexec/kata-swift/kata-agent",
                "opt/kata/share/man/man8/kata-runtime.8", "opt/kata/share/man/man8/kata-runtime-run.8",
                "opt/kata/share/bash-completion/completions/kata-runtime", "opt/kata/share/zsh/site-functions/_kata-migrate",
                "opt/kata/share/fish/vendor_completions.d/kata-runtime.fish", "opt/kata/share/kata-swift/initrd.cpio",
                "etc/kata-containers/configuration.toml", "etc/kata-containers/config.d/50-assets.toml",
            ] { #expect(FileSystem.exists(directory.pushing(FilePath(file))), "\(file)") }
            let dropIn = String(
                decoding: try FileSystem.read(directory.pushing("etc/kata-containers/config.d/50-assets.toml")), as: UTF8.self)
            #expect(dropIn.contains("initrd = \"/opt/kata/share/kata-swift/initrd.cpio\""), "\(dropIn)")
            #expect(dropIn.contains("kernel = \"/opt/kata/share/kata-swift/vmlinux-"), "\(dropIn)")
            #expect(try await install(directory).status == .exited(0), "our own files are replaced")
            #expect(try await install(directory, "remove").status == .exited(0))
            #expect(
                try FileManager.default.subpathsOfDirectory(atPath: directory.string).allSatisfy { path in
                    try FileSystem.status(directory.pushing(FilePath(path)))?.kind == .directory
                })
        }
    }

    @Test func aFileThatIsNotOursIsNotReplaced() async throws {
        try await withTemporaryDirectory { directory in
            let foreign = directory.pushing("opt/kata/bin/kata-runtime")
            try FileSystem.makeDirectory(foreign.removingLastComponent())
            try AtomicFile.write(Array("somebody's".utf8), to: foreign)
            let refused = try await install(directory)
            #expect(refused.status == .exited(1) && refused.errorText.contains("/opt/kata/bin/kata-runtime"), "\(refused.errorText)")
            #expect(try FileSystem.read(foreign) == Array("somebody's".utf8))
            #expect(try FileSystem.list(directory.pushing("opt/kata")) == ["bin"])
        }
    }
}
