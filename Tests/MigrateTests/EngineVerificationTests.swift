// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// After a migration each engine is asked whether it calls the new runtime; who cannot be asked is named.
@Suite struct EngineVerificationTests {
    private static let runtime = "/usr/local/bin/kata-runtime"
    private static let legacy = "/usr/local/libexec/kata-swift/legacy/cc-runtime"

    /// Programs of a host: what they answer, and by leaving them out, which are not installed.
    private struct Programs: Host {
        var answers: [String: CommandResult]
        var isCopy: Bool { false }

        init(_ answers: [String: (status: Int32, output: String)]) {
            self.answers = answers.mapValues { CommandResult(status: $0.status, output: Array($0.output.utf8)) }
        }

        func node(at path: FilePath) throws(SystemError) -> HostNode? { nil }
        func bytes(of path: FilePath) throws(SystemError) -> [UInt8] { [] }
        func names(in directory: FilePath) throws(SystemError) -> [String] { [] }
        func areEqual(_ path: FilePath, _ other: FilePath) throws(SystemError) -> Bool { true }
        func mounts(below path: FilePath) throws(SystemError) -> [FilePath] { [] }
        func perform(_ effect: Effect) throws(SystemError) {}

        func ask(_ command: [String]) throws(SystemError) -> CommandResult {
            let line = command.joined(separator: " ")
            if let answer = answers[line] { return answer }
            guard answers.keys.contains(where: { $0.hasPrefix("\(command[0]) ") }) else {
                throw SystemError(call: "run", subject: command[0], errno: .noSuchFileOrDirectory)
            }
            return CommandResult(status: 2, output: [], errors: Array("unexpected: \(line)\n".utf8))
        }
    }

    private static let files: [Engine: SourceText] = [
        .docker: SourceText(path: "/etc/docker/daemon.json", text: #"{"runtimes": {"cc-runtime": {"path": "\#(legacy)"}}}"#),
        .containerd: SourceText(
            path: "/etc/containerd/config.toml",
            text: """
                version = 2
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]
                  runtime_type = "io.containerd.runc.v2"
                  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata.options]
                    BinaryName = "\(runtime)"
                """),
        .podman: SourceText(path: "/etc/containers/containers.conf", text: "[engine.runtimes]\nkata = [\"\(runtime)\"]\n"),
        .crio: SourceText(
            path: "/etc/crio/crio.conf",
            text: """
                [crio.runtime]
                runtime_untrusted_workload = "\(legacy)"
                [crio.runtime.runtimes.kata]
                runtime_path = "\(legacy)"
                """),
    ]

    private func findings(
        _ engine: Engine, _ answers: [String: (status: Int32, output: String)], wasRestarted: Bool = true
    ) throws -> [String] {
        let file = try #require(Self.files[engine])
        let verification = EngineVerification(
            engine, wrote: [file], by: TargetLayout(), wasRestarted: wasRestarted, on: Programs(answers))
        return try #require(verification).findings().map { "\($0.verdict.rawValue): \($0.what): \($0.detail)" }
    }

    private static let active = (status: Int32(0), output: "active\n")
    private static let docker = "docker info --format {{json .Runtimes}}"
    private static let crictl = "crictl --runtime-endpoint unix:///run/containerd/containerd.sock info"

    @Test func dockerIsAskedForItsRuntimes() throws {
        let unit = "systemctl is-active docker.service"
        func ask(_ runtimes: String, status: Int32 = 0) throws -> [String] {
            try findings(.docker, [unit: Self.active, Self.docker: (status, runtimes)])
        }
        #expect(
            try ask(#"{"cc-runtime":{"path":"\#(Self.legacy)"},"runc":{"path":"runc"}}"#)
                == ["passed: docker knows the new runtime: by the name cc-runtime ('\(Self.docker)')"])
        #expect(
            try ask(#"{"cc-runtime":{"path":"/usr/bin/cc-runtime"}}"#) == [
                "failed: docker knows the new runtime: it calls /usr/bin/cc-runtime by the name cc-runtime, not \(Self.legacy) "
                    + "('\(Self.docker)'); restart docker"
            ])
        // The path of another runtime is no answer.
        #expect(try ask(#"{"runc":{"path":"\#(Self.legacy)"}}"#).first?.contains("it does not know cc-runtime") == true)
        #expect(try ask("Cannot connect\n", status: 1).first?.hasPrefix("failed: ") == true)
        #expect(try ask("<html>").first?.hasPrefix("not tried: ") == true)
    }

