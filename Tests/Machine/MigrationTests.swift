// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// A host that ran Clear Containers, on which ours is installed: what changes of it stays in the lab.
private struct LegacyHost: Sendable {
    let lab: EngineLab

    private static let fixture = Repository.fixtures.appending("hosts").appending("clear-containers-3.0-docker").appending("tree")

    static func with(_ body: (LegacyHost) async throws -> Void) async throws {
        try await EngineLab.with(overlaid: ["/etc", "/usr/local", "/var/lib", "/srv", "/run"]) { lab in
            let host = LegacyHost(lab: lab)
            let installed = try await lab.run([Repository.root.appending(".ci").appending("install").string], timeout: .seconds(300))
            try #require(installed.status == .exited(0), "\(installed.errorText)")
            try await host.copy("/etc/clear-containers")
            try await body(host)
        }
    }

    /// From the recorded host to this one.
    func copy(_ path: FilePath) async throws {
        let source = Self.fixture.pushing(path.removingRoot())
        try await run("mkdir", "-p", path.removingLastComponent().string)
        try await run("cp", "-a", source.string, path.string)
    }

    func run(_ words: String...) async throws {
        let result = try await lab.run(words)
        try #require(result.status == .exited(0), "\(words): \(result.errorText)")
    }

    func shell(_ script: String) async throws -> ProgramResult { try await lab.run(["sh", "-c", script]) }

    func migrate(_ words: String...) async throws -> ProgramResult {
        try await lab.run(["/usr/local/bin/kata-migrate"] + words, timeout: .seconds(300))
    }

    func runtime(_ words: String...) async throws -> ProgramResult { try await lab.run(["/usr/local/bin/kata-runtime"] + words) }
}

