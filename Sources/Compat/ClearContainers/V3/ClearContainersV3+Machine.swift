// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

// QEMU's command line as virtcontainers built it (virtcontainers/qemu.go and the vendored govmm's LaunchQemu), in its order.
// Where several releases are possible, the last one speaks.
extension ClearContainersV3 {
    static func machine(
        _ settings: EffectiveSettings, _ sources: [SourceText], _ releases: ClosedRange<Release>, _ host: LegacyMachine.Host
    ) -> [String]? {
        func text(_ name: String) -> String { settings.text(LegacyKey(hypervisorTable, name)) }
        func flag(_ name: String) -> Bool { settings.flag(LegacyKey(hypervisorTable, name)) }
        func number(_ name: String) -> Int64? { settings.integer(LegacyKey(hypervisorTable, name)) }

        let memory = number("default_memory").map { $0 < 8 ? 2048 : $0 } ?? 2048
        let vcpus = processors(number("default_vcpus") ?? 1, releases, host)
        let options = text("machine_accelerators").split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
        let path = text("path").isEmpty ? "/usr/bin/qemu-lite-system-x86_64" : text("path")
        let state = "/run/virtcontainers/pods/<id>"

        var arguments = [path, "-name", "pod-<id>", "-uuid", "<uuid>"]
        arguments += [
            "-machine",
            ([text("machine_type").isEmpty ? "pc" : text("machine_type"), "accel=kvm", "kernel_irqchip", "nvdimm"] + options).joined(
                separator: ","),
        ]
        arguments += ["-cpu", "host"]
        for socket in ["monitor.sock", "ctrl.sock"] { arguments += ["-qmp", "unix:\(state)/\(socket),server,nowait"] }
        arguments += ["-m", "\(memory)M,slots=2,maxmem=\(host.memoryMiB + 1024)M"]
        arguments += devices(state, image: text("image"), bridges: number("default_bridges"), releases)
        arguments += ["-rtc", "base=utc,driftfix=slew", "-global", "kvm-pit.lost_tick_policy=discard", "-vga", "none"]
        arguments += ["-no-user-config", "-nodefaults", "-nographic", "-daemonize"]
        if flag("enable_hugepages") {
            arguments += [
                "-object", "memory-backend-file,id=dimm1,size=\(memory)M,mem-path=/dev/hugepages,share=on,prealloc=on", "-numa",
                "node,memdev=dimm1",
            ]
        } else if flag("enable_mem_prealloc") {
            arguments += ["-object", "memory-backend-ram,id=dimm1,size=\(memory)M,prealloc=on", "-numa", "node,memdev=dimm1"]
        }
        if flag("enable_swap") { arguments += ["-realtime", "mlock=off"] }
        let kernel = text("kernel").isEmpty ? "/usr/share/clear-containers/vmlinuz.container" : text("kernel")
        arguments += ["-kernel", kernel, "-append", parameters(text("kernel_params"), debug: flag("enable_debug"), releases)]
        if !text("firmware").isEmpty { arguments += ["-bios", text("firmware")] }
        // The most that can be plugged in was said once CPUs could be.
        let most = releases.upperBound >= Release(3, 0, 21) ? ",maxcpus=240" : ""
        return arguments + ["-smp", "\(vcpus),cores=\(vcpus),threads=1,sockets=1\(most)"]
    }

    private static func processors(_ wanted: Int64, _ releases: ClosedRange<Release>, _ host: LegacyMachine.Host) -> Int64 {
        let online = Int64(host.processors)
        if wanted < 0 { return online }
        return min(max(wanted, 1), releases.upperBound >= Release(3, 0, 20) ? online : 255)
    }

    private static func devices(_ state: String, image: String, bridges: Int64?, _ releases: ClosedRange<Release>) -> [String] {
        let image = image.isEmpty ? "/usr/share/clear-containers/clear-containers.img" : image
        var arguments = [
            "-device", "virtio-serial-pci,id=serial0", "-device", "virtconsole,chardev=charconsole0,id=console0",
            "-chardev", "socket,id=charconsole0,path=\(state)/console.sock,server,nowait",
            "-device", "nvdimm,id=nv0,memdev=mem0", "-object", "memory-backend-file,id=mem0,mem-path=\(image),size=<image>",
        ]
        if releases.upperBound >= Release(3, 0, 10) {
            for index in 0..<min(max(bridges ?? 1, 1), 5) {
                arguments += ["-device", "pci-bridge,bus=pci.0,id=pci-bridge-\(index),chassis_nr=\(index + 1),shpc=on"]
            }
        }
        if releases.upperBound >= Release(3, 0, 21) { arguments += ["-device", "virtio-scsi-pci,id=scsi0"] }
        for (index, socket) in ["hyper.sock", "tty.sock"].enumerated() {
            arguments += [
                "-device", "virtserialport,chardev=charch\(index),id=channel\(index),name=sh.hyper.channel.\(index)",
                "-chardev", "socket,id=charch\(index),path=\(state)/\(socket),server,nowait",
            ]
        }
        let root = releases.upperBound >= Release(3, 0, 12) ? Virtcontainers.sharedRoot : Virtcontainers.earlySharedRoot
        let shared = root.appending("<id>")
        return arguments + [
            "-device", "virtio-9p-pci,fsdev=extra-9p-hyperShared,mount_tag=hyperShared",
            "-fsdev", "local,id=extra-9p-hyperShared,path=\(shared),security_model=none",
            "-netdev", "tap,id=network-0,vhost=on,vhostfds=<fds>,fds=<fds>",
            "-device", "driver=virtio-net-pci,netdev=network-0,mac=<mac>,mq=on,vectors=18",
        ]
    }

    /// The user's parameters stood first up to 3.0.15 and last from then on.
    private static func parameters(_ user: String, debug: Bool, _ releases: ClosedRange<Release>) -> String {
        let hypervisor =
            "root=/dev/pmem0p1 rootflags=dax,data=ordered,errors=remount-ro rw rootfstype=ext4 tsc=reliable no_timer_check "
            + "rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 i8042.nopnp=1 i8042.noaux=1 noreplace-smp reboot=k panic=1 "
            + "console=hvc0 console=hvc1 initcall_debug iommu=off cryptomgr.notests net.ifnames=0"
            + (debug ? " debug" : " quiet systemd.show_status=false")
        let runtime =
            "init=/usr/lib/systemd/systemd systemd.unit=clear-containers.target systemd.mask=systemd-networkd.service "
            + "systemd.mask=systemd-networkd.socket ip=::::::<id>::off::"
        let userLast = releases.upperBound >= Release(3, 0, 16)
        return (userLast ? [hypervisor, runtime, user] : [hypervisor, user, runtime]).filter { !$0.isEmpty }.joined(separator: " ")
    }
}
