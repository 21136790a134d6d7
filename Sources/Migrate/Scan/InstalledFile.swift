// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// A program or guest file of the old system.
package struct InstalledFile: Sendable, Equatable {
    package enum Role: String, Sendable {
        case runtime, proxy, shim, hypervisor
        case guestKernel = "guest kernel"
        case guestImage = "guest image"
        case ksmThrottler = "ksm throttler"
        case support
    }

    package let role: Role
    /// Not read: guest images are large, and nothing is decided by their bytes.
    package let seen: Observation

    /// Where Clear Containers 3.x puts its files: Debian and Fedora packages, SUSE's libexec, and `make install` without a prefix.
    static let clearContainers3: [(role: Role, path: FilePath)] = {
        var places: [(Role, FilePath)] = [
            (.runtime, "/usr/bin/cc-runtime"), (.runtime, "/usr/local/bin/cc-runtime"), (.support, "/usr/bin/cc-collect-data.sh"),
        ]
        for directory: FilePath in ["/usr/libexec/clear-containers", "/usr/lib64/clear-containers", "/usr/local/libexec/clear-containers"] {
            places += [(.proxy, directory.appending("cc-proxy")), (.shim, directory.appending("cc-shim"))]
        }
        places.append((.hypervisor, "/usr/bin/qemu-lite-system-x86_64"))
        for directory: FilePath in ["/usr/share/clear-containers", "/usr/local/share/clear-containers"] {
            places += [
                (.guestKernel, directory.appending("vmlinuz.container")), (.guestKernel, directory.appending("vmlinux.container")),
                (.guestImage, directory.appending("clear-containers.img")),
            ]
        }
        return places + [(.ksmThrottler, "/usr/libexec/cc-ksm-throttler/cc-ksm-throttler")]
    }()

    static func found(by survey: inout Survey) -> [InstalledFile] {
        clearContainers3.compactMap { role, path in
            guard let seen = survey.look(at: path), seen.kind != .absent else { return nil }
            return InstalledFile(role: role, seen: seen)
        }
    }
}
