// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension LegacySystem {
    static let clearContainers3 = LegacySystem(
        name: "Clear Containers 3.0", family: "Clear Containers", runtimes: ["cc-runtime"],
        configurationFlags: ["--cc-config", "-cc-config"],
        dialects: [ClearContainersV3.dialect.id],
        // As the packaging repository named them; the -bin and -config halves belong to the deb builds.
        packages: [
            "cc-runtime", "cc-runtime-bin", "cc-runtime-config", "cc-proxy", "cc-proxy-bin", "cc-shim", "cc-shim-bin", "cc-ksm-throttler",
            "clear-containers-selinux",
        ],
        files: clearContainers3Files, machine: clearContainersMachine,
        // cc3-proxy is Clear Linux's name.
        units: [
            "cc-ksm-throttler.service", "cc-proxy.service", "cc-proxy.socket", "cc3-proxy.service", "cc3-proxy.socket",
            "vc-throttler.service",
        ],
        unitSockets: ["/var/run/clear-containers/proxy.sock", "/run/clear-containers/proxy.sock"],
        recognise: { program, arguments in
            switch program.lastComponent?.string {
            // At this place it is that of 2.
            case "cc-proxy"? where program != "/usr/libexec/cc-proxy": (.proxy, sandboxInSocket(arguments, after: "-uri"))
            case "cc-shim"? where value(arguments, after: "-p") == nil:
                // "-c" carries the container; the proxy's socket the sandbox, except with the one system-wide proxy of 3.0.9 and before.
                (.shim, sandboxInSocket(arguments, after: "-u") ?? value(arguments, after: "-c"))
            case "cc-runtime"?: (.runtime, nil)
            case "cc-ksm-throttler"?: (.ksmThrottler, nil)
            // The throttler's trigger has a name that says too little without its directory.
            case "vc"? where program.string.contains("/cc-ksm-throttler/"): (.ksmThrottler, nil)
            default: virtcontainersMachine(arguments, prefix: "pod-", directory: "/run/virtcontainers/pods/")
            }
        }, sandboxes: .virtcontainers)

    /// Debian and Fedora packages, SUSE's libexec, and `make install` without a prefix.
    private static let clearContainers3Files: [(role: InstalledFile.Role, path: FilePath)] = {
        var places: [(InstalledFile.Role, FilePath)] = [
            (.runtime, "/usr/bin/cc-runtime"), (.runtime, "/usr/local/bin/cc-runtime"), (.support, "/usr/bin/cc-collect-data.sh"),
        ]
        for directory: FilePath in ["/usr/libexec/clear-containers", "/usr/lib64/clear-containers", "/usr/local/libexec/clear-containers"] {
            places += [(.proxy, directory.appending("cc-proxy")), (.shim, directory.appending("cc-shim"))]
        }
        return places + ksmThrottler(named: "cc-ksm-throttler")
    }()

    /// The daemon, and what tells it of each VM.
    static func ksmThrottler(named name: FilePath.Component) -> [(role: InstalledFile.Role, path: FilePath)] {
        let directory = FilePath("/usr/libexec").appending(name)
        return [directory.appending(name), directory.appending("trigger/virtcontainers/vc")].map { (.ksmThrottler, $0) }
    }

    /// Both generations ran in these.
    private static let clearContainersMachine: MachineParts = {
        var places: [(InstalledFile.Role, FilePath)] = [(.hypervisor, "/usr/bin/qemu-lite-system-x86_64")]
        for directory: FilePath in ["/usr/share/clear-containers", "/usr/local/share/clear-containers"] {
            places += [
                (.guestKernel, directory.appending("vmlinuz.container")), (.guestKernel, directory.appending("vmlinux.container")),
                (.guestImage, directory.appending("clear-containers.img")),
            ]
        }
        return MachineParts(
            packages: ["linux-container", "clear-containers-image", "qemu-lite", "qemu-lite-bin", "qemu-lite-data"], files: places)
    }()

    static let clearContainers2 = LegacySystem(
        name: "Clear Containers 2", family: "Clear Containers", runtimes: ["cc-oci-runtime", "cc-oci-runtime.sh"],
        dialects: [ClearContainersV2.dialect.id],
        packages: ["cc-oci-runtime", "cc-oci-runtime-bin", "cc-oci-runtime-config", "cc-oci-runtime-data", "cc-oci-runtime-extras"],
        files: [
            (.runtime, "/usr/bin/cc-oci-runtime"), (.runtime, "/usr/bin/cc-oci-runtime.sh"), (.proxy, "/usr/libexec/cc-proxy"),
            (.shim, "/usr/libexec/cc-shim"),
        ],
        machine: clearContainersMachine,
        // Its packages named them as those of 3.0 did.
        units: ["cc-proxy.service", "cc-proxy.socket"],
        unitSockets: ["/var/run/cc-oci-runtime/proxy.sock", "/run/cc-oci-runtime/proxy.sock"],
        recognise: { program, arguments in
            switch program.lastComponent?.string {
            // Its shims were given descriptors where those of 3.0 were given a socket.
            case "cc-shim"? where value(arguments, after: "-p") != nil: (.shim, value(arguments, after: "-c"))
            case "cc-oci-runtime"?: (.runtime, nil)
            case "cc-proxy"? where program == "/usr/libexec/cc-proxy": (.proxy, nil)
            default:
                value(arguments, after: "-qmp") == nil
                    ? nil : identifier(in: arguments, below: "/run/cc-oci-runtime/").map { (.hypervisor, $0) }
            }
        }, sandboxes: .ccOCIRuntime)

    /// A hypervisor may have any name, but the library virtcontainers gave every VM these.
    static func virtcontainersMachine(
        _ arguments: [String], prefix: String, directory: String
    ) -> (role: LegacyProcess.Role, sandbox: String?)? {
        guard let machine = value(arguments, after: "-name"), machine.hasPrefix(prefix),
            arguments.contains(where: { $0.contains(directory) })
        else { return nil }
        // Kata since 2 adds options of QEMU's behind it.
        return (.hypervisor, String(machine.dropFirst(prefix.count).prefix { $0 != "," }))
    }

    /// `ID` of `unix:///run/virtcontainers/pods/ID/proxy.sock`.
    private static func sandboxInSocket(_ arguments: [String], after flag: String) -> String? {
        guard let socket = value(arguments, after: flag) else { return nil }
        let parts = socket.split(separator: "/")
        guard let index = parts.lastIndex(of: "pods"), index + 2 < parts.count else { return nil }
        return String(parts[index + 1])
    }
}
