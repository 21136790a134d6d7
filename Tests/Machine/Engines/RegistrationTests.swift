// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// Docs/Engines.md, tried as written: `make install` at its usual place, and its blocks in the files that they are for.
    @Suite(.needs(.program("nsenter"), .program("unshare"), .program("ip"))) struct RegistrationTests {
        private static func install(_ text: String, at path: FilePath, in lab: EngineLab) async throws {
            let script = "mkdir -p \"${1%/*}\" && printf %s \"$2\" >\"$1\""
            let written = try await lab.run(["sh", "-c", script, "-", path.string, text])
            try #require(written.status == .exited(0), "\(written.errorText)")
        }

        private static func withInstalledRuntime(_ body: (EngineLab) async throws -> Void) async throws {
            try await EngineLab.with(overlaid: ["/etc", "/usr/local"]) { lab in
                let installed = try await lab.run([Repository.root.appending(".ci").appending("install").string], timeout: .seconds(300))
                try #require(installed.status == .exited(0), "\(installed.errorText)")
                try await body(lab)
            }
        }

        private static let script = "uname -r; exit 4"

        @Test(.needs(.program("dockerd"), .program("docker"), .program("containerd"), .program("iptables")))
        func docker() async throws {
            try await Self.withInstalledRuntime { lab in
                try await Self.install(try EnginesPage.block(behind: "`/etc/docker/daemon.json`"), at: "/etc/docker/daemon.json", in: lab)
                let socket = "unix://\(lab.directory)/d.sock"
                // What keeps this daemon apart from another on the machine; of runtimes nothing.
                let daemon = try lab.serve(
                    [
                        "dockerd", "--data-root", "\(lab.directory)/docker", "--exec-root", "\(lab.directory)/docker-exec", "--pidfile",
                        "\(lab.directory)/d.pid", "--host", socket, "--bip", "172.31.80.1/24", "--ip6tables=false", "--exec-opt",
                        "native.cgroupdriver=cgroupfs",
                    ], log: lab.directory.appending("dockerd.log"))
                func docker(_ words: String...) async throws -> ProgramResult { try await lab.run(["docker", "-H", socket] + words) }
                for _ in 0..<120 where try await docker("version").status != .exited(0) { try await Task.sleep(for: .milliseconds(250)) }
                #expect(try await docker("import", lab.archive.string, EngineLab.image).status == .exited(0))
                let own = try await docker("run", "--rm", "--runtime", "kata", EngineLab.image, "sh", "-c", Self.script)
                #expect(own.status == .exited(4), "\(own.errorText)")
                let plain = try await docker("run", "--rm", EngineLab.image, "uname", "-r")
                #expect(!own.text.isEmpty && own.text != plain.text, "a kernel of its own")
                try daemon.signal(SIGTERM)
                _ = try await daemon.waitAsync()
            }
        }

        @Test(.needs(.program("podman"))) func podman() async throws {
            try await Self.withInstalledRuntime { lab in
                try await Self.install(
                    try EnginesPage.block(behind: "`/etc/containers/containers.conf`"), at: "/etc/containers/containers.conf", in: lab)
                // What this machine has no rights to is left out, and its storage is apart; of runtimes nothing.
                let limits = ["prlimit", "--nofile=1024:1024", "--nproc=1024:1024"]
                let apart = ["--root", "\(lab.directory)/root", "--runroot", "\(lab.directory)/run", "--cgroup-manager", "cgroupfs"]
                func podman(_ words: [String]) async throws -> ProgramResult { try await lab.run(limits + ["podman"] + apart + words) }
                #expect(try await podman(["import", lab.archive.string, EngineLab.image]).status == .exited(0))
                let run = try await podman([
                    "--runtime", "kata", "run", "--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
                    EngineLab.image, "sh", "-c", Self.script,
                ])
                #expect(run.status == .exited(4), "\(run.errorText)")
                let own = try await lab.run(["uname", "-r"]).text
                #expect(!run.text.isEmpty && run.text != own, "a kernel of its own")
            }
        }
    }
}
