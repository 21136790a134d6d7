// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

// What hyper.sh made: runV, and the daemons that stood on it.
extension LegacySystem {
    static let runV = LegacySystem(
        name: "runV", runtimes: ["runv"], dialects: [RunV.id],
        files: [
            (.runtime, "/usr/local/bin/runv"), (.runtime, "/usr/bin/runv"), (.daemon, "/usr/local/bin/runv-containerd"),
            (.daemon, "/usr/bin/runv-containerd"),
        ],
        recognise: { program, arguments in
            guard program.lastComponent == "runv" || program.lastComponent == "runv-containerd" else { return nil }
            // In 0.6.0 the daemon of each VM took another name, and the one for an engine was a program of its own. Both hold the networks
            // of VMs with processes of the same program.
            if arguments.first == "runv-namespaced" { return (.proxy, value(arguments, after: "--namespace")) }
            if program.lastComponent == "runv-containerd" {
                return arguments.first == "containerd-nslistener" ? (.runtime, nil) : (.daemon, nil)
            }
            // Every helper of 1.0 is runv itself, with what it is among its first words.
            if arguments.contains("proxy") || arguments.contains("watcher") { return (.proxy, value(arguments, after: "--vmid")) }
            if arguments.contains("shim") { return (.shim, value(arguments, after: "--container")) }
            // Up to 0.8.1 a daemon for each VM, which has a directory of its own, or one that an engine uses in containerd's place.
            if arguments.contains("containerd") {
                return arguments.contains("--solo-namespaced") ? (.proxy, value(arguments, after: "--containerd-dir")) : (.daemon, nil)
            }
            return (.runtime, nil)
        }, sandboxes: .runV, isConfiguredByEngines: true)

    static let hyperd = LegacySystem(
        name: "hyperd", runtimes: [], dialects: [Hyperd.id], packages: ["hypercontainer", "hyper-container", "hyperstart", "qemu-hyper"],
        files: [
            (.daemon, "/usr/bin/hyperd"), (.support, "/usr/bin/hyperctl"), (.guestKernel, "/var/lib/hyper/kernel"),
            (.guestImage, "/var/lib/hyper/hyper-initrd.img"),
        ],
        units: ["hyperd.service", "hyper-vmlogd.service"], daemonHoldsSandboxes: true,
        recognise: { program, arguments in
            if program.lastComponent == "hyperd" { return (.daemon, nil) }
            guard value(arguments, after: "-qmp") != nil || program.lastComponent == "lkvm" else { return nil }
            return identifier(in: arguments, below: "/run/hyper/vm-").map { (.hypervisor, "vm-" + $0) }
        }, sandboxes: .hyperd)

    static let frakti = LegacySystem(
        name: "frakti", runtimes: [], dialects: [Frakti.id], files: [(.daemon, "/usr/bin/frakti"), (.daemon, "/usr/local/bin/frakti")],
        units: ["frakti.service"], daemonHoldsSandboxes: true,
        recognise: { program, _ in program.lastComponent == "frakti" ? (.daemon, nil) : nil }, sandboxes: .frakti)
}
