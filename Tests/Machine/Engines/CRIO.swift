// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// What CRI-O does for the containers of a pod: its specifications, and its calls of conmon and of the runtime in their order (CRI-O 1.2x,
/// internal/oci/runtime_oci.go and internal/factory). Debian has conmon and no CRI-O.
struct CRIO: Sendable {
    let lab: EngineLab
    let pod: String

    private var place: FilePath { lab.directory.appending("crio") }
    var root: FilePath { place.appending("root") }
    private var exits: FilePath { place.appending("exits") }

    init(_ lab: EngineLab, pod: String) throws {
        self.lab = lab
        self.pod = pod
        for directory in [place, root, exits, place.appending("attach"), place.appending(pod), shared] {
            try FileSystem.makeDirectory(directory)
        }
    }

    private var shared: FilePath { place.appending(pod).appending("shm") }
    func bundle(_ id: String) -> FilePath { place.appending(id) }

    /// Namespaces without a process in them, as pinns makes them.
    func pinNamespaces() async throws -> [String: String] {
        var paths: [String: String] = [:]
        for (kind, option) in [("network", "--net"), ("ipc", "--ipc"), ("uts", "--uts")] {
            let path = place.appending(pod).appending(kind)
            try AtomicFile.write([], to: path)
            #expect(try await lab.run(["unshare", "\(option)=\(path)", "true"]).status == .exited(0))
            paths[kind] = path.string
        }
        return paths
    }

    /// Writes the bundle of a container or, as `sandbox`, of the pod's first.
    ///
    /// - Parameter namespaces: paths of those that it joins; the others are its own.
    func specify(_ id: String, _ type: String, namespaces: [String: String], _ arguments: [String]) throws {
        var host = lab.host
        host.bundle = bundle(id)
        let files = host.bundle.appending("merged")
        try BusyboxBundle.makeRoot(files)
        try AtomicFile.write(Array("nameserver 192.0.2.53\n".utf8), to: host.bundle.appending("resolv.conf"), mode: 0o644)
        let name = "k8s_\(id)_pod_default_uid_0"
        try host.specify(arguments) { document in
            document["root"] = ["path": files.string]
            document["hostname"] = "crio-pod"
            document["annotations"] = [
                "io.kubernetes.cri-o.ContainerType": type, "io.kubernetes.cri-o.SandboxID": pod, "io.kubernetes.cri-o.SandboxName": pod,
                "io.kubernetes.cri-o.ContainerID": id, "io.kubernetes.cri-o.Name": name, "io.kubernetes.cri-o.TTY": "false",
                "io.kubernetes.cri-o.Stdin": "false", "io.kubernetes.cri-o.StdinOnce": "false", "io.container.manager": "cri-o",
                "io.kubernetes.cri-o.LogPath": log(id).string, "io.kubernetes.cri-o.MountPoint": files.string,
                "io.kubernetes.cri-o.Metadata": "{\"name\":\"\(id)\"}", "io.kubernetes.cri-o.Labels": "{}",
                "io.kubernetes.cri-o.Annotations": "{}", "io.kubernetes.cri-o.HostNetwork": "false",
                "io.kubernetes.cri-o.Created": "2026-01-02T03:04:05.678901234Z",
            ]
            document["mounts"] =
                (document["mounts"] as? [[String: Any]] ?? []) + [
                    ["destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"]],
                    ["destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]],
                    ["destination": "/dev/shm", "type": "bind", "source": shared.string, "options": ["rw", "bind"]],
                    [
                        "destination": "/etc/resolv.conf", "type": "bind", "source": host.bundle.appending("resolv.conf").string,
                        "options": ["ro", "bind", "nodev", "nosuid", "noexec"],
                    ],
                ]
            document["linux"] = [
                "namespaces": ["pid", "network", "ipc", "uts", "mount"].map { kind in
                    namespaces[kind].map { ["type": kind, "path": $0] } ?? ["type": kind]
                },
                "cgroupsPath": "/kata-\(pod)/crio-\(id)", "resources": ["cpu": ["shares": 2]],
            ]
        }
    }

