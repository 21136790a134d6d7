// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Synchronization
import Testing

/// containerd and dockerd in a lab of their own.
struct Docker: Sendable {
    let lab: EngineLab

    fileprivate final class Daemon: Sendable {
        let process = Mutex<ChildProcess?>(nil)
    }

    fileprivate let daemon = Daemon()
    private var socket: FilePath { lab.directory.appending("d.sock") }

    static func with(_ body: (Docker) async throws -> Void) async throws {
        try await EngineLab.with { lab in
            let docker = Docker(lab: lab)
            try docker.configure()
            let containerd = try lab.serve(
                ["containerd", "--config", lab.directory.appending("containerd.toml").string],
                log: lab.directory.appending("containerd.log"))
            try docker.startDaemon()
            var failure: (any Error)?
            do {
                try await docker.awaitDaemon()
                let loaded = try await docker("import", lab.archive.string, EngineLab.image)
                #expect(loaded.status == .exited(0), "\(loaded.errorText)")
                try await body(docker)
            } catch { failure = error }

            let left = try await docker("ps", "--all", "--quiet").text.split(separator: "\n").map(String.init)
            for id in left { try await docker("rm", "--force", id) }
            for process in [docker.daemon.process.withLock { $0 }, containerd].compactMap({ $0 }) {
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

    private func startDaemon() throws {
        let process = try lab.serve(
            ["dockerd", "--config-file", lab.directory.appending("daemon.json").string], log: lab.directory.appending("dockerd.log"))
        daemon.process.withLock { $0 = process }
    }

    /// Ends the daemon as an upgrade of it does, and starts it anew.
    func restartDaemon(liveRestore: Bool, whileDown: () async throws -> Void) async throws {
        let file = lab.directory.appending("daemon.json")
        let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
        if liveRestore {
            try AtomicFile.write(
                Array(text.replacingOccurrences(of: "{\"data-root\"", with: "{\"live-restore\": true, \"data-root\"").utf8), to: file)
        }
        let pid = try #require(Int32(String(decoding: try FileSystem.read(lab.directory.appending("d.pid")), as: UTF8.self)))
        if liveRestore { kill(pid, SIGHUP) }
        try await Task.sleep(for: .seconds(1))
        kill(pid, SIGTERM)
        for _ in 0..<400 where kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(50)) }
        try await whileDown()
        try startDaemon()
        try await awaitDaemon()
    }

    private func awaitDaemon() async throws {
        for _ in 0..<120 {
            if try await self("version").status == .exited(0) { return }
            try await Task.sleep(for: .milliseconds(250))
        }
        let log = try FileSystem.read(lab.directory.appending("dockerd.log"))
        Issue.record("dockerd does not answer: \(String(decoding: log.suffix(2000), as: UTF8.self))")
    }

    /// argv in front of a verb.
    var command: [String] { ["docker", "-H", "unix://\(socket)"] }

    @discardableResult
    func callAsFunction(_ words: String...) async throws -> ProgramResult { try await lab.run(command + words) }
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

        @Test func aContainerThatRanOutOfMemoryIsSaidToHave() async throws {
            try await Docker.with { docker in
                let run = try await docker("run", "--name", "hungry", "--memory", "24m", image, "sh", "-c", "exec tail /dev/zero")
                #expect(run.status == .exited(137), "\(run.errorText)")
                let state = "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}"
                #expect(try await docker("inspect", "-f", state, "hungry").text == "exited 137 true\n")
                #expect(try await docker("rm", "hungry").status == .exited(0))
                let script = "sleep 600 & kill -9 $!; wait $!"
                let killed = try await docker("run", "--name", "content", "--memory", "24m", image, "sh", "-c", script)
                #expect(killed.status == .exited(137), "\(killed.errorText)")
                #expect(try await docker("inspect", "-f", state, "content").text == "exited 137 false\n")
            }
        }

        @Test func networksVolumesAndProfilesAreAsUnderRunc() async throws {
            try await Docker.with { docker in
                #expect(try await docker("network", "create", "--subnet", "172.31.78.0/24", "own").status == .exited(0))
                let server = try await docker(
                    "run", "-d", "--name", "server", "--network", "own", "--ip", "172.31.78.9", "-v", "kept:/w", image, "sh", "-c",
                    "echo there >/w/index.html; exec httpd -f -h /w")
                #expect(server.status == .exited(0), "\(server.errorText)")
                let script = "until wget -q -O - http://172.31.78.9/; do sleep 0.2; done; ip addr show eth0 | grep -c 172.31.78"
                #expect(try await docker("run", "--rm", "--network", "own", image, "sh", "-c", script).text == "there\n1\n")
                let names = "nslookup server; wget -q -O - http://server/; nslookup no.such.name.invalid; echo $?"
                let named = try await docker("run", "--rm", "--network", "own", image, "sh", "-c", names)
                #expect(named.text.contains("172.31.78.9") && named.text.contains("there\n"), "\(named.text) \(named.errorText)")
                #expect(named.text.hasSuffix("1\n"), "\(named.text)")
                #expect(try await docker("run", "--rm", "--network", "none", image, "sh", "-c", "ls /sys/class/net").text == "lo\n")
                let read = try await docker(
                    "run", "--rm", "-v", "kept:/w:ro", "--read-only", image, "sh", "-c",
                    "cat /w/index.html; touch /w/x || echo volume; touch /y || echo root")
                #expect(read.text == "there\nvolume\nroot\n", "\(read.text) \(read.errorText)")
                let left = try await docker("ps", "--all", "--format", "{{.Names}}")
                #expect(left.text == "server\n", "--rm leaves nothing: \(left.text)")

                let profile = docker.lab.directory.appending("seccomp.json")
                let rules = #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}"#
                try AtomicFile.write(Array(rules.utf8), to: profile)
                let filtered = try await docker(
                    "run", "--rm", "--security-opt", "seccomp=\(profile)", "--user", "alice", "--cap-drop", "all", image, "sh", "-c",
                    "mkdir /tmp/x; echo $?; id -u; grep -c 'CapEff:.0000000000000000' /proc/self/status")
                #expect(filtered.text == "1\n1000\n1\n", "\(filtered.text) \(filtered.errorText)")
                let privileged = try await docker("run", "--rm", "--privileged", image, "grep", "Seccomp:", "/proc/self/status")
                #expect(privileged.text == "Seccomp:\t0\n")
                let terminal = try await docker("run", "--rm", "-t", "--hostname", "named", image, "sh", "-c", "tty; hostname")
                #expect(terminal.text.hasSuffix("\r\nnamed\r\n"), "\(terminal.text)")

                let file = docker.lab.directory.appending("file")
                try AtomicFile.write(Array("carried\n".utf8), to: file, mode: 0o644)
                #expect(try await docker("cp", file.string, "server:/tmp/copied").status == .exited(0))
                #expect(try await docker("exec", "--user", "1000", "server", "cat", "/tmp/copied").text == "carried\n")
                let back = docker.lab.directory.appending("back")
                #expect(try await docker("cp", "server:/w/index.html", back.string).status == .exited(0))
                #expect(String(decoding: try FileSystem.read(back), as: UTF8.self) == "there\n")
                let stats = try await docker("stats", "--no-stream", "--format", "{{.PIDs}}", "server")
                #expect((Int(stats.text.split(separator: "\n").first ?? "") ?? 0) > 2, "the machine's threads: \(stats.text)")
                #expect(try await docker("rm", "--force", "server").status == .exited(0))
            }
        }

        @Test func buildsAndBoundControlGroupsAreAsUnderRunc() async throws {
            try await Docker.with { docker in
                try await docker.lab.expectBuildsInMachines(docker.command)
                // As images of system managers ask for it: what is there is the container's own group, which stays read-only.
                let bound = try await docker(
                    "run", "--rm", "--network", "none", "--memory", "64m", "-v", "/sys/fs/cgroup:/sys/fs/cgroup:ro", image, "sh", "-c",
                    "cat /sys/fs/cgroup/memory.max; mkdir /sys/fs/cgroup/x || echo kept")
                #expect(bound.text == "67108864\nkept\n", "\(bound.text) \(bound.errorText)")
            }
        }

        @Test func healthIsLookedAtAndAKilledMachineIsAnEndedContainer() async throws {
            try await Docker.with { docker in
                let run = try await docker(
                    "run", "-d", "--name", "well", "--health-cmd", "test -e /tmp/well", "--health-interval", "1s", "--health-retries", "1",
                    image, "sleep", "600")
                #expect(run.status == .exited(0), "\(run.errorText)")
                func awaitHealth(_ health: String) async throws {
                    for _ in 0..<240 {
                        if try await docker("inspect", "-f", "{{.State.Health.Status}}", "well").text == health + "\n" { return }
                        try await Task.sleep(for: .milliseconds(250))
                    }
                    Issue.record("not \(health): \(try await docker("inspect", "-f", "{{json .State.Health}}", "well").text)")
                }
                try await awaitHealth("unhealthy")
                #expect(try await docker("exec", "well", "touch", "/tmp/well").status == .exited(0))
                try await awaitHealth("healthy")
                // The hypervisor, the shim, and the process that stands for the container, each in a life of its own.
                let id = try await docker("inspect", "-f", "{{.Id}}", "well").text.dropLast()
                for words in ["qemu", "kata-shim", "kata-stub"] {
                    let lines = try MachineHost.processes(mentioning: String(id.prefix(24)))
                    let line = try #require(lines.first { $0.contains(words) }, "\(words): \(lines)")
                    let pid = try #require(Int32(line.prefix { $0 != " " }))
                    try ProcessIdentity.of(pid: pid)?.signal(SIGKILL)
                    #expect(try await docker("wait", "well").text == "137\n", "after the end of \(words)")
                    #expect(try await docker("inspect", "-f", "{{.State.Status}}", "well").text == "exited\n")
                    let again = try await docker("start", "well")
                    #expect(again.status == .exited(0), "after the end of \(words): \(again.errorText)")
                    #expect(try await docker("exec", "well", "uname").text == "Linux\n")
                }
                #expect(try await docker("rm", "--force", "well").status == .exited(0))
            }
        }

        @Test func aRunningContainerIsConnectedToAFurtherNetworkAndDisconnected() async throws {
            try await Docker.with { docker in
                #expect(try await docker("network", "create", "--subnet", "172.31.79.0/24", "later").status == .exited(0))
                #expect(try await docker("run", "-d", "--name", "roams", image, "sleep", "600").status == .exited(0))
                let connected = try await docker("network", "connect", "--ip", "172.31.79.9", "later", "roams")
                #expect(connected.status == .exited(0), "\(connected.errorText)")
                func wait(_ script: String) async throws -> ProgramResult {
                    let loop = "for i in $(seq 100); do \(script) && exit; sleep 0.2; done; ip addr; exit 1"
                    return try await docker("exec", "roams", "sh", "-c", loop)
                }
                let there = try await wait("ip addr show eth1 2>/dev/null | grep -q 'inet 172.31.79.9/24'")
                #expect(there.status == .exited(0), "\(there.text) \(there.errorText)")
                let reached = try await docker(
                    "run", "--rm", "--network", "later", image, "sh", "-c", "ping -c2 -W20 172.31.79.9 | grep -c 'bytes from'")
                #expect(reached.text == "2\n", "\(reached.text) \(reached.errorText)")
                #expect(try await docker("network", "disconnect", "later", "roams").status == .exited(0))
                let gone = try await wait("! ip link show eth1 2>/dev/null")
                #expect(gone.status == .exited(0), "\(gone.text) \(gone.errorText)")
                let old = try await docker("exec", "roams", "ip", "route")
                #expect(old.text.contains("default via 172.31.77.1 dev eth0"), "\(old.text)")
                #expect(try await docker("rm", "--force", "roams").status == .exited(0))
            }
        }

        @Test func aContainerLivesThroughARestartOfTheDaemonOrIsStartedAgain() async throws {
            try await Docker.with { docker in
                #expect(try await docker("run", "-d", "--name", "lives", "--restart", "always", image, "sleep", "600").status == .exited(0))
                let boot = try await docker("exec", "lives", "cat", "/proc/sys/kernel/random/boot_id").text
                try await docker.restartDaemon(liveRestore: false) {}
                for _ in 0..<240 where try await docker("inspect", "-f", "{{.State.Running}}", "lives").text != "true\n" {
                    try await Task.sleep(for: .milliseconds(250))
                }
                let second = try await docker("exec", "lives", "cat", "/proc/sys/kernel/random/boot_id")
                #expect(second.status == .exited(0) && second.text != boot, "a machine of its own: \(second.errorText)")
                let pid = try await docker("inspect", "-f", "{{.State.Pid}}", "lives").text
                try await docker.restartDaemon(liveRestore: true) {
                    let process = try #require(Int32(pid.dropLast()))
                    #expect(kill(process, 0) == 0, "it runs on without a daemon")
                }
                let third = try await docker("exec", "lives", "cat", "/proc/sys/kernel/random/boot_id")
                #expect(third.text == second.text, "the same machine: \(third.errorText)")
                #expect(try await docker("stop", "--time", "1", "lives").status == .exited(0))
                #expect(try await docker("inspect", "-f", "{{.State.ExitCode}}", "lives").text == "137\n")
            }
        }
    }
}
