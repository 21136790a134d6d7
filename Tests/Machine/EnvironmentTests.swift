// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// podman gives most verbs nothing but XDG_RUNTIME_DIR, and no engine repeats `--config`.
    @Suite struct EnvironmentTests {
        @Test func aContainerIsFoundWithNeitherConfigurationNorEnvironment() async throws {
            try await withMachineHost(leaving: "bare") { host in
                try host.specify(["sleep", "600"])
                _ = try await host.create("bare")
                // Whoever looked for it would find nothing to read.
                try FileSystem.remove(host.configuration)
                func bare(_ words: String...) async throws -> ProgramResult {
                    try await runProgram(
                        "/usr/bin/env",
                        ["-i", "XDG_RUNTIME_DIR=", MachineHost.runtime.string, "--root", host.root.string] + words)
                }
                func expect(_ result: ProgramResult, _ text: String = "") {
                    #expect(result.status == .exited(0) && result.text == text && result.errors.isEmpty, "\(result.errorText)")
                }
                func status() async throws -> String? {
                    let result = try await bare("state", "bare")
                    #expect(result.status == .exited(0), "\(result.errorText)")
                    return (try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])?["status"] as? String
                }
                #expect(try await status() == "created")
                expect(try await bare("start", "bare"))
                #expect(try await status() == "running")
                expect(try await bare("exec", "bare", "echo", "further"), "further\n")
                expect(try await bare("pause", "bare"))
                #expect(try await status() == "paused")
                expect(try await bare("resume", "bare"))
                #expect(try await status() == "running")
                expect(try await bare("update", "--pids-limit", "50", "bare"))
                expect(try await bare("kill", "bare", "9"))
                for _ in 0..<200 where try await status() != "stopped" { try await Task.sleep(for: .milliseconds(50)) }
                #expect(try await status() == "stopped")
                expect(try await bare("delete", "bare"))
                let gone = try await bare("state", "bare")
                #expect(gone.status == .exited(1) && gone.errorText.contains("does not exist"))
            }
        }
    }
}