    private func log(_ id: String) -> FilePath { bundle(id).appending("log") }

    /// conmon with the pipes that CRI-O holds the other ends of; what it says through the first.
    private func conmon(_ directory: FilePath, _ words: [String]) async throws -> [String: Any] {
        let said = directory.appending("sync-\(UInt32.random(in: 0 ... .max))")
        try AtomicFile.write([0], to: directory.appending("start"))
        let script = "cd \"$1\" && said=$2 && shift 2 && exec conmon \"$@\" 3>\"$said\" 4<start"
        let result = try await lab.run(
            ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "_OCI_SYNCPIPE=3", "_OCI_STARTPIPE=4", "sh", "-c", script, "-"]
                + [directory.string, said.string] + words)
        #expect(result.status == .exited(0) || words.contains("-e"), "\(result.errorText)")
        for _ in 0..<600 {
            // Until it is written it is empty.
            let answer = try? JSONSerialization.jsonObject(with: Data(FileSystem.read(said)))
            if let answer = answer as? [String: Any] { return answer }
            try await Task.sleep(for: .milliseconds(50))
        }
        return [:]
    }

    /// - Returns: the process that conmon was told of.
    func create(_ id: String) async throws -> Int {
        let b = bundle(id)
        let answer = try await conmon(
            b,
            [
                "-b", b.string, "-c", id, "--exit-dir", exits.string, "-l", log(id).string, "--log-level", "info", "-n", "k8s_\(id)",
                "-P", b.appending("conmon-pidfile").string, "-p", b.appending("pidfile").string, "--persist-dir", b.string,
                "-r", lab.runtime.string, "--runtime-arg", "--root=\(root)", "--socket-dir-path", place.appending("attach").string,
                "--syslog", "-u", id,
            ])
        let pid = try #require(answer["data"] as? Int ?? answer["pid"] as? Int, "\(answer)")
        try #require(pid > 0, "\(answer)")
        return pid
    }

    /// ExecSync.
    func exec(_ id: String, _ arguments: [String], seconds: Int? = nil) async throws -> (code: Int, log: String) {
        let b = bundle(id)
        let document = try JSONSerialization.jsonObject(with: Data(FileSystem.read(b.appending("config.json")))) as? [String: Any]
        var process = try #require(document?["process"] as? [String: Any])
        process["args"] = arguments
        let name = "exec-\(UInt32.random(in: 0 ... .max))"
        try AtomicFile.write(Array(JSONSerialization.data(withJSONObject: process)), to: b.appending(name))
        let answer = try await conmon(
            b,
            [
                "-c", id, "-n", "k8s_\(id)", "-r", lab.runtime.string, "-p", b.appending(name + ".pid").string, "-e",
                "-l", b.appending(name + ".log").string, "--socket-dir-path", place.appending("attach").string, "--log-level", "info",
                "--sync",
            ] + (seconds.map { ["-T", "\($0)"] } ?? [])
                + ["--exec-process-spec", b.appending(name).string, "--runtime-arg", "--root=\(root)"])
        let lines = String(decoding: try FileSystem.read(b.appending(name + ".log")), as: UTF8.self)
        return (answer["exit_code"] as? Int ?? answer["data"] as? Int ?? Int.min, lines)
    }

    /// The runtime as CRI-O calls it by itself.
    @discardableResult
    func runtime(_ words: String...) async throws -> ProgramResult {
        try await lab.run([lab.runtime.string, "--root", root.string] + words)
    }

    func status(_ id: String) async throws -> String {
        let state = try await runtime("state", id)
        return (try JSONSerialization.jsonObject(with: Data(state.output)) as? [String: Any])?["status"] as? String ?? ""
    }

    /// What conmon wrote when the container had ended.
    func exitCode(_ id: String) async throws -> String {
        for _ in 0..<600 where !FileSystem.exists(exits.appending(id)) { try await Task.sleep(for: .milliseconds(50)) }
        return String(decoding: try FileSystem.read(exits.appending(id)), as: UTF8.self)
    }

    func logged(_ id: String) throws -> String { String(decoding: try FileSystem.read(log(id)), as: UTF8.self) }
}