    @Test func whoIsNotInstalledIsNamed() throws {
        #expect(
            try findings(.docker, ["systemctl is-active docker.service": Self.active])
                == ["not tried: docker knows the new runtime: docker is not installed to ask it with"])
        #expect(
            try findings(.crio, [:]) == [
                "not tried: crio knows the new runtime: crio-status is not installed to ask it with",
                "not tried: crio starts with the new runtime: crio is not installed to ask it with",
            ])
    }

    @Test func containerdIsAskedForWhatItRunsWithAndWhatItWouldStartWith() throws {
        let unit = "systemctl is-active containerd.service"
        let info = #"{"status": {}, "config": {"containerd": {"runtimes": {"kata": {"options": {"BinaryName": "\#(Self.runtime)"}}}}}}"#
        let dump = try #require(Self.files[.containerd]).bytes
        let help = "containerd config --help"
        let text = String(decoding: dump, as: UTF8.self)
        #expect(
            try findings(
                .containerd,
                [unit: Self.active, Self.crictl: (0, info), help: (0, "dump"), "containerd config dump": (0, text)]) == [
                    "passed: containerd knows the new runtime: by the name kata ('\(Self.crictl)')",
                    "passed: containerd starts with the new runtime: by the name kata ('containerd config dump')",
                ])
        // It was not restarted, has no crictl beside it, or is too old to say anything of its files.
        let former = info.replacing(Self.runtime, with: "/usr/bin/cc-runtime")
        let old = try findings(.containerd, [unit: Self.active, Self.crictl: (0, former), help: (0, "default")])
        #expect(old[0].hasPrefix("failed: containerd knows the new runtime: it calls /usr/bin/cc-runtime by the name kata"))
        #expect(old[1] == "not tried: containerd starts with the new runtime: this containerd has no 'dump' to ask it with")
        let bare = try findings(.containerd, [unit: Self.active, help: (0, "dump"), "containerd config dump": (0, "version = 2\n")])
        #expect(bare[0] == "not tried: containerd knows the new runtime: crictl is not installed to ask it with")
        #expect(bare[1].hasPrefix("failed: containerd starts with the new runtime: it does not know kata"))
    }

    @Test func podmanIsAskedForEachName() throws {
        let question = "podman --runtime kata info --format {{.Host.OCIRuntime.Path}}"
        #expect(
            try findings(.podman, [question: (0, Self.runtime + "\n")]) == [
                "passed: podman calls the new runtime: by the name kata ('\(question)')"
            ])
        let other = try findings(.podman, [question: (0, "/usr/bin/kata-runtime\n")])
        #expect(other[0].hasPrefix("failed: podman calls the new runtime: it calls /usr/bin/kata-runtime by the name kata"))
        let refused = try findings(.podman, [question: (125, "Error: default OCI runtime \"kata\" not found\n")])
        #expect(refused[0].hasPrefix("failed: "))
    }

    /// docker's packages of containerd disable the plugin.
    @Test func aContainerdWithoutTheCRIPluginCannotBeAsked() throws {
        let refusal = """
            FATA[0000] validate service connection: CRI v1 runtime API is not implemented for endpoint \
            "unix:///run/containerd/containerd.sock": rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService

            """
        let found = try findings(.containerd, ["systemctl is-active containerd.service": Self.active, Self.crictl: (1, refusal)])
        #expect(found[0].hasPrefix("not tried: containerd knows the new runtime: ") && found[0].contains("disabled_plugins"), "\(found)")
        let ended = try findings(
            .containerd, ["systemctl is-active containerd.service": Self.active, Self.crictl: (1, "no such socket\n")])
        #expect(ended[0].hasPrefix("failed: "), "\(ended)")
    }

    /// cri-containerd 1.1 called the program an engine.
    @Test(arguments: [
        #"{"runtimes": {"kata": {"runtimeEngine": "RUNTIME"}}}"#, #"{"runtimes": {"kata": {"options": {"BinaryName": "RUNTIME"}}}}"#,
    ])
    func whatTheCRIPluginRunsWithIsReadInEitherForm(containerd: String) throws {
        let info = #"{"config": {"containerd": \#(containerd.replacing("RUNTIME", with: Self.runtime))}}"#
        let found = try findings(.containerd, ["systemctl is-active containerd.service": Self.active, Self.crictl: (0, info)])
        #expect(found[0].hasPrefix("passed: "))
    }

    @Test func crioIsAskedByWhatItsReleaseHas() throws {
        let unit = "systemctl is-active crio.service"
        let modern = "[crio.runtime.runtimes.kata]\nruntime_path = \"\(Self.legacy)\"\n"
        let passed = "passed: crio knows the new runtime: by the name kata"
        // Before 1.14 it prints the program for untrusted workloads as well.
        let old = try findings(
            .crio,
            [unit: Self.active, "crio-status config": (0, "[crio.runtime]\nruntime_untrusted_workload = \"\(Self.legacy)\"\n" + modern)])
        #expect(old[0] == "passed: crio knows the new runtime: by the name untrusted, kata ('crio-status config')")
        let later = try findings(.crio, [unit: Self.active, "crio status config": (0, modern), "crio config": (0, modern)])
        #expect(later[0] == "\(passed) ('crio status config')")
        #expect(later[1] == "passed: crio starts with the new runtime: by the name kata ('crio config')")
        let wrong = try findings(.crio, [unit: Self.active, "crio-status config": (0, modern.replacing("kata]", with: "other]"))])
        #expect(wrong[0].hasPrefix("failed: crio knows the new runtime: it does not know kata"))
    }

    @Test func anEngineThatDoesNotRunIsNoFailureUnlessItWasRestarted() throws {
        let stopped = ["systemctl is-active docker.service": (status: Int32(3), output: "inactive\n")]
        #expect(
            try findings(.docker, stopped, wasRestarted: false)
                == ["not tried: docker knows the new runtime: docker.service is inactive, and reads its files when it starts"])
        #expect(
            try findings(.docker, stopped)
                == ["failed: docker knows the new runtime: docker.service is inactive: see 'journalctl -u docker.service'"])
    }

    @Test(.needs(.program("containerd")))
    func theRealContainerdSaysWhatItWouldStartWith() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending("config.toml")
            let source = try #require(Self.files[.containerd])
            for text in [source.bytes, Array("version = 2\n".utf8)] {
                try AtomicFile.write(text, to: file)
                let dump = try await runProgram("/bin/sh", ["-c", "containerd --config '\(file)' config dump"])
                try #require(dump.status == .exited(0), "\(dump.errorText)")
                let help = try await runProgram("/bin/sh", ["-c", "containerd config --help"]).text
                let found = try findings(
                    .containerd,
                    [
                        "systemctl is-active containerd.service": Self.active, "containerd config --help": (0, help),
                        "containerd config dump": (0, dump.text),
                    ])
                let isGood = text == source.bytes
                #expect(found.last?.hasPrefix(isGood ? "passed: " : "failed: ") == true, "\(found)")
            }
        }
    }

    @Test func theKubeletIsAskedForItsHealth() throws {
        let active = ["systemctl is-active kubelet.service": Self.active]
        let health = "curl --silent --show-error --max-time 5 http://127.0.0.1:10248/healthz"
        func verdict(_ answers: [String: (status: Int32, output: String)]) -> String {
            let finding = KubeletHealth(host: Programs(answers)).finding()
            return "\(finding.verdict.rawValue): \(finding.detail)"
        }
        #expect(verdict(active.merging([health: (0, "ok")]) { $1 }).hasPrefix("passed: "))
        #expect(verdict(active.merging([health: (0, "[-]syncloop failed")]) { $1 }).hasPrefix("failed: "))
        #expect(verdict(active.merging([health: (7, "refused")]) { $1 }).hasPrefix("not tried: its service is active; at http"))
        #expect(verdict(active) == "not tried: its service is active; curl is not installed to ask it for its health")
        #expect(verdict(["systemctl is-active kubelet.service": (3, "failed")]).hasPrefix("failed: kubelet.service is failed"))
        #expect(verdict([:]).hasPrefix("not tried: systemctl cannot be run"))
    }
}

