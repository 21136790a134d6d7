// SPDX-License-Identifier: Apache-2.0

import Compat
import KataText
import SystemPackage

extension SandboxRecords {
    /// Everything that was read, for goldens.
    var text: String {
        sandboxes.map(\.text).joined(separator: "\n") + broken.map { "broken \($0.id): \($0.reason)\n  \($0.files)\n" }.joined()
    }
}

extension LegacySandbox {
    fileprivate var text: String {
        var lines = [
            "sandbox \(id), \(state), of \(owner.rawValue), written by \(releases.title)",
            "  hostname \(hostname), bundle \(bundle?.string ?? "-"), proxy \(proxyURL ?? "-")",
            "  \(hypervisor.type) \(hypervisor.path?.string ?? "-") \(hypervisor.machineType), \(hypervisor.vcpus) vCPUs, \(hypervisor.memoryMiB) MiB, uuid \(hypervisor.uuid ?? "-")",
            "  kernel \(hypervisor.kernel?.string ?? "-") \(hypervisor.kernelParameters), image \(hypervisor.image?.string ?? "-"), initrd \(hypervisor.initrd?.string ?? "-")",
        ]
        lines += hooks.map { "  hook \($0.point) \($0.path) \($0.arguments)" }
        lines += annotations.sorted { $0.key < $1.key }.map { "  annotation \($0.key) = \($0.value)" }
        lines += processes.map { "  \($0.role) \($0.pid) of \($0.container?.rawValue ?? "-"), noted \($0.noted ?? "-")" }
        if let network {
            lines.append("  network \(network.namespace?.string ?? "-") owned \(network.isNamespaceOwned) \(network.interworking)")
            lines += network.interfaces.map {
                "    \($0.type) \($0.name) \($0.hardwareAddress) tap \($0.tap ?? "-") bridge \($0.bridge ?? "-") \($0.addresses)"
            }
        }
        lines += containers.flatMap(\.lines)
        lines += files.map { "  file \($0)" } + sockets.map { "  socket \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension LegacyContainer {
    fileprivate var lines: [String] {
        ["  container \(id), \(state)\(isSandboxContainer ? ", the sandbox's own" : "")"]
            + ["    rootfs \(rootfs?.string ?? "-") read-only \(isRootfsReadOnly), bundle \(bundle?.string ?? "-")"]
            + [spec.map { "    spec \(String(decoding: $0.bytes, as: UTF8.self))" } ?? "    no spec"]
            + annotations.sorted { $0.key < $1.key }.map { "    annotation \($0.key) = \($0.value)" }
            + mounts.map {
                "    mount \($0.source) \($0.destination) \($0.type) \($0.options) read-only \($0.isReadOnly) at \($0.hostPath?.string ?? "-")"
            }
            + devices.map { "    device \($0.type) \($0.hostPath) as \($0.containerPath) \($0.major):\($0.minor)" }
    }
}
