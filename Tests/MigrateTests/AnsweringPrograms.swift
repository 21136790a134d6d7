// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// The engines and the runtime of a host in a directory, which say what their files there say.
struct AnsweringPrograms {
    let root: FilePath

    func answer(_ command: [String]) -> CommandResult {
        let words = command.drop { $0.hasPrefix("-") }
        switch command.first {
        case TargetLayout().runtime.string?: return answer(ofRuntime: Array(words.dropFirst()))
        case "systemctl"?: return said("active\n")
        case "curl"?: return said("ok")
        case "docker"?:
            let runtimes = programs(of: .docker).map { "\"\($0.name)\": {\"path\": \"\($0.path)\"}" }
            return said("{\(runtimes.joined(separator: ", "))}")
        case "podman"?: return said(programs(of: .podman).first { command.dropFirst(2).first == $0.name }.map { "\($0.path)\n" } ?? "")
        case "crictl"?: return said(criPlugin)
        case "crio"?, "crio-status"?: return said(text(of: ["etc/crio/crio.conf"]))
        case "containerd"?: return said(command.contains("--help") ? "dump" : text(of: ["etc/containerd/config.toml"]))
        default: return said("")
        }
    }

    private func said(_ text: String, status: Int32 = 0) -> CommandResult {
        status == 0
            ? CommandResult(status: 0, output: Array(text.utf8)) : CommandResult(status: status, output: [], errors: Array(text.utf8))
    }

    private func answer(ofRuntime words: [String]) -> CommandResult {
        guard words.first == "state", let id = words.last else { return said("kata-runtime version 0\n") }
        let path = root.pushing(TargetLayout().coldRecords.removingRoot()).appending(id).appending("record.json")
        guard let bytes = try? FileSystem.read(path) else { return said("kata-runtime: container '\(id)' does not exist\n", status: 1) }
        let status = JSONDocument.parse(SourceText(path: path, bytes: bytes)).value?.root["exitStatus"]?.integer
        return said(status.map { #"{"status": "stopped", "exitStatus": \#($0)}"# } ?? #"{"status": "created"}"#)
    }

    /// `crictl info` has a member of its own for each of the two runtimes that had no names.
    private var criPlugin: String {
        let named = programs(of: .containerd)
        func options(_ path: FilePath) -> String { "{\"options\": {\"BinaryName\": \"\(path)\"}}" }
        let runtimes = named.map { "\"\($0.name)\": \(options($0.path))" }.joined(separator: ", ")
        let untrusted = named.first { $0.name == "untrusted" }.map { ", \"untrustedWorkloadRuntime\": \(options($0.path))" } ?? ""
        return "{\"config\": {\"containerd\": {\"runtimes\": {\(runtimes)}\(untrusted)}}}"
    }

    private func programs(of engine: Engine) -> [(name: String, path: FilePath)] {
        guard let view = try? HostView(root: root, facts: .unknown) else { return [] }
        let registrations = HostScan(of: view).allEngines.filter { $0.engine == engine }.flatMap(\.registrations)
        return registrations.map { ($0.runtimeName, $0.binaryPath) }
    }

    private func text(of files: [String]) -> String {
        files.compactMap { try? FileSystem.read(root.pushing(FilePath($0))) }.map { String(decoding: $0, as: UTF8.self) }.joined()
    }
}

extension MigrationLab {
    /// Of the one migration of the host, those that were begun.
    func operations() throws -> [Operation] {
        let id = try #require(try migrations.all().first?.id)
        let journal = try #require(try Journal(at: TargetLayout().journals.appending(id), on: host))
        return journal.undertaking.operations.enumerated().filter { journal.state.begun[$0.offset] != nil }.map(\.element)
    }

    /// Whether everything is found in order by programs that say what is true.
    func verify() throws -> [VerificationFinding] {
        host.answer = AnsweringPrograms(root: root).answer
        return try migrations.verify(nil).findings
    }
}