/// What follows from a verification that fails.
@Suite(.serialized, .needs(.root), .enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"))
struct VerificationOfferTests {
    private let host = HostFixture.clearContainersDocker

    /// Runs `body` on a migrated host on which a directory that was moved away is there again.
    private func withFailure(_ body: (_ root: FilePath, _ id: String, _ before: [String]) async throws -> Void) async throws {
        try await host.withInstalledTree { root in
            let before = try contents(of: root)
            #expect(try await runMigrate(host.apply(root)).status == .exited(0))
            let guide = MigrationGuide(runtime: TargetLayout().runtime, boot: "boot", user: 0, group: 0)
            let migrations = Migrations(of: try LiveHost(root: root), layout: TargetLayout(), guide)
            let moved = root.appending("var/lib/virtcontainers/pods/nightly-report")
            try #require(!FileSystem.exists(moved))
            try FileSystem.makeDirectory(moved, mode: 0o750)
            try await body(root, try #require(try migrations.all().last?.id), before)
        }
    }

    @Test func theWayBackIsNamed() async throws {
        try await withFailure { root, id, before in
            let command = "kata-migrate rollback --root \(root) \(id)"
            let verified = try await runMigrate(["verify", "--root", root.string])
            #expect(verified.status == .exited(1))
            #expect(verified.text.contains("failed: move away") && verified.text.contains("take the migration back with: \(command)\n"))
            let json = try await runMigrate(["verify", "--root", root.string, "--format", "json"])
            #expect(json.status == .exited(1))
            let outcome = JSONDocument.parse(SourceText(path: "output", bytes: json.output)).value?.root
            #expect(outcome?["rollback"]?.string == command)
            #expect(
                try await runMigrate(Array(command.split(separator: " ").map(String.init).dropFirst()) + ["--yes"]).status == .exited(5))
            #expect(difference(before, try contents(of: root)) == "")
        }
    }

    @Test(.needs(.program("script")), arguments: [("n", 1), ("y", 5)] as [(String, Int32)])
    func onATerminalItIsOffered(answer: String, status: Int32) async throws {
        try await withFailure { root, _, before in
            let verify = "'\(CommandTests.program)' verify --root '\(root)'"
            // script(1) makes the terminal, and gives the program's status back.
            let script = try #require(findProgram("script"))
            let result = try await runProgram(script, ["-qec", verify, "/dev/null"], input: Array("\(answer)\n".utf8))
            #expect(result.status == .exited(status), "\(result.text)\(result.errorText)")
            #expect(result.text.contains("back now? [y/N]"))
            #expect((difference(before, try contents(of: root)) == "") == (answer == "y"))
            let silent = try await runProgram(script, ["-qec", "\(verify) --yes", "/dev/null"], input: [])
            #expect(!silent.text.contains("[y/N]"), "who says --yes is asked nothing")
        }
    }
}
