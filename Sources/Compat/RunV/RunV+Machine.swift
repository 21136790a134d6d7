// SPDX-License-Identifier: Apache-2.0
internal import KataText

// QEMU's command line as runV's driver for x86 built it (runv, hypervisor/qemu/qemu_amd64.go and qemu_process.go; up to 0.6.2 qemu.go), in
// its order. Network interfaces and disks came by QMP later, so that they are no part of it.
extension RunV {
    static func machine(
        _ settings: EffectiveSettings, _ sources: [SourceText], _ releases: ClosedRange<Release>, _ host: LegacyMachine.Host
    ) -> [String]? {
        func text(_ name: String) -> String { settings.text(LegacyKey([], name)) }
        guard qemuDrivers.contains(text("driver").lowercased()) else { return nil }
        // Before the search for files came with 0.5, they lay beside the program.
        let beside = releases.upperBound < Release(0, 5, 0)
        var machine = Machine(
            release: releases.upperBound, processors: settings.integer(LegacyKey([], "default_cpus")) ?? 1,
            memoryMiB: settings.integer(LegacyKey([], "default_memory")) ?? 128,
            kernel: text("kernel").isEmpty ? (beside ? "./kernel" : "/var/lib/hyper/kernel") : text("kernel"),
            initrd: text("initrd").isEmpty ? (beside ? "./initrd.img" : "/var/lib/hyper/hyper-initrd.img") : text("initrd"))
        machine.bios = text("bios")
        machine.coreboot = text("cbfs")
        machine.isOfKata = releases.upperBound >= master && text("agent") == "kata"
        if !text("template").isEmpty {
            // The VM that was saved is the one that starts; what it lacks is plugged in.
            let template = ["manage", "create-template"]
            machine.template = text("template")
            machine.processors = settings.integer(LegacyKey(template, "cpu")) ?? 1
            machine.memoryMiB = settings.integer(LegacyKey(template, "mem")) ?? 128
        }
        return machine.arguments(on: host)
    }

    /// The drivers that ran QEMU itself; without Xen's tools nothing came before it.
    static let qemuDrivers: Set<String> = ["", "qemu", "kvm", "qemu-kvm"]

    /// What the driver was told, by runV, or by hyperd which had it built in.
    struct Machine {
        /// Of runV; a branch where a product was built from one.
        let release: Release
        var processors: Int64
        var memoryMiB: Int64
        let kernel: String
        let initrd: String
        var bios = ""
        /// A flash with the kernel in it.
        var coreboot = ""
        /// The directory of the saved VM that this one is a copy of.
        var template: String?
        /// Whether it was a base for VMs of other sizes, which mattered up to 0.8.1 only.
        var grows = false
        /// Whether the guest had Kata's agent.
        var isOfKata = false
        var hasVsock = false
        /// For a debugger of the guest's kernel; 0 for none.
        var debuggerPort: Int64 = 0
        /// What a product's copy of the driver added to the kernel's parameters.
        var extraParameters = ""

        private var isOfLaterPatches: Bool { release == RunV.laterPatches }
        private var isOfMaster: Bool { release >= RunV.master }
    }
}

