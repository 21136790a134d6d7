// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// A containerd of the lab's own, which calls the runtime through the shim that runs OCI command lines.
struct Containerd: Sendable {
    let lab: EngineLab

    var socket: FilePath { lab.directory.appending("c.sock") }

    /// - Parameter plugins: what its configuration says beside its own places, for a lab with that directory.
    static func with(
        plugins: @Sendable (EngineLab) throws -> String = { _ in "" }, disabled: [String] = [], _ body: (Containerd) async throws -> Void
    ) async throws {
        try await EngineLab.with { lab in
            let d = lab.directory
            let names = (["io.containerd.internal.v1.opt"] + disabled).map { "\"\($0)\"" }.joined(separator: ", ")
            let text = """
                version = 2
                root = "\(d)/containerd"
                state = "\(d)/containerd-state"
                disabled_plugins = [\(names)]
                [grpc]
                  address = "\(d)/c.sock"
                [ttrpc]
                  address = "\(d)/c.ttrpc"
                \(try plugins(lab))
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

    /// `ctr`.
    @discardableResult
    func callAsFunction(_ words: String...) async throws -> ProgramResult {
        try await lab.run(["ctr", "--address", socket.string] + words)
    }

    /// `ctr run` of the root file system that the lab has as a directory.
    func run(_ id: String, _ options: [String] = [], _ arguments: [String]) async throws -> ProgramResult {
        let root = lab.host.bundle.appending("rootfs")
        return try await lab.run(
            ["ctr", "--address", socket.string, "run", "--runtime", "io.containerd.runc.v2"]
                + ["--runc-binary", lab.runtime.string] + options + ["--rootfs", root.string, id] + arguments)
    }
}
