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
        @Test func aContainerRunsToItsEndWithItsOutputAndStatus() async throws {
            try await Containerd.with(disabled: ["io.containerd.grpc.v1.cri"]) { containerd in
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
            try await Containerd.with(disabled: ["io.containerd.grpc.v1.cri"]) { containerd in
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