extension RunV.Machine {
    /// - Parameter host: one with KVM.
    func arguments(on host: LegacyMachine.Host) -> [String] {
        let state = "/var/run/hyper/<id>"
        let pluggable = release > Release(0, 8, 1) || template != nil || grows
        let most = isOfLaterPatches ? (processors: min(host.processors, 64), memory: host.memoryMiB) : (processors: 8, memory: 32768)
        let clock = isOfLaterPatches ? ",clock=host" : release >= Release(0, 8, 1) ? ",clock=vm" : ""
        var line = ["qemu-system-x86_64", "-machine", "pc-i440fx-2.\(pluggable ? 1 : 0),accel=kvm,usb=off"]
        line += ["-global", "kvm-pit.lost_tick_policy=discard", "-cpu", "host"] + boot
        line += ["-realtime", "mlock=off", "-no-user-config", "-nodefaults", "-no-hpet", "-rtc", "base=utc\(clock),driftfix=slew"]
        line += ["-no-reboot", "-display", "none", "-boot", "strict=on"]
        if pluggable {
            line += ["-m", "size=\(memoryMiB),slots=1,maxmem=\(most.memory)M", "-smp", "cpus=\(processors),maxcpus=\(most.processors)"]
            line += memory(lastProcessor: most.processors - 1)
        } else {
            line += ["-m", "\(memoryMiB)", "-smp", "\(processors)"]
        }
        line += ["-qmp", "unix:\(state)/qmp.sock,server,nowait", "-serial", "unix:\(state)/console.sock,server,nowait"]
        line += ["-device", "virtio-serial-pci,id=virtio-serial0,bus=pci.0,addr=0x2"]
        line += ["-device", "virtio-scsi-pci,id=scsi0,bus=pci.0,addr=0x3"]
        line += isOfMaster ? shared(state) + channels(state) : channels(state) + shared(state)
        return line + process(state)
    }

    /// The firmware, or the kernel.
    private var boot: [String] {
        func flash(_ file: String) -> [String] { ["-drive", "if=pflash,file=\(file),readonly=on"] }
        if !coreboot.isEmpty { return (bios.isEmpty ? [] : flash(bios)) + flash(coreboot) }
        let parameters =
            "console=ttyS0 panic=1 no_timer_check" + (isOfLaterPatches || isOfMaster ? " iommu=off" : "") + extraParameters
        // There was no shell to take the quotes away.
        let written = release < Release(0, 6, 0) ? "\"\(parameters)\"" : parameters
        return (bios.isEmpty ? [] : ["-bios", bios]) + ["-kernel", kernel, "-initrd", initrd, "-append", written]
    }

    private func memory(lastProcessor: Int) -> [String] {
        let node = "node,nodeid=0,cpus=0-\(lastProcessor)"
        guard let template else {
            // A node came with 0.6.2; machines that grew did without before.
            return release >= Release(0, 6, 2) ? ["-numa", "\(node),mem=\(memoryMiB)"] : []
        }
        return [
            "-object", "memory-backend-file,id=hyper-template-memory,size=\(memoryMiB)M,mem-path=\(template)/memory",
            "-numa", "\(node),memdev=hyper-template-memory", "-S", "-incoming", "exec:cat \(template)/state",
        ]
    }

    private func channels(_ state: String) -> [String] {
        // Of the two branches only the development one left the serial ports out for vsock.
        if isOfMaster, hasVsock { return [] }
        let name = isOfKata ? "agent.channel" : "sh.hyper.channel"
        let sockets = isOfKata ? ["kata-yamux-agent.sock"] : ["hyper.sock", "tty.sock"]
        return sockets.enumerated().flatMap { index, socket in
            [
                "-chardev", "socket,id=charch\(index),path=\(state)/\(socket),server,nowait", "-device",
                "virtserialport,bus=virtio-serial0.0,nr=\(index + 1),chardev=charch\(index),id=channel\(index),name=\(name).\(index)",
            ]
        }
    }

    private func shared(_ state: String) -> [String] {
        [
            "-fsdev", "local,id=virtio9p,path=\(state)/share_dir,security_model=none", "-device",
            "virtio-9p-pci,fsdev=virtio9p,mount_tag=share_dir",
        ]
    }

    /// Up to 0.6.0 QEMU was a child with nothing of its own.
    private func process(_ state: String) -> [String] {
        guard release >= Release(0, 6, 2) else { return [] }
        return ["-daemonize", "-pidfile", "\(state)/pidfile", "-D", "/var/log/hyper/qemu/<id>.log"]
            + (debuggerPort == 0 ? [] : ["-gdb", "tcp::\(debuggerPort)"])
            + (hasVsock ? ["-device", "vhost-vsock-pci,id=vsock0,bus=pci.0,addr=<address>,guest-cid=<cid>"] : [])
    }
}
