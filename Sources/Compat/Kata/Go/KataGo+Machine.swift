// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

// QEMU's command line as virtcontainers built it on x86 (runtime and later kata-containers, virtcontainers/qemu.go, qemu_amd64.go and
// qemu_arch_base.go of each minor release, and govmm's LaunchQemu that they were built with), in its order. The host is no VM itself.
// Where several releases are possible, the last one speaks.
extension KataGo {
    static func machine(
        _ settings: EffectiveSettings, _ sources: [SourceText], _ releases: ClosedRange<Release>, _ host: LegacyMachine.Host
    ) -> [String]? {
        let tables = settings.settings.filter { $0.place != nil && $0.rule.source.table.first == "hypervisor" }
        // A file for another hypervisor has no settings of QEMU, and ran none.
        guard !tables.isEmpty else { return nil }
        return GoMachine(KataMachineSettings(settings, release: releases.upperBound, host: host)).arguments
    }
}

/// One command line in the making.
struct GoMachine {
    let file: KataMachineSettings
    let type: String
    let image: String
    let isPMEM: Bool

    init(_ file: KataMachineSettings) {
        self.file = file
        type = file.text("machine_type", file.release < Release(2, 2, 0) ? "pc" : "q35")
        let initrd = file.text("initrd")
        image = initrd.isEmpty ? file.text("image", "/usr/share/kata-containers/kata-containers.img") : ""
        isPMEM = !image.isEmpty && !file.flag("disable_image_nvdimm")
    }

    func since(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool { file.release >= Release(major, minor, patch) }

    /// Where the sockets of the VM are.
    var state: String { since(1, 2) ? "/run/vc/vm/<id>" : "/run/vc/sbs/<id>" }
    /// Of a socket that QEMU listens on.
    var listening: String { since(2, 1) ? "server=on,wait=off" : "server,nowait" }

    var arguments: [String] {
        let isDebugged = file.flag("enable_debug")
        let path = file.text("path", "/usr/bin/qemu-\(since(2, 0) ? "" : "lite-")system-x86_64")
        var line = [path, "-name", "sandbox-<id>\(isDebugged && since(3, 5) ? ",debug-threads=on" : "")", "-uuid", "<uuid>"]
        line += ["-machine", machine, "-cpu", processor] + monitors
        line += ["-m", "\(memoryMiB)M,slots=\(slots),maxmem=\(mostMemoryMiB)M"] + devices
        line += ["-rtc", "base=utc,driftfix=slew\(since(1, 12) ? ",clock=host" : "")", "-global", "kvm-pit.lost_tick_policy=discard"]
        line += file.settings.value(LegacyKey(["hypervisor", "qemu"], "pflashes")).map(flashes) ?? []
        line += ["-vga", "none", "-no-user-config", "-nodefaults", "-nographic"]
        if since(1, 12) { line.append("--no-reboot") }
        // The runtime stayed QEMU's parent from 3.6 on, to have its messages.
        if !since(3, 6) { line.append("-daemonize") }
        line += memory + locking + kernel
        if !file.text("firmware").isEmpty { line += ["-bios", file.text("firmware")] }
        if hasIOThread { line += ["-object", "iothread,id=<iothread>"] }
        if since(1, 6) { line += ["-pidfile", "\(state)/pid"] }
        if isDebugged, since(1, 9), !since(3, 1) { line += ["-D", "\(state)/qemu.log"] }
        if !file.text("seccompsandbox").isEmpty { line += ["-sandbox", file.text("seccompsandbox")] }
        let most = file.mostProcessors(upTo: 240)
        let processors = min(file.processors, most)
        // Sockets for all that can be plugged in came with 1.9.
        return line + ["-smp", "\(processors),cores=1,threads=1,sockets=\(since(1, 9) ? most : processors),maxcpus=\(most)"]
    }

    private var machine: String {
        let hasIOMMU = file.flag("enable_iommu")
        let interrupts =
            switch true {
            case hasIOMMU && type == "q35": "kernel_irqchip=split"
            case since(3, 1): ""
            case since(2, 2): "kernel_irqchip=on"
            default: "kernel_irqchip"
            }
        // It was there without an image too before 1.9.
        let pmem = isPMEM || !since(1, 9) ? (since(2, 1) ? "nvdimm=on" : "nvdimm") : ""
        return file.joined([type, "accel=kvm", interrupts, pmem, file.text("machine_accelerators")])
    }

    private var processor: String {
        let isCopy = file.settings.flag(LegacyKey(["factory"], "enable_template"))
        let kept = isCopy && since(1, 8) && !since(3, 0) ? "host,vmx=off" : "host"
        return since(1, 12) ? "\(kept),\(file.text("cpu_features"))" : kept
    }

    private var monitors: [String] {
        // From 3.1 on the runtime listens itself and hands the socket on.
        if since(3, 1) {
            let extra = file.text("extra_monitor_socket")
            guard !extra.isEmpty, file.flag("enable_debug") else { return ["-qmp", "unix:fd=<fd>,\(listening)"] }
            let option = extra == "hmp" ? "-monitor" : "-\(extra)"
            return ["-qmp", "unix:fd=<fd>,\(listening)", option, "unix:path=\(state)/extra-monitor.sock,\(listening)"]
        }
        let names = since(1, 1) ? ["qmp.sock"] : ["mon-<uuid>", "ctl-<uuid>"]
        return names.flatMap { ["-qmp", "unix:\(state)/\($0),\(listening)"] }
    }
}

// Memory.
extension GoMachine {
    private var memoryMiB: Int64 {
        let wanted = file.number("default_memory", 2048)
        let least: Int64 =
            since(2, 0) || (since(1, 9) && file.release < Release(1, 11, 5)) ? 256 : since(1, 9) ? 1 : 8
        return wanted < least ? 2048 : wanted
    }

