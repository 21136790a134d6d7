// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

internal import Foundation
internal import Glibc
internal import KataSystem

/// A bundle with busybox in it.
public enum BusyboxBundle {
    private static let applets = [
        "sh", "cat", "echo", "ls", "sleep", "true", "false", "uname", "kill", "id", "pwd", "env", "head", "dd", "wc", "hostname", "mount",
        "grep", "touch", "ps", "seq", "stat", "cut", "sort", "yes", "tail", "readlink", "test", "mkdir", "sync", "stty", "tty", "ip",
        "ping", "nc", "df", "ionice",
    ]

    /// - Throws: where busybox is not installed.
    public static func makeRoot(_ root: FilePath) throws {
        guard let busybox = findProgram("busybox") else { throw Missing(what: "busybox on PATH") }
        for name in ["bin", "dev", "proc", "sys", "tmp", "etc"] { try FileSystem.makeDirectory(root.appending(name)) }
        let binary = root.appending("bin").appending("busybox")
        try AtomicFile.write(FileSystem.read(busybox), to: binary, mode: 0o755)
        for applet in applets { symlink("busybox", root.appending("bin").appending(applet).string) }
        try AtomicFile.write(
            Array("root:x:0:0:root:/:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n".utf8), to: root.appending("etc/passwd"), mode: 0o644)
    }

    /// Writes the bundle's config.json: runc's usual document with these changes.
    public static func specify(
        _ bundle: FilePath, _ arguments: [String], change: (inout [String: Any]) throws -> Void = { _ in }
    ) throws {
        let capabilities = ["CAP_KILL", "CAP_CHOWN"]
        var document: [String: Any] = [
            "ociVersion": "1.0.2",
            "process": [
                "terminal": false, "user": ["uid": 0, "gid": 0], "args": arguments, "env": ["PATH=/bin", "HOME=/"], "cwd": "/",
                "capabilities": ["bounding": capabilities, "effective": capabilities, "permitted": capabilities], "noNewPrivileges": true,
            ] as [String: Any],
            "root": ["path": "rootfs"], "hostname": "guest",
            "mounts": [
                ["destination": "/proc", "type": "proc", "source": "proc"],
                [
                    "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                    "options": ["nosuid", "strictatime", "mode=755", "size=65536k"],
                ],
                ["destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]],
            ],
            "linux": ["namespaces": ["pid", "network", "ipc", "uts", "mount"].map { ["type": $0] }],
        ]
        try change(&document)
        try AtomicFile.write(Array(JSONSerialization.data(withJSONObject: document)), to: bundle.appending("config.json"), mode: 0o644)
    }

    struct Missing: Error, CustomStringConvertible {
        let what: String

        var description: String { "needs \(what)" }
    }
}

extension TestMachine {
    /// Writes a configuration for small VMs with the guest that the build made.
    ///
    /// - Parameter runtime: further lines of the table `[runtime]`.
    public static func writeConfiguration(_ path: FilePath, runtime: String = "") throws {
        let manifest = try JSONDecoder().decode(Manifest.self, from: Data(FileSystem.read(assets.appending("assets.json"))))
        let text = """
            [hypervisor.qemu]
            path = "\(findProgram("qemu-system-x86_64")?.string ?? "")"
            kernel = "\(manifest.kernel.image.path)"
            initrd = "\(manifest.initrd.path)"
            default_vcpus = 1
            default_memory = 256
            [agent.kata]
            [runtime]
            \(runtime)
            """
        try AtomicFile.write(Array(text.utf8), to: path)
    }

    /// Of `assets.json` what is needed here.
    private struct Manifest: Decodable {
        struct File: Decodable {
            let path: String
        }
        struct Kernel: Decodable {
            let image: File
        }
        let kernel: Kernel
        let initrd: File
    }
}
