// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// podman in a lab of its own.
struct Podman: Sendable {
    let lab: EngineLab

    static func with(_ body: (Podman) async throws -> Void) async throws {
        try await EngineLab.with { lab in
            let podman = Podman(lab: lab)
            let containers = """
                [containers]
                default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
                [engine]
                cgroup_manager = "cgroupfs"
                events_logger = "file"
                runtime = "kata"
                [engine.runtimes]
                kata = ["\(lab.runtime)"]
                """
            let storage = """
                [storage]
                driver = "overlay"
                runroot = "\(lab.directory)/run"
                graphroot = "\(lab.directory)/root"
                """
            try AtomicFile.write(Array(containers.utf8), to: lab.directory.appending("containers.conf"))
            try AtomicFile.write(Array(storage.utf8), to: lab.directory.appending("storage.conf"))
            let loaded = try await podman("import", lab.archive.string, EngineLab.image)
            #expect(loaded.status == .exited(0), "\(loaded.errorText)")
            var failure: (any Error)?
            do { try await body(podman) } catch { failure = error }
            let removed = try await podman("pod", "rm", "--all", "--force", "--time", "0")
            #expect(removed.status == .exited(0), "\(removed.errorText)")
            try await podman("rm", "--all", "--force", "--time", "0")
            if let failure { throw failure }
        }
    }

    /// argv in front of a verb.
    var command: [String] {
        [
            "env", "CONTAINERS_CONF=\(lab.directory)/containers.conf", "CONTAINERS_STORAGE_CONF=\(lab.directory)/storage.conf",
            "prlimit", "--nofile=1024:1024", "--nproc=1024:1024", "podman",
        ]
    }

    @discardableResult
    func callAsFunction(_ words: String...) async throws -> ProgramResult { try await lab.run(command + words) }
}