extension MachineTests {
    @Suite(
        .needs(.root, .program("unshare"), .program("nsenter"), .program("dockerd"), .program("containerd")))
    struct MigrationTests {
        /// A sandbox whose bundle is a busybox root, of a container that printed a report.
        private func makeSandbox(_ host: LegacyHost) async throws {
            try await host.copy("/var/lib/virtcontainers/pods/nightly-report")
            try await host.copy("/srv/oci/nightly-report")
            let root = host.lab.directory.appending("host/bundle/rootfs")
            try await host.run("cp", "-a", root.appending("bin/busybox").string, "/srv/oci/nightly-report/rootfs/bin/busybox")
            // Older runtimes did not ask for namespaces that their machines have anyway.
            let config = "/srv/oci/nightly-report/config.json"
            try await host.run("sed", "-i", #"/"namespaces": \[/,/^    \]/c "namespaces": [{"type": "mount"}],"#, config)
            try #require(try await host.shell("grep -c pid \(config)").text == "0\n")
            let script =
                "mkdir -p work proc dev sys; printf '#!/bin/busybox sh\\necho report $1; uname -r\\n' >bin/report; chmod 755 bin/report"
            let made = try await host.shell("cd /srv/oci/nightly-report/rootfs && rm -f bin/report && \(script)")
            try #require(made.status == .exited(0), "\(made.errorText)")
        }

        @Test func aStoppedSandboxIsMovedRunsUnderTheNewRuntimeAndCanBeTakenBack() async throws {
            try await LegacyHost.with { host in
                try await makeSandbox(host)
                let before = try await host.shell("cd / && find etc var/lib srv/oci | sort && cat etc/kata-containers/configuration.toml")
                    .text
                let applied = try await host.migrate("apply", "--yes")
                #expect(applied.status == .exited(0), "\(applied.text) \(applied.errorText)")
                let state = try await host.runtime("state", "nightly-report")
                #expect(state.text.contains("\"created\""), "\(state.text) \(state.errorText)")
                #expect(try await host.runtime("list", "-q").text == "nightly-report\n")

                let started = try await host.runtime("start", "nightly-report")
                #expect(started.status == .exited(0), "\(started.errorText)")
                let release = try await host.lab.run(["uname", "-r"]).text
                #expect(started.text.hasPrefix("report --all\n"), "\(started.text)")
                #expect(started.text != "report --all\n\(release)", "its own kernel")
                for _ in 0..<200 where try await !host.runtime("state", "nightly-report").text.contains("\"stopped\"") {
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(try await host.runtime("delete", "nightly-report").status == .exited(0))
                #expect(try await host.runtime("list", "-q").text == "")

                let back = try await host.migrate("rollback", "--yes")
                #expect(back.status == .exited(5), "\(back.text) \(back.errorText)")
                let after = try await host.shell(
                    "cd / && rm -r var/lib/kata-migrate; find etc var/lib srv/oci | sort && cat etc/kata-containers/configuration.toml"
                ).text
                #expect(after == before)
            }
        }

        /// A container of runV whose daemon noted how it ended.
        @Test func whatHadEndedIsStoppedWithItsStatusUntilItIsDeleted() async throws {
            try await LegacyHost.with { host in
                let made = try await host.shell(
                    """
                    mkdir -p /run/runv/batch /run/runv-namespace-1 && touch /usr/local/bin/runv && cd /run &&
                    echo '{"ociVersion":"1.0.0-rc5","id":"batch","status":"","pid":4194001,"bundle":"/srv/oci/batch"}' >runv/batch/state.json &&
                    ln -s /run/runv-namespace-1 runv/batch/namespace &&
                    echo '{"id":"batch","type":"exit","timestamp":"2017-05-11T09:10:06Z","pid":"init","status":3}' >runv-namespace-1/events.log
                    """)
                try #require(made.status == .exited(0), "\(made.errorText)")
                let applied = try await host.migrate("apply", "--yes", "--no-verify")
                #expect(applied.status == .exited(0), "\(applied.text) \(applied.errorText)")
                let state = try await host.runtime("state", "batch").text
                let members = try JSONSerialization.jsonObject(with: Data(state.utf8)) as? [String: Any]
                #expect(members?["status"] as? String == "stopped" && members?["exitStatus"] as? Int == 3, "\(state)")
                #expect(members?["pid"] as? Int == 0)
                #expect(try await host.runtime("list").text.contains("stopped"))
                let started = try await host.runtime("start", "batch")
                #expect(started.status != .exited(0) && started.errorText.contains("has ended"), "\(started.errorText)")
                #expect(try await host.runtime("delete", "batch").status == .exited(0))
                #expect(try await host.runtime("list", "-q").text == "")
                let back = try await host.migrate("rollback", "--yes")
                #expect(back.status == .exited(5), "\(back.text) \(back.errorText)")
                #expect(try await host.shell("cat /run/runv/batch/namespace/events.log").text.contains("\"status\":3"))
            }
        }

        @Test func aContainerOfDockerThatAskedForTheOldRuntimeStartsUnderTheNew() async throws {
            try await LegacyHost.with { host in
                let d = host.lab.directory
                let containerdFile = """
                    version = 2
                    root = "\(d)/containerd"
                    state = "\(d)/containerd-state"
                    disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.grpc.v1.cri"]
                    [grpc]
                      address = "\(d)/c.sock"
                    [ttrpc]
                      address = "\(d)/c.ttrpc"
                    """
                let daemonFile = """
                    {
                      "data-root": "/var/lib/docker", "exec-root": "\(d)/docker-exec", "containerd": "\(d)/c.sock",
                      "bridge": "none", "exec-opts": ["native.cgroupdriver=cgroupfs"], "storage-driver": "vfs",
                      "default-runtime": "cc-runtime",
                      "runtimes": {"cc-runtime": {"path": "/usr/local/bin/cc-runtime"}}
                    }
                    """
                try AtomicFile.write(Array(containerdFile.utf8), to: d.appending("containerd.toml"))
                try AtomicFile.write(Array(daemonFile.utf8), to: d.appending("daemon.json"))
                try await host.run("mkdir", "-p", "/etc/docker")
                try await host.run("cp", d.appending("daemon.json").string, "/etc/docker/daemon.json")
                // The old runtime is gone from the host already, as after an upgrade of the distribution.
                let containerd = try host.lab.serve(
                    ["containerd", "--config", d.appending("containerd.toml").string], log: d.appending("containerd.log"))
                var daemon = try await startDocker(host)
                let loaded = try await host.lab.run(["docker", "import", host.lab.archive.string, EngineLab.image])
                #expect(loaded.status == .exited(0), "\(loaded.errorText)")
                let made = try await host.lab.run(
                    ["docker", "create", "--name", "old", "--network", "none", EngineLab.image, "sh", "-c", "echo moved; uname -v; exit 3"])
                #expect(made.status == .exited(0), "\(made.errorText)")
                #expect(try await host.lab.run(["docker", "start", "old"]).status != .exited(0), "there is no old runtime")
                try daemon.signal(SIGTERM)
                _ = try await daemon.waitAsync()

                let applied = try await host.migrate("apply", "--yes", "--no-verify")
                #expect(applied.status == .exited(0), "\(applied.text) \(applied.errorText)")
                daemon = try await startDocker(host)
                let verified = try await host.migrate("verify")
                #expect(verified.status == .exited(0), "\(verified.text) \(verified.errorText)")
                let kernel = try await host.lab.run(["uname", "-v"]).text
                let started = try await host.lab.run(["docker", "start", "--attach", "old"])
                #expect(started.status == .exited(3), "\(started.errorText)")
                #expect(started.text.hasPrefix("moved\n") && started.text != "moved\n\(kernel)", "\(started.text)")
                #expect(try await host.lab.run(["docker", "rm", "old"]).status == .exited(0))
                for process in [daemon, containerd] {
                    try process.signal(SIGTERM)
                    _ = try await process.waitAsync()
                }
            }
        }

        private func startDocker(_ host: LegacyHost) async throws -> ChildProcess {
            let log = host.lab.directory.appending("dockerd.log")
            let daemon = try host.lab.serve(["dockerd"], log: log)
            for _ in 0..<120 {
                if try await host.lab.run(["docker", "version"]).status == .exited(0) { return daemon }
                try await Task.sleep(for: .milliseconds(250))
            }
            Issue.record("dockerd does not answer: \(String(decoding: try FileSystem.read(log).suffix(2000), as: UTF8.self))")
            return daemon
        }
    }
}

extension MachineTests {
    /// The runtime under the name of an old one.
    @Suite(.needs(.root, .program("unshare"), .program("nsenter")))
    struct LegacyNameTests {
        private static let flags = [
            "--driver", "qemu", "--default_memory=300", "--kernel", "/var/lib/hyper/kernel", "--initrd=/var/lib/hyper/hyper-initrd.img",
        ]

