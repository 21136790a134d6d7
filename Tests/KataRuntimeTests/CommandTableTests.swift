// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// Command lines that need no container, with what they answer.
@Suite(.needs(.root)) struct CommandTableTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let words: [String]
        let status: Int32
        /// On standard output for 0, on standard error otherwise.
        let says: [String]

        init(_ words: String, _ status: Int32, _ says: String...) {
            self.words = words.split(separator: " ").map(String.init)
            self.status = status
            self.says = says
        }

        var testDescription: String { words.joined(separator: " ") }
    }

    private static func run(_ directory: FilePath, _ words: [String]) async throws -> ProgramResult {
        try await runProgram(
            TestMachine.debugBinaries.appending("kata-runtime"), ["--root", directory.appending("root").string] + words,
            // No host is measured for a test.
            environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "KATA_ACCEL=tcg"], workingDirectory: directory)
    }

    static let rows = [
        Row("checkpoint c", 1, "checkpoint: CRIU saves processes of the host's kernel"),
        Row("checkpoint --image-path /tmp/x --work-path /tmp/y --leave-running c", 1, "checkpoint: CRIU", "use pause and resume"),
        Row("restore --bundle /b --image-path /tmp/x c", 1, "restore: CRIU"),
        Row("--criu /usr/sbin/criu checkpoint c", 1, "checkpoint: CRIU"),
        Row("create --preserve-fds 3 c", 1, "hand 3 further descriptors", "cannot enter a virtual machine"),
        Row("run --preserve-fds 1 c", 1, "hand 1 further descriptors"),
        Row("run --no-subreaper --no-pivot --no-new-keyring --bundle none c", 1, "open bundle file", "none/config.json"),
        Row("exec --preserve-fds 2 c true", 255, "hand 2 further descriptors"),
        Row("exec --cgroup /sub c true", 255, "--cgroup '/sub'", "own control group"),
        Row("exec --cgroup / --ignore-paused --process-label l --apparmor p c true", 255, "container 'c' does not exist"),
        Row("exec --process none.json c", 255, "container 'c' does not exist"), Row("exec c true", 255, "container 'c' does not exist"),
        Row("exec-guest c true", 255, "container 'c' does not exist"), Row("exec --no-such-flag c true", 1, "--no-such-flag"),
        Row("--rootless true list", 1, "--rootless", "need root"), Row("--rootless=true state c", 1, "--rootless", "need root"),
        Row("--rootless false list", 0, "ID"), Row("--rootless auto list", 0, "ID"), Row("--rootless maybe list", 1, "maybe"),
        Row("spec --rootless", 1, "--rootless", "need root"), Row("--criu spec spec --rootless --bundle /b", 1, "--rootless", "need root"),
        Row("exec c spec --rootless", 255, "container 'c' does not exist"), Row("version", 0, "kata-runtime version ", "\nspec: 1.2.1\n"),
        Row("--version", 0, "kata-runtime version ", "\nspec: 1.2.1\n"), Row("nosuchverb", 1, "nosuchverb"),
        Row("", 0, "USAGE: kata-runtime"),
        Row("state c", 1, "container 'c' does not exist"), Row("start c", 1, "container 'c' does not exist"),
        Row("kill c", 1, "container 'c' does not exist"), Row("delete c", 1, "container 'c' does not exist"), Row("delete --force c", 0),
        Row("pause c", 1, "container 'c' does not exist"), Row("resume c", 1, "container 'c' does not exist"),
        Row("kill c NOSIGNAL", 1, "NOSIGNAL"), Row("state a/b", 1, "container id"),
        Row("update --memory -1 --memory-swap -1 --cpu-quota -1 --pids-limit -1 c", 1, "container 'c' does not exist"),
        Row("update --memory 12parsecs c", 1, "12parsecs"), Row("update --blkio-weight 5 c", 1, "'blockIO.weight': 5"),
        Row("update --cpu-rt-period 1000000 c", 1, "--cpu-rt-period", "real-time"),
        Row("update --cpu-rt-runtime -1 c", 1, "--cpu-rt-runtime", "real-time"),
        Row("update --l3-cache-schema L3:0=f c", 1, "--l3-cache-schema", "resctrl"),
        Row("update --mem-bw-schema MB:0=20 c", 1, "--mem-bw-schema", "resctrl"),
    ]

    @Test(arguments: rows) func aCommandLineHasItsStatusAndWords(row: Row) async throws {
        try await withTemporaryDirectory { directory in
            let log = directory.appending("log")
            let result = try await Self.run(directory, ["--log", log.string] + row.words)
            let text = row.status == 0 ? result.text : result.errorText
            #expect(result.status == .exited(row.status), "\(result.errorText)")
            for words in row.says { #expect(text.contains(words), "'\(words)' in: \(text)") }
            // Whoever called reads the reason in the log; nothing else is there.
            let logged = FileSystem.exists(log) ? String(decoding: try FileSystem.read(log), as: UTF8.self) : ""
            #expect((row.status == 0) == logged.isEmpty, "\(logged)")
            #expect(row.status == 0 || logged.contains("level=error"))
        }
    }

    @Test func featuresAreADocumentOfTheSpecification() async throws {
        try await withTemporaryDirectory { directory in
            let result = try await Self.run(directory, ["features"])
            #expect(result.status == .exited(0) && result.errors.isEmpty)
            let features = try #require(try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
            #expect(features["ociVersionMin"] as? String == "1.0.0" && features["ociVersionMax"] as? String == "1.2.1")
            #expect((features["hooks"] as? [String])?.count == 6)
            let linux = try #require(features["linux"] as? [String: Any])
            for member in ["namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux", "intelRdt"] {
                #expect(linux[member] != nil, "\(member)")
            }
            let seccomp = try #require(linux["seccomp"] as? [String: Any])
            #expect(seccomp["enabled"] as? Bool == true)
            #expect((seccomp["archs"] as? [String])?.contains("SCMP_ARCH_X86_64") == true)
            #expect((linux["cgroup"] as? [String: Bool])?["v2"] == true)
        }
    }

    @Test func checkTellsWhatIsThereAndWhatIsNot() async throws {
        try await withTemporaryDirectory { directory in
            let configuration = directory.appending("configuration.toml")
            func check(_ kernel: String) async throws -> ProgramResult {
                let text = """
                    [hypervisor.qemu]
                    path = "/bin/sh"
                    kernel = "\(kernel)"
                    initrd = "/bin/sh"
                    accelerator = "tcg"
                    [agent.kata]
                    [runtime]
                    """
                try AtomicFile.write(Array(text.utf8), to: configuration)
                return try await Self.run(directory, ["--config", configuration.string, "check"])
            }
            let good = try await check("/bin/sh")
            #expect(good.status == .exited(0), "\(good.text)\(good.errorText)")
            for word in ["ok       root", "ok       qemu /bin/sh", "ok       guest kernel /bin/sh", "ok       accelerator tcg"] {
                #expect(good.text.contains(word), "\(good.text)")
            }
            #expect(!good.text.contains("missing"))
            let bad = try await check("/no/such/kernel")
            #expect(bad.status == .exited(1))
            #expect(bad.text.contains("missing  guest kernel /no/such/kernel: install it"), "\(bad.text)")
            try AtomicFile.write(Array("[hypervisor.qemu]\nkernel = 7\n".utf8), to: configuration)
            let broken = try await Self.run(directory, ["--config", configuration.string, "check"])
            #expect(broken.status == .exited(1) && broken.text.contains("missing  configuration"), "\(broken.text)")
        }
    }

    /// The process of a file is looked at before anything is asked of the container's machine; a wrong one is told with its place.
    @Test func theJSONOfUpdateIsLocated() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending("resources.json")
            try AtomicFile.write(Array("{\n \"cpu\": {\"shares\": 1}\n}".utf8), to: file)
            let result = try await Self.run(directory, ["update", "--resources", file.string, "c"])
            #expect(result.status == .exited(1))
            #expect(result.errorText.contains("resources.json:2:20: 'cpu.shares': 1 is not from 2 to 262144"), "\(result.errorText)")
        }
    }
}
