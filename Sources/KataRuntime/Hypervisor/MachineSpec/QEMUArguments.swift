// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
internal import SystemPackage

/// The numbers that our descriptors have in QEMU's process.
public struct QEMUDescriptors: Sendable, Equatable {
    /// Sockets, connected before QEMU starts: nothing listens, so nobody else can connect.
    public var monitor: CInt
    public var console: CInt
    public var agent: CInt
    /// /dev/vhost-vsock with the context id already set.
    public var vsock: CInt
    /// To the file server.
    public var share: CInt
    /// Of the first network interface; the others follow.
    public var firstTap: CInt

    public init(monitor: CInt, console: CInt, agent: CInt, vsock: CInt, share: CInt, firstTap: CInt) {
        self.monitor = monitor
        self.console = console
        self.agent = agent
        self.vsock = vsock
        self.share = share
        self.firstTap = firstTap
    }

    public static let standard = QEMUDescriptors(monitor: 3, console: 4, agent: 5, vsock: 6, share: 7, firstTap: 8)
}

extension MachineSpec {
    /// QEMU's argv, the program first (qemu-system(1)).
    public func qemuArguments(descriptors: QEMUDescriptors = .standard) -> [String] {
        var arguments = [emulator.string]
        arguments += ["-name", "\(Self.escaped(name)),debug-threads=on", "-uuid", uuid]
        arguments += ["-no-user-config", "-nodefaults", "-display", "none", "-no-reboot"]
        if let seccompPolicy { arguments += ["-sandbox", seccompPolicy] }
        if start == .paused { arguments.append("-S") }
        arguments += board
        arguments += ["-chardev", "socket,id=monitor,fd=\(descriptors.monitor)", "-mon", "chardev=monitor,mode=control"]
        arguments += ["-chardev", "socket,id=console,fd=\(descriptors.console)", "-serial", "chardev:console"]
        arguments += agentDevices(descriptors)
        arguments += randomDevices + shareDevices(descriptors) + networkDevices(descriptors) + rootPortDevices + boot
        return arguments
    }

    /// Under TCG the cache of translated code grows to 1 GiB unless it is bounded, beside the guest's own memory;
    /// a kernel boots as fast with 32 MiB.
    private static let translationCacheMiB = 64

    private var board: [String] {
        let acceleration =
            switch accelerator {
            case .kvm: "kvm"
            // A thread for each processor has a part of the translation cache to itself, and QEMU aborts where one is plugged in when the
            // others have all of it (tcg_region_initial_alloc).
            case .tcg: "tcg,tb-size=\(Self.translationCacheMiB)" + (processors.maximum > processors.count ? ",thread=single" : "")
            }
        let layout = "sockets=\(processors.maximum),cores=1,threads=1,maxcpus=\(processors.maximum)"
        var size = "size=\(memory.sizeMiB)M"
        if let growth = memory.growth { size += ",slots=\(growth.slots),maxmem=\(growth.maximumMiB)M" }
        let options = ["memory-backend=ram", "usb=off", "sata=off", "smbus=off", "vmport=off", "dump-guest-core=off"] + boardOptions
        // The backend's id names the RAM block in a saved template, whatever kind of backend a clone then uses.
        return [
            "-machine", ([type.rawValue] + options).joined(separator: ","),
            "-accel", acceleration, "-cpu", ([cpuModel] + cpuFeatures).joined(separator: ","), "-smp", "cpus=\(processors.count),\(layout)",
            "-m", size,
            "-object", "\(memoryBackend),id=ram,size=\(memory.sizeMiB)M\(sharesMemory ? ",share=on" : "")",
        ]
    }

    /// A file server reads and writes the guest's memory.
    var sharesMemory: Bool { sharedDirectory?.server != nil }
    /// QEMU's type of object for the guest's memory.
    var memoryBackend: String { sharesMemory ? "memory-backend-memfd" : "memory-backend-ram" }

    private func agentDevices(_ descriptors: QEMUDescriptors) -> [String] {
        switch agentTransport {
        case .serial:
            [
                "-device", "virtio-serial-pci,id=serial,\(PCILayout.address(PCILayout.serial)),disable-legacy=on,max_ports=4",
                "-chardev", "socket,id=agent,fd=\(descriptors.agent)",
                "-device", "virtserialport,id=\(Self.agentPortID),bus=serial.0,nr=1,chardev=agent,name=\(AgentTransport.serialPortName)",
            ]
        case .vsock(let contextID):
            [
                "-device",
                "vhost-vsock-pci,id=vsock,\(PCILayout.address(PCILayout.vsock)),disable-legacy=on,"
                    + "guest-cid=\(contextID),vhostfd=\(descriptors.vsock)",
            ]
        }
    }

    /// By which QEMU's events name the agent's port.
    static let agentPortID = "agentport"

    private var randomDevices: [String] {
        [
            "-object", "rng-random,id=random,filename=\(Self.escaped(randomSource.string))",
            "-device", "virtio-rng-pci,rng=random,\(PCILayout.address(PCILayout.random)),disable-legacy=on",
        ]
    }

    /// multidevs=remap keeps inode numbers of different host file systems below the share apart.
    private func shareDevices(_ descriptors: QEMUDescriptors) -> [String] {
        guard let share = sharedDirectory else { return [] }
        if let server = share.server {
            return [
                "-chardev", "socket,id=share,fd=\(descriptors.share)",
                "-device",
                "vhost-user-fs-pci,chardev=share,tag=\(Self.escaped(share.tag)),queue-size=\(server.queueSize),"
                    + PCILayout.address(PCILayout.sharedDirectory),
            ]
        }
        let path = Self.escaped(share.path.string)
        return [
            "-fsdev", "local,id=share,path=\(path),security_model=none,multidevs=remap",
            "-device",
            "virtio-9p-pci,fsdev=share,mount_tag=\(Self.escaped(share.tag)),"
                + "\(PCILayout.address(PCILayout.sharedDirectory)),disable-legacy=on",
        ]
    }

    /// Without a ROM, since nothing boots from the network.
    private func networkDevices(_ descriptors: QEMUDescriptors) -> [String] {
        networkInterfaces.enumerated().flatMap { index, address in
            [
                "-netdev", "tap,id=net\(index),fd=\(descriptors.firstTap + CInt(index))",
                "-device",
                "virtio-net-pci,netdev=net\(index),mac=\(address),\(PCILayout.address(PCILayout.firstNetworkInterface + index)),"
                    + "disable-legacy=on,romfile=",
            ]
        }
    }

    private var rootPortDevices: [String] {
        (0..<max(0, rootPorts)).flatMap { index in
            let address = PCILayout.address(PCILayout.firstRootPort + index)
            return ["-device", "pcie-root-port,id=rp\(index),\(address),chassis=\(index + 1),slot=\(index + 1)"]
        }
    }

    private var boot: [String] {
        var arguments = ["-kernel", kernel.path.string]
        if let initrd = kernel.initrd { arguments += ["-initrd", initrd.string] }
        return arguments + ["-append", kernel.commandLine.text]
    }

    /// A comma ends a QEMU option's value; two stand for one.
    static func escaped(_ value: String) -> String {
        value.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
    }
}