        private func runv(_ host: LegacyHost, _ words: [String]) async throws -> ProgramResult {
            try await host.lab.run(["/usr/local/libexec/kata-swift/legacy/runv"] + words, timeout: .seconds(180))
        }

        @Test func flagsOfRunVAreTheConfigurationOfItsContainers() async throws {
            try await LegacyHost.with { host in
                let machine = MachineHost(below: host.lab.directory.appending("host"))
                try machine.specify(["head", "-n", "1", "/proc/meminfo"])
                let ran = try await runv(host, Self.flags + ["run", "--bundle", machine.bundle.string, "old"])
                #expect(ran.status == .exited(0), "\(ran.errorText)")
                let words = ran.text.split(separator: " ")
                let kibibytes = words.count > 1 ? Int(words[1]) : nil
                #expect(words.first == "MemTotal:" && (150_000..<307_200).contains(kibibytes ?? 0), "\(ran.text)")
                #expect(ran.errorText.contains("legacy command line: legacy configuration, translated in memory"), "\(ran.errorText)")
                #expect(try await runv(host, ["list", "-q"]).text == "")
            }
        }

        @Test func withoutFlagsKatasOwnFileCountsAndWithoutThatTheDefaultsOfRunV() async throws {
            try await LegacyHost.with { host in
                let moved = try await runv(host, ["config", "show"])
                #expect(moved.status == .exited(0) && moved.text.contains("default_memory = 2048"), "\(moved.text) \(moved.errorText)")
                try await host.run("rm", "/etc/kata-containers/configuration.toml")
                let alone = try await runv(host, ["config", "show"])
                #expect(alone.status == .exited(0) && alone.text.contains("default_memory = 160"), "\(alone.text) \(alone.errorText)")
            }
        }

        @Test func whatRunVRefusedOrNobodyDoesTodayIsRefused() async throws {
            try await LegacyHost.with { host in
                let malformed = try await runv(host, ["--default_memory=much", "config", "check"])
                #expect(malformed.status == .exited(1) && malformed.text.contains("legacy command line:1:"), "\(malformed.text)")
                let interface = try await runv(host, Self.flags + ["interface", "ls", "old"])
                #expect(interface.status == .exited(1) && interface.errorText.contains("interface: "), "\(interface.errorText)")
            }
        }
    }
}
