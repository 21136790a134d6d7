// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

// QEMU's command line: hypervisor.args with its tags replaced, and what 2.2 put behind it (cc-oci-runtime, src/hypervisor.c).
extension ClearContainersV2 {
    static func machine(
        _ settings: EffectiveSettings, _ sources: [SourceText], _ releases: ClosedRange<Release>, _ host: LegacyMachine.Host
    ) -> [String]? {
        func text(_ table: [String], _ name: String, _ packaged: String) -> String {
            let said = settings.text(LegacyKey(table, name))
            return said.isEmpty ? packaged : said
        }
        let state = "/run/cc-oci-runtime/<id>"
        let file = sources.last { part(of: $0) == .arguments } ?? packagedArguments
        // A file that a package put there says itself which release it is of.
        let release = (packagedReleases(of: file)?.releases.common(with: releases) ?? releases).upperBound
        let values = [
            "KERNEL": text(["vm", "kernel"], "path", "/usr/share/clear-containers/vmlinux.container"),
            "KERNEL_PARAMS": settings.text(LegacyKey(["vm", "kernel"], "parameters")),
            "KERNEL_NET_PARAMS": "ip=::::::<hostname>::off::",
            "IMAGE": text(["vm"], "image", "/usr/share/clear-containers/clear-containers.img"), "SIZE": "<image>",
            "COMMS_SOCKET": "\(state)/hypervisor.sock", "PROCESS_SOCKET": "socket,id=procsock,path=\(state)/process.sock,server,nowait",
            "CONSOLE_DEVICE": "socket,path=\(state)/console.sock,server,nowait,id=charconsole0,signal=off", "NAME": "<name>",
            "UUID": "<uuid>", "AGENT_CTL_SOCKET": "\(state)/ga-ctl.sock", "AGENT_TTY_SOCKET": "\(state)/ga-tty.sock",
            "WORKLOAD_DIR": "<rootfs>", "NETDEV": "-netdev", "NETDEV_PARAMS": "<netdev>", "NETDEVICE": "-device",
            "NETDEVICE_PARAMS": "<netdevice>",
        ].filter { tags(of: release).contains($0.key) }
        let written = HypervisorArguments(reading: file).substituting(values)
        guard release >= Release(2, 2, 0) else { return written }
        return written + [
            "-netdev", "tap,ifname=<tap>,script=no,downscript=no,id=<tap>,vhost=on", "-device",
            "driver=virtio-net-pci,netdev=<tap>,mac=<mac>", "-fsdev", "local,id=workload9p,path=<rootfs>,security_model=none", "-device",
            "virtio-9p-pci,fsdev=workload9p,mount_tag=rootfs",
        ]
    }

    /// The file that the last release's package put there.
    private static let packagedArguments: SourceText = {
        let options = packagedOptions.flatMap { ["-\($0.name)"] + [$0.value].compactMap(\.self) }
        return SourceText(
            path: "hypervisor.args", text: (["/usr/bin/qemu-lite-system-x86_64"] + options).joined(separator: "\n"))
    }()
}
