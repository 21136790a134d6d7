// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

// QEMU's command line as runtime-rs 4.1 builds it on x86 (crates/hypervisor/src/qemu/cmdline_generator.rs and inner.rs, kernel_param.rs,
// kata-types for the defaults), in its order.
extension RuntimeRS {
    /// Nil also when the file has another hypervisor run, which is dragonball unless it says so.
    static func machine(
        _ settings: EffectiveSettings, _ sources: [SourceText], _ releases: ClosedRange<Release>, _ host: LegacyMachine.Host
    ) -> [String]? {
        guard settings.text(LegacyKey(ConfigTable.runtime.path, "hypervisor_name")) == "qemu" else { return nil }
        return RustMachine(file: KataMachineSettings(settings, release: releases.upperBound, host: host)).arguments
    }
}

private struct RustMachine {
    let file: KataMachineSettings

    private var initrd: String { file.text("initrd") }
    private var rootDriver: String { file.text("vm_rootfs_driver", "virtio-blk-pci") }
    private var isPMEM: Bool { initrd.isEmpty && rootDriver == "virtio-pmem" }
    private var isShared: Bool { file.text("shared_fs", "none") != "none" }
    private var memoryMiB: Int64 { file.number("default_memory", 128) == 0 ? 128 : file.number("default_memory", 128) }
    private var machineType: String { file.text("machine_type", "q35") }

    private func size(_ mebibytes: Int64) -> String { mebibytes % 1024 == 0 ? "\(mebibytes / 1024)G" : "\(mebibytes)M" }

    private func number(_ name: String, _ own: Int64) -> Int64 { file.number(name) == 0 ? own : file.number(name) }

    var arguments: [String] {
        let most = file.mostProcessors(upTo: Int64(file.host.processors))
        let processors = min(file.processors, most)
        var line = [file.text("path", "/usr/bin/qemu-system-x86_64"), "-name", "sandbox-<id>"] + kernel
        line += ["-smp", file.joined(["\(processors)", most > processors ? "maxcpus=\(most)" : ""])]
        line += ["-machine", machine, "-cpu", "host,\(file.text("cpu_features"))"] + memory
        line += ["-qmp", "unix:fd=<fd>,server=on,wait=off"] + devices
        if !file.text("firmware").isEmpty { line += ["-bios", file.text("firmware")] }
        return line + ["-vga", "none", "-no-user-config", "-nodefaults", "-nographic", "-no-reboot"]
    }

    private var machine: String {
        file.joined([
            machineType, "accel=kvm", file.text("machine_accelerators"), isPMEM ? "nvdimm=on" : "",
            "kernel_irqchip=\(file.flag("enable_iommu") ? "split" : "on")",
            "memory-backend=entire-guest-memory\(isShared ? "-share" : "")",
        ])
    }

    private var memory: [String] {
        // The region for plugging memory in is given up for shared memory, unless the image needs it.
        let isPluggable = !isShared || rootDriver == "virtio-pmem" || file.flag("enable_virtio_mem")
        let most = min(number("default_maxmemory", Int64(file.host.memoryMiB)), Int64(file.host.memoryMiB))
        let isPreallocated = file.flag("enable_mem_prealloc")
        let backend =
            isShared
            ? "memory-backend-file,id=entire-guest-memory-share,mem-path=/dev/shm,size=\(size(memoryMiB)),share=on,"
                + "prealloc=\(isPreallocated ? "on" : "off"),readonly=off"
            : "memory-backend-ram,id=entire-guest-memory,size=\(size(memoryMiB))" + (isPreallocated ? ",prealloc=on" : "")
        let region = isPluggable ? "slots=\(number("memory_slots", 128)),maxmem=\(size(most))" : ""
        return ["-m", file.joined([size(memoryMiB), region]), "-object", backend]
    }

    private var kernel: [String] {
        let isDebugged = file.flag("enable_debug")
        let kind = file.text("rootfs_type", "ext4")
        let mount = (isPMEM ? ["dax"] : []) + (kind == "ext4" ? ["data=ordered", "errors=remount-ro"] : [])
        let flags = file.joined([file.joined(mount), "ro"], by: " ")
        let root = "root=\(isPMEM ? "/dev/pmem0p1" : "/dev/vda1") rootflags=\(flags) rootfstype=\(kind)"
        let isUnlabelled = file.settings.value(LegacyKey(ConfigTable.hypervisor.path, "disable_guest_selinux")) == .boolean(true)
        let parameters = [
            "reboot=k panic=1 systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service "
                + "systemd.mask=systemd-networkd.socket", isDebugged ? "agent.log_vport=1025" : "", initrd.isEmpty ? root : "",
            file.text("kernel_params"), "selinux=\(isUnlabelled ? 0 : 1)", file.flag("enable_iommu") ? "intel_iommu=on iommu=pt" : "",
            "console=hvc0",
        ]
        return ["-kernel", file.text("kernel", "vmlinuz")] + (initrd.isEmpty ? [] : ["-initrd", initrd])
            + ["-append", file.joined(parameters, by: " ")]
    }
}

