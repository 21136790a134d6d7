// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// A root of its own, a configuration for small VMs, and a bundle with busybox in it.
struct MachineHost: Sendable {
    let directory: FilePath
    let root: FilePath
    let configuration: FilePath
    var bundle: FilePath

    static let runtime = TestMachine.binaries.appending("kata-runtime")

    init(_ directory: FilePath) throws {
        self.init(below: directory)
        try TestMachine.writeConfiguration(configuration)
        try BusyboxBundle.makeRoot(bundle.appending("rootfs"))
    }

    /// One that is there already.
    init(below directory: FilePath) {
        self.directory = directory
        root = directory.appending("root")
        bundle = directory.appending("bundle")
        configuration = directory.appending("configuration.toml")
    }

    /// Writes the bundle's config.json: runc's usual document with these changes.
    func specify(_ arguments: [String], change: (inout [String: Any]) -> Void = { _ in }) throws {
        try BusyboxBundle.specify(bundle, arguments, change: change)
    }

    func arguments(_ verb: [String]) -> [String] { ["--root", root.string, "--config", configuration.string] + verb }

    /// Puts a script in the hypervisor's place, which starts nothing.
    ///
    /// - Returns: a file that is there once somebody has tried.
    func forbidMachines() throws -> FilePath {
        let (script, mark) = (directory.appending("no-hypervisor"), directory.appending("tried"))
        try AtomicFile.write(Array("#!/bin/sh\n: >\(mark)\nexit 1\n".utf8), to: script, mode: 0o755)
        let text = String(decoding: try FileSystem.read(configuration), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("path = ") })
        try AtomicFile.write(Array(text.replacing(line, with: "path = \"\(script)\"").utf8), to: configuration)
        return mark
    }

    /// A finished command of the runtime.
    @discardableResult
    func kata(_ verb: String..., input: [UInt8] = [], timeout: Duration = .seconds(180)) async throws -> ProgramResult {
        try await runProgram(Self.runtime, arguments(verb), input: input, timeout: timeout)
    }

    /// `create` as an engine calls it: with pipes that outlive it.
    ///
    /// - Parameter log: a file for what it says; else that goes to the container's standard error.
    func create(_ id: String, log: FilePath? = nil) async throws -> RunningProgram {
        let program = try RunningProgram(
            Self.runtime,
            arguments(
                (log.map { ["--log", $0.string] } ?? []) + ["create", "--bundle", bundle.string, "--pid-file", pidFile(id).string, id]))
        let status = try await program.child.waitAsync()
        if status != .exited(0) {
            Issue.record("create: \(status): \(String(decoding: try program.standardError.read(upTo: 1 << 16), as: UTF8.self))")
        }
        return program
    }

    /// Where a cgroup of that path would be in each hierarchy that can be written and counts.
    static func groups(_ path: String) throws -> [FilePath] {
        String(decoding: try FileSystem.read("/proc/self/mounts"), as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words[2].hasPrefix("cgroup"), !words[3].contains("cpuset"), !words[3].hasPrefix("ro") else { return nil }
            return FilePath(words[1] + path)
        }
    }

    func pidFile(_ id: String) -> FilePath { directory.appending("\(id).pid") }

    func state(_ id: String) async throws -> (status: String, pid: Int)? {
        let result = try await kata("state", id)
        guard result.status == .exited(0) else { return nil }
        let state = try #require(JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
        return (try #require(state["status"] as? String), try #require(state["pid"] as? Int))
    }

    /// How long `state` may be behind a death. A second is promised; the machine that runs tests has much else to do.
    static let truthLimit = Duration.seconds(3)

    /// Waits for a status; a VM under emulation takes its time.
    func waitFor(_ status: String, of id: String) async throws {
        for _ in 0..<600 {
            if try await state(id)?.status == status { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("container \(id) did not become \(status): \(String(describing: try await state(id)))")
    }

    /// The processes that the container's record names.
    func processes(_ id: String) throws -> [String: ProcessIdentity] {
        let bytes = try FileSystem.read(root.appending(id).appending("record.json"))
        let record = try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let life = try #require((record["life"] as? [String: Any])?.values.first as? [String: Any])
        let processes = try #require(life["_0"] as? [String: Any])
        return try processes.compactMapValues { value in
            try JSONDecoder().decode(ProcessIdentity.self, from: JSONSerialization.data(withJSONObject: value))
        }
    }

    /// What a deleted container has left behind; nothing, if all is well.
    func leftovers(_ id: String) throws -> [String] {
        var found: [String] = []
        for place in [root.appending(id), FilePath("/run/kata-swift/sandboxes").appending(id)] where FileSystem.exists(place) {
            found.append("directory \(place)")
        }
        for process in try Self.processes(mentioning: directory.string) + Self.processes(mentioning: "sandboxes/\(id)") {
            found.append("process \(process)")
        }
        let mounts = String(decoding: try FileSystem.read("/proc/self/mountinfo"), as: UTF8.self)
        found += mounts.split(separator: "\n").filter { $0.contains(directory.string) || $0.contains("sandboxes/\(id)") }.map {
            "mount \($0)"
        }
        return found
    }

    /// The processes of this host's sandboxes whose command line holds the text: descendants of a command, or what names its directories.
    static func processes(mentioning text: String, below ancestor: pid_t, _ host: MachineHost) throws -> [pid_t] {
        try processes(mentioning: text).compactMap { line in
            guard let pid = pid_t(line.prefix { $0 != " " }), pid != ancestor else { return nil }
            var parent = pid
            while parent > 1, parent != ancestor, let next = Self.parent(of: parent) { parent = next }
            return parent == ancestor || line.contains(host.directory.string) || line.contains("sandboxes/early") ? pid : nil
        }
    }

    private static func parent(of pid: pid_t) -> pid_t? {
        guard let bytes = try? FileSystem.read(FilePath("/proc/\(pid)/stat")) else { return nil }
        // Behind the name in parentheses come the state and the parent.
        let text = String(decoding: bytes, as: UTF8.self)
        let words = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        return words.count > 2 ? pid_t(words[2]) : nil
    }

    /// pid and command line of each process whose arguments hold the text; zombies have none.
    static func processes(mentioning text: String) throws -> [String] {
        try FileSystem.list("/proc").compactMap { name in
            guard let pid = Int32(name), pid != getpid(), let bytes = try? FileSystem.read(FilePath("/proc/\(name)/cmdline")) else {
                return nil
            }
            let line = String(decoding: bytes.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
            return line.contains(text) ? "\(pid) \(line)" : nil
        }
    }
}

/// Runs `body` on a host of its own, and checks that nothing of the containers named is left.
func withMachineHost(leaving ids: String..., body: (MachineHost) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
        let host = try MachineHost(directory)
        // Directories that a run of the tests left which was killed.
        for id in ids where try MachineHost.processes(mentioning: "sandboxes/\(id)").isEmpty {
            try FileSystem.removeTree(FilePath("/run/kata-swift/sandboxes").appending(id))
        }
        do {
            try await body(host)
        } catch {
            for id in ids { try await host.kata("delete", "--force", id) }
            throw error
        }
        for id in ids {
            let left = try host.leftovers(id)
            if !left.isEmpty {
                Issue.record("container \(id) left: \(left.joined(separator: "; "))")
                try await host.kata("delete", "--force", id)
            }
        }
    }
}

/// Every test that boots a VM stands below this suite: one at a time, the machine is small.
@Suite(.serialized, .needs(.root, .machine)) struct MachineTests {}
