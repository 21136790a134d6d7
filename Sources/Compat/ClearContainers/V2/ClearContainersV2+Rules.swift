// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension ClearContainersV2 {
    /// Every key of `vm.json`, every option of QEMU that has a successor or that people are known to have added, and every flag.
    ///
    /// Options of QEMU that are not among them are dropped by name.
    public static let rules: [KeyRule] = machineRules + sizeRules + optionRules + objectRules + deviceRules + flagRules

    private static func rule(
        _ table: [String], _ name: String, _ type: LegacyType, since: Release = releases.lowerBound, _ fate: KeyFate
    ) -> KeyRule {
        KeyRule(source: LegacyKey(table, name), type: type, releases: since...releases.upperBound, absent: nil, fate: fate)
    }

    private static func rule(_ table: [String], _ name: String, since: Release = releases.lowerBound, _ fate: KeyFate) -> KeyRule {
        rule(table, name, .string, since: since, fate)
    }

    private static func same(_ name: String) -> KeyFate { .carried(to: TargetKey(.hypervisor, name)) }

    private static func mapped(_ name: String, _ mapping: ValueMapping) -> KeyFate { .mapped(to: TargetKey(.hypervisor, name), mapping) }

    private static let words = ValueMapping.words(separator: " ", guestParameters)

    private static let machineRules: [KeyRule] = [
        rule(["vm"], "path", .dropped(onlyHadToExist)),
        rule(["vm"], "image", .replaced(to: TargetKey(.hypervisor, "initrd"), by: .initrd, replacedImage)),
        rule(["vm", "kernel"], "path", .replaced(to: TargetKey(.hypervisor, "kernel"), by: .kernel, replacedKernel)),
        rule(["vm", "kernel"], "parameters", mapped("kernel_params", words)),
        rule([], "kernel-cmdline", .dropped(builtIn)),
        rule(["qemu"], "program", .replaced(to: TargetKey(.hypervisor, "path"), by: .hypervisor, replacedHypervisor)),
        rule(["qemu"], "-append", mapped("kernel_params", words)),
    ]

    private static let sizeRules: [KeyRule] = [
        rule(["qemu", "-m"], "size", .integer(1...Int64(UInt32.max)), same("default_memory")),
        rule(["qemu", "-m"], "slots", .integer(0...256), same("memory_slots")),
        rule(["qemu", "-m"], "maxmem", .integer(1...Int64.max), same("default_maxmemory")),
        rule(["qemu", "-m"], "other items", .dropped(unknownOption)),
        rule(["qemu", "-smp"], "cpus", .integer(1...255), same("default_vcpus")),
        rule(["qemu", "-smp"], "maxcpus", .integer(1...255), same("default_maxvcpus")),
        rule(["qemu", "-smp"], "sockets", .dropped(ownTopology)), rule(["qemu", "-smp"], "cores", .dropped(ownTopology)),
        rule(["qemu", "-smp"], "threads", .dropped(ownTopology)), rule(["qemu", "-smp"], "other items", .dropped(unknownOption)),
        rule(["qemu", "-machine"], "type", mapped("machine_type", .fixed(except: ["q35"], to: .string("q35"), otherMachine))),
        rule(["qemu", "-machine"], "accel", mapped("accelerator", .choices(accelerators))),
        rule(["qemu", "-machine"], "other items", mapped("machine_accelerators", .words(separator: ",", machineOptions))),
        rule(["qemu", "-cpu"], "model", .dropped(hostModel)), rule(["qemu", "-cpu"], "other items", same("cpu_features")),
    ]

    private static let optionRules: [KeyRule] =
        [
            rule(["qemu"], "-mem-path", mapped("enable_hugepages", .fixed(except: [], to: .boolean(true), hugePages))),
            rule(["qemu"], "-mem-path of files", .dropped(plainMemory)),
            rule(["qemu"], "-mem-prealloc", .boolean, same("enable_mem_prealloc")), rule(["qemu"], "-bios", same("firmware")),
            rule(["qemu"], "-sandbox", same("seccompsandbox")),
            rule(["qemu"], "-accel", mapped("accelerator", .choices(accelerators))),
            rule(["qemu"], "-enable-kvm", .boolean, .dropped(kvmByItself)),
            rule(["qemu"], "-realtime", .dropped(memoryIsNotLocked)), rule(["qemu"], "-kernel", .dropped(ownGuest)),
            rule(["qemu"], "-initrd", .dropped(ownGuest)), rule(["qemu"], "disk image", .dropped(noDisk)),
        ]
        + ["-drive", "-hda", "-hdb", "-cdrom"].map { rule(["qemu"], $0, .dropped(noDisk)) }
        + ["-net", "-netdev", "-nic"].map { rule(["qemu"], $0, .dropped(noNetwork)) }
        + ["-fsdev", "-virtfs"].map { rule(["qemu"], $0, .dropped(noShare)) }
        + ["-monitor", "-qmp", "-mon", "-serial", "-chardev", "-gdb"].map { rule(["qemu"], $0, .dropped(noSocket)) }
        + ["-s", "-S", "-daemonize"].map { rule(["qemu"], $0, .boolean, .dropped(noSocket)) }
        + ["-name", "-uuid", "-display", "-vga", "-pidfile"].map { rule(["qemu"], $0, .dropped(ownIdentity)) }
        + ["-nographic", "-nodefaults", "-no-user-config", "-no-reboot"].map { rule(["qemu"], $0, .boolean, .dropped(ownIdentity)) }

    private static let objectRules: [KeyRule] = [
        rule(
            ["qemu", "-object"], "memory-backend-file on huge pages",
            mapped("enable_hugepages", .fixed(except: [], to: .boolean(true), hugePages))),
        rule(["qemu", "-object"], "memory-backend-file", .dropped(plainMemory)),
        rule(["qemu", "-object"], "memory-backend-ram", .dropped(plainMemory)),
        rule(["qemu", "-object"], "rng-random", same("entropy_source")),
        rule(["qemu", "-object"], "iothread", mapped("enable_iothreads", .fixed(except: [], to: .boolean(true), ioThread))),
    ]

    private static let deviceRules: [KeyRule] = [
        rule(["qemu", "-device"], "virtio-rng", .dropped(ownDevice)), rule(["qemu", "-device"], "virtio-serial", .dropped(ownDevice)),
        rule(["qemu", "-device"], "nvdimm", .dropped(ownGuest)), rule(["qemu", "-device"], "virtio-balloon", .dropped(noBalloon)),
        rule(["qemu", "-device"], "virtio-9p", .dropped(noShare)), rule(["qemu", "-device"], "virtio-net", .dropped(noNetwork)),
        rule(["qemu", "-device"], "virtio-blk", .dropped(noDisk)), rule(["qemu", "-device"], "virtio-scsi", .dropped(noDisk)),
        rule(["qemu", "-device"], "scsi-hd", .dropped(noDisk)), rule(["qemu", "-device"], "vfio-pci", .dropped(engineDevices)),
    ]

    private static let flagRules: [KeyRule] =
        [
            rule(["flags"], "--debug", .boolean, .carried(to: TargetKey(.runtime, "enable_debug"))),
            rule(["flags"], "--systemd-cgroup", .boolean, .dropped(neverDone)), rule(["flags"], "--criu", .dropped(neverDone)),
            rule(["flags"], "--root", .dropped(ownRoot)), rule(["flags"], "--hypervisor-log-dir", .dropped(noLogDirectory)),
            rule(["flags"], "--shim-path", since: Release(2, 1, 0), .dropped(noProgram)),
            rule(["flags"], "--proxy-socket-path", since: Release(2, 1, 0), .dropped(noProgram)),
        ] + ["--global-log", "--log", "--log-format"].map { rule(["flags"], $0, .dropped(engineLogs)) }

    /// The rule of a key; a packaged file alone asks for dozens.
    static func rule(of key: LegacyKey) -> KeyRule? { rulesByKey[key] }

    private static let rulesByKey = Dictionary(rules.map { ($0.source, $0) }) { first, _ in first }

    /// For an option that no rule names.
    static func ruleForOther(_ key: LegacyKey) -> KeyRule { rule(key.table, key.name, .dropped(unknownOption)) }

    /// Whether an option stands alone by its rule.
    static func isSwitch(_ key: LegacyKey) -> Bool {
        rule(of: key)?.type == .boolean || HypervisorArguments.isSwitch(key.name)
    }

    /// The device without its bus: `virtio-rng` of `virtio-rng-pci`.
    static func deviceFamily(of driver: String) -> String {
        for bus in ["-pci-non-transitional", "-pci-transitional", "-pci", "-ccw", "-device"]
        where driver.hasSuffix(bus) && driver != "vfio-pci" {
            return String(driver.dropLast(bus.count))
        }
        return driver
    }
}