    private var slots: Int64 {
        // The number could not be chosen before 1.3.
        since(1, 3) ? file.number("memory_slots", 10) : 2
    }

    /// A gigabyte above, for the image.
    private var mostMemoryMiB: Int64 {
        let chosen = since(2, 5) ? file.number("default_maxmemory") : 0
        let most = chosen == 0 ? Int64(file.host.memoryMiB) : min(chosen, Int64(file.host.memoryMiB))
        return most + 1024 + file.number("memory_offset")
    }

    var isShared: Bool { ["virtio-fs", "virtio-fs-nydus"].contains(sharing) }

    var sharing: String { file.text("shared_fs", since(2, 4) ? "virtio-fs" : "virtio-9p") }

    private var memory: [String] {
        let isHuge = file.flag("enable_hugepages")
        let directory = file.text("file_mem_backend", isShared ? "/dev/shm" : "")
        let backend =
            isHuge
            ? "memory-backend-file,id=dimm1,size=\(memoryMiB)M,mem-path=/dev/hugepages"
            : directory.isEmpty
                ? "memory-backend-ram,id=dimm1,size=\(memoryMiB)M"
                : "memory-backend-file,id=dimm1,size=\(memoryMiB)M,mem-path=\(directory)"
        let isPreallocated = file.flag("enable_mem_prealloc") || (isHuge && (isShared || !since(1, 9)))
        // Before 1.9 there was a backend only where it was more than memory.
        guard since(1, 9) || isHuge || isPreallocated || !directory.isEmpty else { return [] }
        let isMapped = !directory.isEmpty || (isHuge && !since(1, 9))
        let plugged = since(1, 2) || isHuge ? ["-numa", "node,memdev=dimm1"] : ["-device", "pc-dimm,id=dimm1,memdev=dimm1"]
        return ["-object", backend + (isMapped ? ",share=on" : "") + (isPreallocated ? ",prealloc=on" : "")] + plugged
    }

