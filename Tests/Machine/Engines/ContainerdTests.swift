// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// containerd's own client, through the shim that runs OCI command lines.
    @Suite(.needs(.program("containerd"), .program("containerd-shim-runc-v2"), .program("ctr"), .program("nsenter"), .program("unshare")))
    struct ContainerdTests {
        private struct Containerd: Sendable {
            let lab: EngineLab

            static func with(_ body: (Containerd) async throws -> Void) async throws {
                try await EngineLab.with { lab in
                    let d = lab.directory
                    let text = """
                        version = 2
                        root = "\(d)/containerd"
                        state = "\(d)/containerd-state"
                        disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.grpc.v1.cri"]
                        [grpc]
                          address = "\(d)/c.sock"
                        [ttrpc]
                          address = "\(d)/c.ttrpc"
                        """
                    try AtomicFile.write(Array(text.utf8), to: d.appending("containerd.toml"))
                    let daemon = try lab.serve(
                        ["containerd", "--config", d.appending("containerd.toml").string], log: d.appending("containerd.log"))
                    let containerd = Containerd(lab: lab)
                    var failure: (any Error)?
                    do {
                        for _ in 0..<120 where try await containerd("version").status != .exited(0) {
                            try await Task.sleep(for: .milliseconds(250))
                        }
                        try await body(containerd)
                    } catch { failure = error }
                    try daemon.signal(SIGTERM)
                    _ = try await daemon.waitAsync()
                    if let failure { throw failure }
                }
            }

            @discardableResult
            func callAsFunction(_ words: String...) async throws -> ProgramResult {
                try await lab.run(["ctr", "--address", lab.directory.appending("c.sock").string] + words)
            }

            /// `ctr run` of the root file system that the lab has as a directory.
            func run(_ id: String, _ options: [String] = [], _ arguments: [String]) async throws -> ProgramResult {
                let root = lab.directory.appending("host").appending("bundle").appending("rootfs")
                return try await lab.run(
                    ["ctr", "--address", lab.directory.appending("c.sock").string, "run", "--runtime", "io.containerd.runc.v2"]
                        + ["--runc-binary", lab.runtime.string] + options + ["--rootfs", root.string, id] + arguments)
            }
        }

        @Test func aContainerRunsToItsEndWithItsOutputAndStatus() async throws {
            try await Containerd.with { containerd in
                let run = try await containerd.run("short", ["--rm"], ["/bin/sh", "-c", "echo out; echo err >&2; exit 5"])
                #expect(run.status == .exited(5), "\(run.errorText)")
                #expect(run.text.contains("out\n"))
                let host = try await containerd.lab.run(["uname", "-v"]).text
                let guest = try await containerd.run("kernel", ["--rm"], ["/bin/uname", "-v"])
                #expect(guest.status == .exited(0) && guest.text != host, "its own kernel: \(guest.text) \(guest.errorText)")
                let missing = try await containerd.run("missing", ["--rm"], ["/no/such/program"])
                #expect(missing.status != .exited(0))
                #expect(missing.errorText.contains("/no/such/program"), "\(missing.errorText)")
                #expect(try await containerd("containers", "list", "-q").text.contains("short") == false)
            }
        }

        @Test func aDetachedContainerGoesThroughItsLife() async throws {
            try await Containerd.with { containerd in
                let started = try await containerd.run("lives", ["-d", "--memory-limit", "\(64 << 20)"], ["/bin/sleep", "600"])
                #expect(started.status == .exited(0), "\(started.errorText)")
                #expect(try await containerd("task", "list").text.contains("RUNNING"))
                let exec = try await containerd("task", "exec", "--exec-id", "e", "lives", "/bin/sh", "-c", "echo inside; exit 3")
                #expect(exec.status == .exited(3) && exec.text == "inside\n", "\(exec.text) \(exec.errorText)")
                #expect(try await containerd("task", "pause", "lives").status == .exited(0))
                #expect(try await containerd("task", "list").text.contains("PAUSED"))
                #expect(try await containerd("task", "resume", "lives").status == .exited(0))
                #expect(try await containerd("task", "kill", "--signal", "KILL", "lives").status == .exited(0))
                for _ in 0..<200 where try await !containerd("task", "list").text.contains("STOPPED") {
                    try await Task.sleep(for: .milliseconds(100))
                }
                let deleted = try await containerd("task", "delete", "lives")
                #expect(deleted.errorText.contains("exit code 137"), "\(deleted.text) \(deleted.errorText)")
                #expect(try await containerd("containers", "delete", "lives").status == .exited(0))
            }
        }
    }
}