// The devices of a sandbox with one network interface.
extension RustMachine {
    private var devices: [String] {
        var line = file.flag("enable_iommu") ? ["-device", "intel-iommu,intremap=on,device-iotlb=on,caching-mode=on"] : []
        line += ["-rtc", "base=utc,clock=host,driftfix=slew"]
        line += ["-object", "rng-random,id=rng0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng0"] + bridges + blocks
        if file.flag("reclaim_guest_freed_memory") { line += ["-device", "virtio-balloon,free-page-reporting=on"] }
        if !file.text("seccomp_sandbox").isEmpty { line += ["-sandbox", file.text("seccomp_sandbox")] }
        line += ["-device", "vhost-vsock-pci,vhostfd=<fd>,guest-cid=<cid>"] + network + share + root
        return line + [
            "-device", "virtio-serial-pci,id=serial0", "-device", "virtconsole,id=console0,chardev=charconsole0", "-chardev",
            "socket,id=charconsole0,server=on,wait=off,path=/run/kata/<id>/root/console.sock",
        ]
    }

    private var bridges: [String] {
        let bus = machineType == "q35" ? "pcie.0" : "pci.0"
        let isNested = machineType == "q35" && !file.text("firmware").isEmpty
        return (0..<min(number("default_bridges", 1), 5)).flatMap { index -> [String] in
            let name = "pci-bridge-\(index)"
            guard isNested else {
                return [
                    "-device",
                    "pci-bridge,bus=\(bus),id=\(name),chassis_nr=\(index + 1),shpc=off,addr=\(2 + index),io-reserve=4k,mem-reserve=1m,"
                        + "pref64-reserve=1m",
                ]
            }
            return [
                "-device",
                "pcie-root-port,id=rp-\(name),addr=\(2 + index),chassis=\(16 + index),slot=0,bus=\(bus),multifunction=off,bus-reserve=0x1,"
                    + "io-reserve=4k,mem-reserve=1m,pref64-reserve=1m", "-device", "pcie-pci-bridge,bus=rp-\(name),id=\(name)",
            ]
        }
    }

    private var blocks: [String] {
        let hasThread = file.flag("enable_iothreads")
        switch file.text("block_device_driver", "virtio-blk-pci") {
        case "virtio-scsi":
            return (hasThread ? ["-object", "iothread,id=scsi-io-thread"] : [])
                + ["-device", file.joined(["virtio-scsi-pci,id=scsi0", hasThread ? "iothread=scsi-io-thread" : ""])]
        case "virtio-blk-pci" where hasThread:
            return (0..<max(file.number("indep_iothreads"), 0)).flatMap { ["-object", "iothread,id=indep_iothread_\($0)"] }
        default: return []
        }
    }

    private var network: [String] {
        let host = file.flag("disable_vhost_net") ? "" : "vhost=on,vhostfds=<fds>"
        let queues = max(file.number("network_queues"), 1)
        return [
            "-netdev", file.joined(["tap,id=network-<tap>", host, "fds=<fds>"]), "-device",
            "virtio-net-pci,netdev=network-<tap>,mac=<mac>,mq=on,vectors=\(2 * queues + 2)",
        ]
    }

    private var share: [String] {
        guard isShared else { return [] }
        let queue = file.number("virtio_fs_queue_size")
        return [
            "-chardev", "socket,id=virtiofsd-chardev,path=<virtiofsd>", "-device",
            file.joined([
                "vhost-user-fs-pci,chardev=virtiofsd-chardev,tag=kataShared",
                (1...1024).contains(queue) && queue.nonzeroBitCount == 1 ? "queue-size=\(queue)" : "",
            ]),
        ]
    }

    private var root: [String] {
        guard initrd.isEmpty else { return [] }
        let image = file.text("image")
        if isPMEM {
            return [
                "-object", "memory-backend-file,id=TODO,mem-path=\(image),size=<image>,share=off,prealloc=off,readonly=on", "-device",
                "nvdimm,memdev=TODO,unarmed=on",
            ]
        }
        let cache = file.flag("block_device_cache_direct") ? "on" : "off"
        return [
            "-blockdev",
            "driver=file,node-name=image-<id>,filename=\(image),aio=threads,cache.direct=\(cache),cache.no-flush=off,read-only=on",
            "-device",
            "virtio-blk-pci,drive=image-<id>,config-wce=off,share-rw=on,serial=image-<id>",
        ]
    }
}
