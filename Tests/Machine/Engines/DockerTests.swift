// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// containerd and dockerd in a lab of their own.
struct Docker: Sendable {
    let lab: EngineLab

    private var socket: FilePath { lab.directory.appending("d.sock") }

    static func with(_ body: (Docker) async throws -> Void) async throws {
        try await EngineLab.with { lab in
            let docker = Docker(lab: lab)
            try docker.configure()
            let containerd = try lab.serve(
                ["containerd", "--config", lab.directory.appending("containerd.toml").string],
                log: lab.directory.appending("containerd.log"))
            let daemon = try docker.startDaemon()
            var failure: (any Error)?
            do {
                try await docker.awaitDaemon()
                let loaded = try await docker("import", lab.archive.string, EngineLab.image)
                #expect(loaded.status == .exited(0), "\(loaded.errorText)")
                try await body(docker)
            } catch { failure = error }
            let left = try await docker("ps", "--all", "--quiet").text.split(separator: "\n").map(String.init)
            for id in left { try await docker("rm", "--force", id) }
            for process in [daemon, containerd] {
                try process.signal(SIGTERM)
                _ = try await process.waitAsync()
            }
            if let failure { throw failure }
        }
    }

    private func configure() throws {
        let d = lab.directory
        let containerd = """
            version = 2
            root = "\(d)/containerd"
            state = "\(d)/containerd-state"
            disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.grpc.v1.cri"]
            [grpc]
              address = "\(d)/c.sock"
            [ttrpc]
              address = "\(d)/c.ttrpc"
            """
        let docker = """
            {"data-root": "\(d)/docker", "exec-root": "\(d)/docker-exec", "pidfile": "\(d)/d.pid", "hosts": ["unix://\(socket)"],
             "containerd": "\(d)/c.sock", "bip": "172.31.77.1/24", "exec-opts": ["native.cgroupdriver=cgroupfs"],
             "storage-driver": "overlay2", "ip6tables": false, "default-runtime": "kata",
             "runtimes": {"kata": {"path": "\(lab.runtime)", "runtimeArgs": ["--debug"]}}}
            """
        try AtomicFile.write(Array(containerd.utf8), to: d.appending("containerd.toml"))
        try AtomicFile.write(Array(docker.utf8), to: d.appending("daemon.json"))
    }

    private func startDaemon() throws -> ChildProcess {
        try lab.serve(
            ["dockerd", "--config-file", lab.directory.appending("daemon.json").string], log: lab.directory.appending("dockerd.log"))
    }

    private func awaitDaemon() async throws {
        for _ in 0..<120 {
            if try await self("version").status == .exited(0) { return }
            try await Task.sleep(for: .milliseconds(250))
        }
        let log = try FileSystem.read(lab.directory.appending("dockerd.log"))
        Issue.record("dockerd does not answer: \(String(decoding: log.suffix(2000), as: UTF8.self))")
    }

    @discardableResult
    func callAsFunction(_ words: String...) async throws -> ProgramResult {
        try await lab.run(["docker", "-H", "unix://\(socket)"] + words)
    }
}

extension MachineTests {
    @Suite(
        .needs(
            .program("dockerd"), .program("docker"), .program("containerd"), .program("iptables"), .program("nsenter"), .program("unshare"),
            .program("ip")))
    struct DockerTests {
        private let image = EngineLab.image

        @Test func aContainerRunsOnItsOwnKernelWithTheLimitsThatWereAskedFor() async throws {
            try await Docker.with { docker in
                let script = "cd /sys/fs/cgroup; cat memory.max pids.max cpu.max; grep Seccomp: /proc/self/status; exit 7"
                let run = try await docker(
                    "run", "--rm", "--memory", "64m", "--pids-limit", "55", "--cpus", "0.5", image, "sh", "-c", script)
                #expect(run.status == .exited(7), "\(run.errorText)")
                #expect(run.text == "67108864\n55\n50000 100000\nSeccomp:\t2\n")
                let missing = try await docker("run", "--rm", image, "/no/such/program")
                #expect(missing.status == .exited(127), "\(missing.errorText)")
                let refused = try await docker("run", "--rm", "--pid", "host", image, "true")
                #expect(refused.errorText.contains("share the host's process ids"), "\(refused.errorText)")
            }
        }

        @Test func aContainerOnABridgeServesAPublishedPortAndGoesThroughItsLife() async throws {
            try await Docker.with { docker in
                let script = "mkdir -p /w; echo served >/w/index.html; trap 'exit 5' TERM; echo up; httpd -f -h /w & wait"
                let run = try await docker("run", "-d", "--name", "web", "-p", "127.0.0.1:18081:80", image, "sh", "-c", script)
                #expect(run.status == .exited(0), "\(run.errorText)")
                #expect(try await docker.lab.fetch("http://127.0.0.1:18081/") == "served\n")
                let address =
                    try await docker("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "web").text.split(separator: "\n").first ?? ""
                let other = try await docker("run", "--rm", image, "wget", "-q", "-O", "-", "http://\(address)/")
                #expect(other.text == "served\n", "from one machine to another: \(other.errorText)")
                #expect(try await docker("logs", "web").text == "up\n")
                #expect(try await docker("exec", "web", "sh", "-c", "exit 3").status == .exited(3))

                #expect(try await docker("pause", "web").status == .exited(0))
                #expect(try await docker("inspect", "-f", "{{.State.Status}}", "web").text == "paused\n")
                #expect(try await docker("unpause", "web").status == .exited(0))
                let update = try await docker("update", "--memory", "96m", "--memory-swap", "-1", "--cpu-quota", "25000", "web")
                #expect(update.status == .exited(0), "\(update.errorText)")
                let limits = try await docker("exec", "web", "sh", "-c", "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max")
                #expect(limits.text == "100663296\n25000 100000\n", "\(limits.errorText)")
                #expect(try await docker("top", "web").text.contains("kata-stub"))

                #expect(try await docker("stop", "--time", "20", "web").status == .exited(0))
                #expect(try await docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "web").text == "exited 5\n")
                #expect(try await docker("start", "web").status == .exited(0))
                #expect(try await docker.lab.fetch("http://127.0.0.1:18081/") == "served\n")
                #expect(try await docker("kill", "web").status == .exited(0))
                #expect(try await docker("inspect", "-f", "{{.State.ExitCode}}", "web").text == "137\n")
                #expect(try await docker("rm", "web").status == .exited(0))
            }
        }
    }
}
