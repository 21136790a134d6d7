// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

// What the packages set, so that it can be told from what an administrator chose.
extension ClearContainersV2 {
    /// The packaged kernel parameters of some releases.
    struct KernelLine: Sendable {
        let releases: ClosedRange<Release>
        let words: [String]
    }

    static let kernelLines: [KernelLine] = [
        KernelLine(releases: Release(2, 0, 0)...Release(2, 0, 1), words: kernelWords(unit: "container.target")),
        KernelLine(releases: Release(2, 1, 0)...Release(2, 1, 4), words: kernelWords(unit: "cc-agent.target")),
        KernelLine(releases: Release(2, 1, 5)...Release(2, 2, 4), words: kernelWords(unit: "cc-agent.target") + ["net.ifnames=0"]),
    ]

    private static func kernelWords(unit: String) -> [String] {
        let root = ["root=/dev/pmem0p1", "rootflags=dax,data=ordered,errors=remount-ro", "rw", "rootfstype=ext4"]
        let clock = ["tsc=reliable", "no_timer_check", "rcupdate.rcu_expedited=1"]
        let keyboard = ["direct", "dumbkbd", "nopnp", "noaux"].map { "i8042.\($0)=1" }
        let consoles = ["noreplace-smp", "reboot=k", "panic=1", "console=hvc0", "console=hvc1", "initcall_debug"]
        let systemd = ["init=/usr/lib/systemd/systemd", "systemd.unit=\(unit)", "iommu=off", "quiet"]
        let network = ["service", "socket"].map { "systemd.mask=systemd-networkd.\($0)" }
        return root + clock + keyboard + consoles + systemd + network + ["systemd.show_status=false", "cryptomgr.notests"]
    }

    /// The packaged line that a text comes from: that of the most words in common.
    static func kernelLine(nearest words: [String], in releases: ClosedRange<Release>) -> KernelLine? {
        let given = Set(words)
        func likeness(_ line: KernelLine) -> (Int, Int) { (given.intersection(line.words).count, -line.words.count) }
        return kernelLines.filter { $0.releases.common(with: releases) != nil }.max { likeness($0) < likeness($1) }
    }

    /// One option of the packaged `hypervisor.args`.
    struct PackagedOption: Sendable, Hashable {
        let name: String
        let value: String?

