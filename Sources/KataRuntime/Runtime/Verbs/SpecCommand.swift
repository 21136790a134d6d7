// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
internal import KataSystem
internal import KataText
internal import SystemPackage

package struct SpecCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "spec", abstract: "Write a config.json to begin with.")

    @Option(name: [.short, .long], help: "Directory that it is written to.")
    var bundle = "."

    package init() {}

    package func run() throws {
        let file = try absolute(bundle).appending("config.json")
        guard !FileSystem.exists(file) else { throw SpecExists(file: file) }
        try AtomicFile.write(try encodeJSON(Spec.example, pretty: true) + [UInt8(ascii: "\n")], to: file, mode: 0o644)
    }
}

extension SpecCommand {
    /// `--rootless` has a value before the verb and none behind `spec`, where the parser would take the next word for it.
    static func refuseRootless(_ arguments: [String]) throws(RootlessRefused) {
        var rest = arguments[...]
        while let word = rest.popFirst(), word.hasPrefix("-") {
            if KataRuntimeCommand.valuedOptions.contains(word) { _ = rest.popFirst() }
        }
        let verb = arguments.dropLast(rest.count).last
        if verb == "spec", rest.contains("--rootless") { throw .option }
    }
}

struct SpecExists: FaultyError {
    let file: FilePath
    var fault: Fault { .user }
    var description: String { "write '\(file)': it exists, remove it first" }
}

extension Spec {
    /// A shell in an otherwise usual Linux container. It has no terminal.
    static var example: Spec {
        Spec(
            ociVersion: RuntimeVersion.specification,
            process: ProcessSpec(
                user: UserSpec(uid: 0, gid: 0), args: ["sh"],
                env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"], cwd: "/",
                capabilities: LinuxCapabilities(
                    bounding: exampleCapabilities, effective: exampleCapabilities, permitted: exampleCapabilities),
                rlimits: [ResourceLimit(type: "RLIMIT_NOFILE", hard: 1024, soft: 1024)], noNewPrivileges: true),
            root: RootSpec(path: "rootfs", readonly: true), hostname: "kata", mounts: exampleMounts,
            linux: LinuxSpec(
                resources: nil,
                namespaces: [.pid, .network, .ipc, .uts, .mount, .cgroup].map { LinuxNamespace(type: $0) },
                maskedPaths: [
                    "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
                    "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
                ],
                readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]))
    }

    private static var exampleCapabilities: [String] { ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"] }

    private static var exampleMounts: [MountSpec] {
        [
            MountSpec(destination: "/proc", type: "proc", source: "proc"),
            MountSpec(
                destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            MountSpec(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            MountSpec(
                destination: "/dev/shm", type: "tmpfs", source: "shm",
                options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
            MountSpec(destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
            MountSpec(destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]),
            MountSpec(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
                options: ["nosuid", "noexec", "nodev", "relatime", "ro"]),
        ]
    }
}
