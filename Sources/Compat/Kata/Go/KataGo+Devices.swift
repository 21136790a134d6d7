// SPDX-License-Identifier: Apache-2.0
internal import KataConfig

// The devices of a sandbox with one network interface, as virtcontainers and govmm wrote them, release by release.
extension GoMachine {
    var devices: [String] {
        bridges + console + rootDevice + iommu + panicDevice + scsi + entropy + balloon + rootPorts + channel + share + network
    }

    private func device(_ words: [String]) -> [String] { ["-device", file.joined(words)] }

    /// What govmm said of each virtio device on PCI, asked or not.
    private var modern: String { since(1, 5) ? "disable-modern=false" : "" }
    private var rom: String { since(1, 4) && !since(2, 1) ? "romfile=" : "" }
    /// Beside bridges for other buses a device says where it belongs.
    private var bus: String { since(3, 32) && type == "q35" ? "bus=pcie.0" : "" }

    private var bridges: [String] {
        guard type == "pc" || type == "q35" else { return [] }
        let bus = type == "q35" ? "pcie.0" : "pci.0"
        let room = ["io-reserve=4k", "mem-reserve=1m", "pref64-reserve=1m"]
        return (0..<min(max(Int(file.number("default_bridges", 1)), 0), 5)).flatMap { index -> [String] in
            let name = "pci-bridge-\(index)"
            // OVMF makes room behind root ports only.
            if since(4, 1), type == "q35", !file.text("firmware").isEmpty {
                let port = ["pcie-root-port,id=rp-\(name),bus=\(bus),chassis=\(16 + index),slot=0,addr=\(2 + index),multifunction=off"]
                return device(port + ["bus-reserve=0x1"] + room.reversed()) + device(["pcie-pci-bridge,bus=rp-\(name),id=\(name)"])
            }
            let hotplug = since(2, 3) ? ["shpc=off"] : ["shpc=on"]
            return device(
                ["pci-bridge,bus=\(bus),id=\(name),chassis_nr=\(index + 1)"] + hotplug + ["addr=\(2 + index)", since(1, 12) ? rom : ""]
                    + (since(2, 3) ? room : []))
        }
    }

    private var console: [String] {
        let port = "socket,id=charconsole0,path=\(state)/console.sock,\(listening)"
        if file.flag("use_legacy_serial") { return ["-serial", "chardev:charconsole0", "-chardev", port] }
        return device(["virtio-serial-pci", modern, "id=serial0", rom])
            + device(["virtconsole", "chardev=charconsole0", "id=console0"]) + ["-chardev", port]
    }

    private var rootDevice: [String] {
        guard !image.isEmpty else { return [] }
        guard isPMEM else {
            let legacy = since(3, 8) ? "" : "scsi=off"
            return device(
                ["virtio-blk-pci", modern, "drive=<image>", legacy, "config-wce=off", rom, "share-rw=on", "serial=<image>"])
                + ["-drive", "id=<image>,file=\(image),aio=threads,format=raw,if=none,readonly=on"]
        }
        let isSafe = since(2, 2)
        return device(["nvdimm,id=nv0,memdev=mem0", isSafe ? "unarmed=on" : ""])
            + ["-object", "memory-backend-file,id=mem0,mem-path=\(image),size=<image>" + (isSafe ? ",readonly=on" : "")]
    }

    private var iommu: [String] {
        file.flag("enable_iommu") ? device(["intel-iommu,intremap=on,device-iotlb=on,caching-mode=on"]) : []
    }

    private var panicDevice: [String] { file.text("guest_memory_dump_path").isEmpty ? [] : device(["pvpanic"]) }

    var isSCSI: Bool { file.text("block_device_driver", since(1, 0) ? "virtio-scsi" : "") == "virtio-scsi" }
    var hasIOThread: Bool { isSCSI && file.flag("enable_iothreads") }

    private var scsi: [String] {
        guard isSCSI else { return [] }
        return device(["virtio-scsi-pci,id=scsi0", modern, hasIOThread ? "iothread=<iothread>" : "", rom])
    }

    private var entropy: [String] {
        guard since(1, 3) else { return [] }
        return ["-object", "rng-random,id=rng0,filename=\(file.text("entropy_source", "/dev/urandom"))"]
            + device(["virtio-rng-pci,rng=rng0", rom])
    }

    private var balloon: [String] {
        guard file.flag("reclaim_guest_freed_memory") else { return [] }
        return device(["virtio-balloon-pci,id=balloon0,disable-modern=false,deflate-on-oom=on,free-page-reporting=on"])
    }

    /// From 3.2 on only where devices are to be plugged into them.
    private var rootPorts: [String] {
        let isPlugged = [file.text("hot_plug_vfio"), file.text("cold_plug_vfio")].contains("root-port")
        guard since(1, 11), !since(3, 2) || isPlugged else { return [] }
        return (0..<min(max(Int(file.number("pcie_root_port")), 0), 16)).flatMap { index in
            device(["pcie-root-port,id=rp\(index),bus=pcie.0,chassis=0,slot=\(index)", since(1, 12) ? "multifunction=off" : "", rom])
        }
    }

    /// To the agent.
    private var channel: [String] {
        guard since(2, 0) || file.flag("use_vsock") else {
            return device(["virtserialport", "chardev=charch0", "id=channel0", "name=agent.channel.0"])
                + ["-chardev", "socket,id=charch0,path=\(state)/kata.sock,\(listening)"]
        }
        return device(["vhost-vsock-pci", modern, "vhostfd=<fd>", "id=vsock-<cid>", "guest-cid=<cid>", bus, rom])
    }

    private var share: [String] {
        let shared = "/run/kata-containers/shared/sandboxes/<id>" + (since(1, 11) ? "/shared" : "")
        switch sharing {
        case "none": return []
        case "virtio-9p":
            let devices = since(1, 12) ? ",multidevs=remap" : ""
            return device(["virtio-9p-pci", modern, "fsdev=extra-9p-kataShared", "mount_tag=kataShared", rom])
                + ["-fsdev", "local,id=extra-9p-kataShared,path=\(shared),security_model=none\(devices)"]
        default:
            let cache = file.number("virtio_fs_cache_size")
            let queue = since(3, 1) ? file.number("virtio_fs_queue_size", 1024) : 0
            return ["-chardev", "socket,id=char-<fs>,path=\(state)/vhost-fs.sock"]
                + device(
                    [
                        "vhost-user-fs-pci,chardev=char-<fs>,tag=kataShared", queue == 0 ? "" : "queue-size=\(queue)",
                        cache == 0 ? "" : "cache-size=\(cache)M", bus, rom,
                    ])
        }
    }

    /// Plugged in later from 3.2 on.
    private var network: [String] {
        guard !since(3, 2) else { return [] }
        let host = file.flag("disable_vhost_net") ? "" : "vhost=on,vhostfds=<fds>"
        return ["-netdev", file.joined(["tap,id=network-0", host, "fds=<fds>"])]
            + device(["driver=virtio-net-pci,netdev=network-0,mac=<mac>", modern, "mq=on,vectors=<vectors>", rom])
    }
}