    /// `enable_swap` meant that the host may swap; nothing was said of it from 2.4 on.
    private var locking: [String] {
        if since(2, 4) { return [] }
        return file.flag("enable_swap") ? ["-realtime", "mlock=off"] : []
    }

    private func flashes(_ value: ConfigValue) -> [String] {
        if case .strings(let files) = value { files.flatMap { ["-pflash", $0] } } else { [] }
    }
}

// The guest's kernel.
extension GoMachine {
    private var kernel: [String] {
        let initrd = file.text("initrd")
        return ["-kernel", file.text("kernel", "/usr/share/kata-containers/vmlinu\(since(2, 0) ? "x" : "z").container")]
            + (initrd.isEmpty ? [] : ["-initrd", initrd]) + ["-append", parameters]
    }

    /// The runtime's own, then the user's, so that those win, then what the agent is told.
    private var parameters: String {
        let isDebugged = file.flag("enable_debug")
        let own =
            "tsc=reliable no_timer_check rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 i8042.nopnp=1 i8042.noaux=1 "
            + "noreplace-smp reboot=k"
        let consoles = "console=hvc0 console=hvc1"
        let hasIOMMU = file.flag("enable_iommu")
        let interrupts = hasIOMMU ? "intel_iommu=on iommu=pt" : since(2, 0) ? "" : "iommu=off"
        let isFirst = file.release < Release(1, 11, 0)
        let most = file.mostProcessors(upTo: 240)
        let systemd =
            "systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service systemd.mask=systemd-networkd.socket"
        let agent = ConfigTable.agent.path
        return file.joined(
            [
                own, since(2, 5) ? "" : consoles, isFirst ? interrupts : "", "cryptomgr.notests net.ifnames=0 pci=lastbus=0",
                isFirst ? "" : interrupts, root, since(2, 5) ? consoles : "", isDebugged ? "debug" : "quiet",
                image.isEmpty ? "" : isDebugged ? "systemd.show_status=true systemd.log_level=debug" : "systemd.show_status=false",
                "panic=1 nr_cpus=\(most)", speaksOfVsock ? "agent.use_vsock=\(file.flag("use_vsock"))" : "",
                since(3, 1) ? "selinux=\(isUnlabelled ? 0 : 1)" : "", image.isEmpty ? "" : systemd, file.text("kernel_params"),
                file.settings.flag(LegacyKey(agent, "enable_debug")) ? "agent.log=debug" : "",
                file.settings.flag(LegacyKey(agent, "enable_tracing")) ? "agent.trace=\(traceKind)" : "",
                file.settings.flag(LegacyKey(agent, "debug_console_enabled"))
                    ? "agent.debug_console agent.debug_console_vport=1026" : "",
            ], by: " ")
    }

    private var traceKind: String {
        let kind = file.settings.text(LegacyKey(ConfigTable.agent.path, "trace_type"))
        return since(2, 4) ? "true" : kind.isEmpty ? "isolated" : kind
    }

    private var root: String {
        guard !image.isEmpty else { return "" }
        guard isPMEM else { return "root=/dev/vda1 rootflags=data=ordered,errors=remount-ro ro rootfstype=ext4" }
        let kind = file.text("rootfs_type", "ext4")
        let flags = kind == "ext4" ? "dax,data=ordered,errors=remount-ro \(since(1, 7) ? "ro" : "rw")" : "dax ro"
        return "root=/dev/pmem0p1 rootflags=\(flags) rootfstype=\(kind)"
    }

    /// From 1.7 to 2.0 the agent did not find out itself.
    private var speaksOfVsock: Bool { since(1, 7) && !since(2, 1) }

    private var isUnlabelled: Bool {
        file.settings.value(LegacyKey(["runtime"], "disable_guest_selinux")).map { $0 == .boolean(true) }
            ?? file.flag("disable_guest_selinux", true)
    }
}
