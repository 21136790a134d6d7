// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension LegacySystem {
    /// What calls its shim stays as it is.
    static let kata = LegacySystem(
        name: "Kata Containers", runtimes: ["kata-runtime", "kata-qemu", "containerd-shim-kata-v2"], configurationFlags: ["--kata-config"],
        dialects: KataGo.dialects.first.map { [$0.id] } ?? [],
        packages: [
            "kata-runtime", "kata-runtime-bin", "kata-proxy", "kata-proxy-bin", "kata-shim", "kata-shim-bin", "kata-ksm-throttler",
            "kata-containers-image", "kata-linux-container", "qemu-vanilla", "qemu-vanilla-bin", "qemu-vanilla-data",
        ],
        files: kataFiles,
        units: ["kata-ksm-throttler.service", "kata-vc-throttler.service"],
        recognise: { program, arguments in
            switch program.lastComponent?.string {
            case "kata-proxy"?: (.proxy, value(arguments, after: "-sandbox"))
            case "kata-shim"?: (.shim, identifier(in: arguments, below: "/run/vc/sbs/") ?? value(arguments, after: "-container"))
            case "containerd-shim-kata-v2"?: (.shim, value(arguments, after: "-id"))
            case "kata-ksm-throttler"?: (.ksmThrottler, nil)
            case "virtiofsd"?: identifier(in: arguments, below: "/run/kata-containers/shared/sandboxes/").map { (.virtiofsd, $0) }
            case "cloud-hypervisor"?, "firecracker"?, "jailer"?, "acrn-dm"?:
                (identifier(in: arguments, below: "/run/vc/vm/") ?? identifier(in: arguments, below: "/run/vc/firecracker/"))
                    .map { (.hypervisor, $0) }
            default:
                virtcontainersMachine(arguments, prefix: "sandbox-", directory: "/run/vc/")
            }
        }, sandboxes: .kata, sharesConfiguration: true)

    /// Packages of 1.x, and the static archive.
    private static let kataFiles: [(role: InstalledFile.Role, path: FilePath)] = {
        var places: [(InstalledFile.Role, FilePath)] = []
        for prefix: FilePath in ["/usr", "/opt/kata"] {
            places += [
                (.runtime, prefix.appending("bin").appending("kata-runtime")),
                (.shim, prefix.appending("bin").appending("containerd-shim-kata-v2")),
            ]
            for name in ["kata-proxy", "kata-shim"] {
                let role: InstalledFile.Role = name == "kata-proxy" ? .proxy : .shim
                places.append((role, prefix.appending("libexec").appending("kata-containers").appending(name)))
            }
            let share = prefix.appending("share").appending("kata-containers")
            places += [
                (.guestKernel, share.appending("vmlinuz.container")), (.guestImage, share.appending("kata-containers.img")),
                (.guestImage, share.appending("kata-containers-initrd.img")),
            ]
        }
        return places + [(.hypervisor, "/usr/bin/qemu-vanilla-system-x86_64"), (.hypervisor, "/opt/kata/bin/qemu-system-x86_64")]
    }()
}