        init(_ name: String, _ value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    /// Every option of the packaged files of all releases; only 2.0 and 2.1 had those that share files.
    static let packagedOptions: [PackagedOption] = [
        PackagedOption("name", "@NAME@"), PackagedOption("machine", "pc-lite,accel=kvm,kernel_irqchip,nvdimm"),
        PackagedOption("device", "nvdimm,memdev=mem0,id=nv0"),
        PackagedOption("object", "memory-backend-file,id=mem0,mem-path=@IMAGE@,size=@SIZE@"), PackagedOption("m", "2G,slots=2,maxmem=3G"),
        PackagedOption("kernel", "@KERNEL@"), PackagedOption("append", "@KERNEL_PARAMS@ @KERNEL_NET_PARAMS@"),
        PackagedOption("smp", "2,sockets=1,cores=2,threads=1"), PackagedOption("cpu", "host"),
        PackagedOption("rtc", "base=utc,driftfix=slew"), PackagedOption("no-user-config"), PackagedOption("nodefaults"),
        PackagedOption("global", "kvm-pit.lost_tick_policy=discard"), PackagedOption("device", "virtio-serial-pci,id=virtio-serial0"),
        PackagedOption("device", "virtconsole,chardev=charconsole0,id=console0"), PackagedOption("chardev", "@CONSOLE_DEVICE@"),
        PackagedOption("chardev", "@PROCESS_SOCKET@"),
        PackagedOption("chardev", "socket,id=charch0,path=@AGENT_CTL_SOCKET@,server,nowait"),
        PackagedOption("device", "virtserialport,bus=virtio-serial0.0,nr=1,chardev=charch0,id=channel0,name=sh.hyper.channel.0"),
        PackagedOption("chardev", "socket,id=charch1,path=@AGENT_TTY_SOCKET@,server,nowait"),
        PackagedOption("device", "virtserialport,bus=virtio-serial0.0,nr=2,chardev=charch1,id=channel1,name=sh.hyper.channel.1"),
        PackagedOption("uuid", "@UUID@"), PackagedOption("qmp", "unix:@COMMS_SOCKET@,server,nowait"), PackagedOption("nographic"),
        PackagedOption("vga", "none"),
    ]

    static let sharedRootOptions: [PackagedOption] = [
        PackagedOption("device", "virtio-9p-pci,fsdev=workload9p,mount_tag=rootfs"),
        PackagedOption("fsdev", "local,id=workload9p,path=@WORKLOAD_DIR@,security_model=none"),
    ]

    /// Tags that stood for whole arguments in 2.0.
    static let networkTags: Set<String> = ["@NETDEV@", "@NETDEV_PARAMS@", "@NETDEVICE@", "@NETDEVICE_PARAMS@"]

    /// The names of the tags that each release replaced; it left others as they were.
    static func tags(of release: Release) -> Set<String> {
        let always: Set<String> = [
            "KERNEL", "KERNEL_PARAMS", "KERNEL_NET_PARAMS", "IMAGE", "SIZE", "COMMS_SOCKET", "PROCESS_SOCKET", "CONSOLE_DEVICE", "NAME",
            "UUID", "AGENT_CTL_SOCKET", "AGENT_TTY_SOCKET",
        ]
        if release < Release(2, 1, 0) { return always.union(["WORKLOAD_DIR", "NETDEV", "NETDEV_PARAMS", "NETDEVICE", "NETDEVICE_PARAMS"]) }
        return release < Release(2, 2, 0) ? always.union(["WORKLOAD_DIR"]) : always
    }
}

// The release by what its packages had.
extension ClearContainersV2 {
    static let signs = ReleaseSigns(
        programs: ["cc-oci-runtime"], packages: ["cc-oci-runtime", "cc-oci-runtime-bin", "cc-oci-runtime-config", "cc-oci-runtime-data"],
        ofFile: packagedReleases)

    /// The releases whose packaged file a file comes from.
    static func packagedReleases(of source: SourceText) -> ReleaseFinding? {
        switch part(of: source) {
        case .arguments:
            let texts = HypervisorArguments(reading: source).arguments.map(\.text)
            let found: (ClosedRange<Release>, String)
            if texts.contains(where: networkTags.contains) {
                found = (Release(2, 0, 0)...Release(2, 0, 1), "has arguments for the network")
            } else if texts.contains(where: { $0.contains("@WORKLOAD_DIR@") }) {
                found = (Release(2, 1, 0)...Release(2, 1, 12), "has arguments for the root file system and none for the network")
            } else if texts.contains(where: { $0.contains("@AGENT_CTL_SOCKET@") }) {
                found = (Release(2, 2, 0)...Release(2, 2, 4), "has arguments neither for the network nor for the root file system")
            } else {
                return nil
            }
            return ReleaseFinding(releases: found.0, reasons: ["\(source.path.string) \(found.1)"])
        case .machine, .bundle:
            let parameters = machine(in: JSONDocument.parse(source).partial?.root)?["kernel"]?["parameters"]?.string
            return parameters.flatMap { packagedReleases(ofLine: $0, source) }
        case .kernelLine: return packagedReleases(ofLine: String(decoding: source.bytes, as: UTF8.self), source)
        case .flags, nil: return nil
        }
    }

    private static func packagedReleases(ofLine text: String, _ source: SourceText) -> ReleaseFinding? {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let unit = words.first(where: { $0 == "systemd.unit=container.target" || $0 == "systemd.unit=cc-agent.target" }),
            let line = kernelLine(nearest: words, in: releases)
        else { return nil }
        return ReleaseFinding(releases: line.releases, reasons: ["\(source.path.string) has the \(unit) of \(line.releases.title)"])
    }
}
