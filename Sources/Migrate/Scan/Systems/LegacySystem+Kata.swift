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
        families: shimFamilies,
        configurationPlaces: [
            staticPrefix.appending("share/defaults/kata-containers/configuration.toml"),
            staticPrefix.appending("share/defaults/kata-containers/runtime-rs/configuration.toml"),
        ],
        versionFile: staticPrefix.appending("VERSION"),
        // A build from source leaves the prefix out of the first.
        units: ["kata-ksm-throttler.service", "kata-vc-throttler.service", "ksm-throttler.service"],
        recognise: { program, arguments in
            switch program.lastComponent?.string {
            case "kata-proxy"?: (.proxy, value(arguments, after: "-sandbox"))
            case "kata-shim"?: (.shim, identifier(in: arguments, below: "/run/vc/sbs/") ?? value(arguments, after: "-container"))
            case let name? where name == "containerd-shim-kata-v2" || shimFamilies.contains(where: { $0.contains(name) }):
                (.shim, value(arguments, after: "-id"))
            case "kata-ksm-throttler"?, "ksm-throttler"?: (.ksmThrottler, nil)
            case "vc"? where ["/kata-ksm-throttler/", "/ksm-throttler/"].contains(where: program.string.contains): (.ksmThrottler, nil)
            case "virtiofsd"?: identifier(in: arguments, below: "/run/kata-containers/shared/sandboxes/").map { (.virtiofsd, $0) }
            case "cloud-hypervisor"?, "firecracker"?, "jailer"?, "acrn-dm"?:
                ["/run/vc/vm/", "/run/vc/firecracker/", rustPlace].lazy.compactMap { identifier(in: arguments, below: $0) }.first
                    .map { (.hypervisor, $0) }
            default:
                virtcontainersMachine(arguments, prefix: "sandbox-", directory: "/run/vc/")
                    ?? virtcontainersMachine(arguments, prefix: "sandbox-", directory: rustPlace)
            }
        }, sandboxes: .kata, sharesConfiguration: true)

    /// Packages of 1.x, and the static archive of every release, which kata-deploy unpacks as well.
    private static let kataFiles: [(role: InstalledFile.Role, path: FilePath)] = {
        var places: [(InstalledFile.Role, FilePath)] = []
        for prefix: FilePath in ["/usr", staticPrefix] {
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
                (.guestKernel, share.appending("vmlinuz.container")), (.guestKernel, share.appending("vmlinux.container")),
                (.guestImage, share.appending("kata-containers.img")), (.guestImage, share.appending("kata-containers-initrd.img")),
            ]
        }
        let bin = staticPrefix.appending("bin")
        places += ["kata-qemu", "kata-qemu-virtiofs", "kata-clh", "kata-fc"].map { (.runtime, bin.appending($0)) }
        places.append((.shim, staticPrefix.appending("runtime-rs").appending("bin").appending("containerd-shim-kata-v2")))
        places.append((.hypervisor, "/usr/bin/qemu-vanilla-system-x86_64"))
        places += ["qemu-system-x86_64", "qemu-virtiofs-system-x86_64", "cloud-hypervisor", "firecracker"].map {
            (.hypervisor, bin.appending($0))
        }
        places += [bin.appending("virtiofsd"), staticPrefix.appending("libexec").appending("virtiofsd")].map { (.support, $0) }
        places += ["kata-ctl", "kata-monitor", "kata-collect-data.sh"].map { (.support, bin.appending($0)) }
        return places + ksmThrottler(named: "kata-ksm-throttler") + ksmThrottler(named: "ksm-throttler")
    }()

    /// Shims under a name for each hypervisor, many of them scripts that name its configuration.
    private static let shimFamilies = ["/usr/bin", "/usr/local/bin", staticPrefix.appending("bin")].map { (directory: FilePath) in
        FileFamily(role: .shim, directory: directory, prefix: "containerd-shim-kata-", suffix: "-v2")
    }

    /// The runtime in Rust keeps sockets and states here, and passes QMP by descriptor.
    private static let rustPlace = KataRecords.rustRoot.string + "/"

    /// Where the archive has everything, its configuration and release included.
    private static let staticPrefix: FilePath = "/opt/kata"
}