extension MachineTests {
    @Suite(.needs(.program("podman"), .program("nsenter"), .program("unshare"), .program("ip"))) struct PodmanTests {
        private let image = EngineLab.image

        @Test func aContainerRunsOnItsOwnKernelWithTheLimitsThatWereAskedFor() async throws {
            try await Podman.with { podman in
                let script =
                    "cd /sys/fs/cgroup; cat memory.max pids.max cpu.max; id -u; grep -e CapEff -e Seccomp: /proc/self/status; exit 7"
                let run = try await podman(
                    "run", "--rm", "--network", "none", "--memory", "64m", "--pids-limit", "55", "--cpus", "0.5", "--user", "1000",
                    "--cap-drop", "all", image, "sh", "-c", script)
                #expect(run.status == .exited(7), "\(run.errorText)")
                #expect(run.text == "67108864\n55\n50000 100000\n1000\nCapEff:\t0000000000000000\nSeccomp:\t2\n")
                let fixed = try await podman(
                    "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/t", image, "sh", "-c", "touch /x; touch /t/x && echo ok"
                )
                #expect(fixed.text == "ok\n", "\(fixed.errorText)")
                let refused = try await podman("run", "--rm", "--network", "host", image, "true")
                #expect(refused.errorText.contains("share the host's network"), "\(refused.errorText)")
                #expect(try await podman("ps", "--all", "--quiet").text == "")
            }
        }

        @Test func mappedUsersSystemManagersAndBuildsAreAsUnderRunc() async throws {
            try await Podman.with { podman in
                let mapped = try await podman(
                    "run", "--rm", "--network", "none", "--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536", "--tmpfs", "/t", image,
                    "sh", "-c", "xargs </proc/self/uid_map; touch /x && stat -c %u /x; stat -c %a /t; ls /sys/fs/cgroup/memory.max")
                #expect(mapped.text == "0 100000 65536\n0\n1777\n/sys/fs/cgroup/memory.max\n", "\(mapped.text) \(mapped.errorText)")
                let managed = try await podman(
                    "run", "--rm", "--network", "none", "--systemd=always", image, "sh", "-c",
                    "ls -d /run/lock; mkdir /sys/fs/cgroup/manager && echo $container")
                #expect(managed.text == "/run/lock\npodman\n", "\(managed.text) \(managed.errorText)")
                try await podman.lab.expectBuildsInMachines(podman.command)
            }
        }

        @Test func aContainerOnABridgeServesAPublishedPortAndGoesThroughItsLife() async throws {
            try await Podman.with { podman in
                let script = "mkdir -p /w; echo served >/w/index.html; trap 'exit 5' TERM; echo up; httpd -f -h /w & wait"
                let run = try await podman("run", "-d", "--name", "web", "-p", "127.0.0.1:18080:80", image, "sh", "-c", script)
                #expect(run.status == .exited(0), "\(run.errorText)")
                #expect(try await podman.lab.fetch("http://127.0.0.1:18080/") == "served\n")
                #expect(try await podman("logs", "web").text == "up\n")
                #expect(try await podman("exec", "web", "sh", "-c", "ip addr show eth0; exit 3").status == .exited(3))

                #expect(try await podman("pause", "web").status == .exited(0))
                #expect(try await podman("inspect", "--format", "{{.State.Status}}", "web").text == "paused\n")
                #expect(try await podman("unpause", "web").status == .exited(0))

                let file = podman.lab.directory.appending("file")
                try AtomicFile.write(Array("carried\n".utf8), to: file)
                #expect(try await podman("cp", file.string, "web:/tmp/kata-copied").status == .exited(0))
                #expect(try await podman("exec", "web", "cat", "/tmp/kata-copied").text == "carried\n")
                #expect(!FileSystem.exists("/tmp/kata-copied"), "the host's files are not the container's")
                let back = podman.lab.directory.appending("back")
                #expect(try await podman("cp", "web:/w/index.html", back.string).status == .exited(0))
                #expect(String(decoding: try FileSystem.read(back), as: UTF8.self) == "served\n")

                let stop = try await podman("stop", "--time", "20", "web")
                #expect(stop.status == .exited(0), "\(stop.errorText)")
                #expect(try await podman("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "web").text == "exited 5\n")
                #expect(try await podman("start", "web").status == .exited(0))
                #expect(try await podman.lab.fetch("http://127.0.0.1:18080/") == "served\n")
                let boot = try await podman("exec", "web", "cat", "/proc/sys/kernel/random/boot_id").text
                #expect(try await podman("restart", "--time", "20", "web").status == .exited(0))
                #expect(try await podman.lab.fetch("http://127.0.0.1:18080/") == "served\n")
                #expect(try await podman("exec", "web", "cat", "/proc/sys/kernel/random/boot_id").text != boot, "a machine of its own")
                #expect(try await podman("rm", "--force", "--time", "0", "web").status == .exited(0))
            }
        }

        @Test func volumesTerminalsProfilesAndHealthAreAsUnderRunc() async throws {
            try await Podman.with { podman in
                let made = try await podman("run", "--rm", "--network", "none", "-v", "kept:/v", image, "sh", "-c", "echo stays >/v/file")
                #expect(made.status == .exited(0), "\(made.errorText)")
                let read = try await podman(
                    "run", "--rm", "--network", "none", "-v", "kept:/v:ro", image, "sh", "-c", "cat /v/file; touch /v/x")
                #expect(read.text == "stays\n" && read.status != .exited(0), "\(read.errorText)")

                let terminal = try await podman(
                    "run", "--rm", "-t", "--network", "none", "--hostname", "named", image, "sh", "-c", "tty; hostname")
                #expect(terminal.text == "/dev/pts/0\r\nnamed\r\n" || terminal.text == "/dev/console\r\nnamed\r\n", "\(terminal.text)")

                let profile = podman.lab.directory.appending("seccomp.json")
                let rules = #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}"#
                try AtomicFile.write(Array(rules.utf8), to: profile)
                let filtered = try await podman(
                    "run", "--rm", "--network", "none", "--security-opt", "seccomp=\(profile)", image, "sh", "-c", "mkdir /tmp/x; echo $?")
                #expect(filtered.text == "1\n", "\(filtered.errorText)")
                let privileged = try await podman(
                    "run", "--rm", "--network", "none", "--privileged", image, "grep", "CapEff", "/proc/self/status")
                #expect(
                    privileged.text.split(separator: "\t").last.map { $0 != "00000000800405fb\n" && $0.hasSuffix("fffff\n") } == true,
                    "\(privileged.text)")

                let run = try await podman(
                    "run", "-d", "--name", "well", "--network", "none", "--health-cmd", "test -e /tmp/well", "--health-interval", "disable",
                    image,
                    "sleep", "600")
                #expect(run.status == .exited(0), "\(run.errorText)")
                #expect(try await podman("healthcheck", "run", "well").status == .exited(1))
                #expect(try await podman("exec", "--user", "alice", "well", "id", "-u").text == "1000\n")
                #expect(try await podman("exec", "well", "touch", "/tmp/well").status == .exited(0))
                #expect(try await podman("healthcheck", "run", "well").status == .exited(0))
                #expect(try await podman("top", "well", "-ef").text.contains("sleep 600"))
                let top = try await podman("top", "well")
                let lines = top.text.split(separator: "\n").map { $0.split(separator: " ") }
                #expect(
                    lines.count == 2 && lines[1].contains("kata-stub"),
                    "the process that stands for the container: \(top.text)\(top.errorText)")
                let stats = try await podman("stats", "--no-stream", "--format", "{{.PIDs}} {{.MemUsage}}", "well")
                #expect((stats.text.split(separator: " ").first.flatMap { Int($0) } ?? 0) > 2, "the machine's threads: \(stats.text)")
                #expect(try await podman("kill", "--signal", "KILL", "well").status == .exited(0))
                #expect(try await podman("wait", "well").text == "137\n")
                #expect(try await podman("rm", "well").status == .exited(0))
            }
        }

        @Test func aPodIsOneMachine() async throws {
            try await Podman.with { podman in
                let pod = try await podman(
                    "pod", "create", "--name", "pod", "--infra-image", image, "--infra-command", "/bin/sleep 600")
                #expect(pod.status == .exited(0), "\(pod.errorText)")
                let first = try await podman(
                    "run", "-d", "--pod", "pod", image, "sh", "-c", "mkdir -p /w; echo inside >/w/index.html; exec httpd -f -h /w")
                #expect(first.status == .exited(0), "\(first.errorText)")
                let script = "hostname; until wget -q -O - http://127.0.0.1/; do sleep 0.1; done; cat /proc/sys/kernel/random/boot_id"
                let second = try await podman("run", "--rm", "--pod", "pod", image, "sh", "-c", script)
                #expect(second.text.hasPrefix("pod\ninside\n"), "\(second.text) \(second.errorText)")
                let third = try await podman("run", "--rm", "--pod", "pod", image, "cat", "/proc/sys/kernel/random/boot_id")
                #expect(third.text.count == 37 && second.text.hasSuffix(third.text), "one kernel for all: \(third.errorText)")
            }
        }
    }
}
