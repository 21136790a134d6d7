// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension TargetDialect {
    /// Kata's runtime in Rust, as of 4.1.
    static let runtimeRS = TargetDialect(
        id: RuntimeRS.id, title: "runtime-rs", searchPaths: RuntimeRS.searchPaths,
        rules: TargetRules(
            vocabulary: .runtimeRS, hypervisors: RuntimeRS.hypervisors,
            exceptions: hypervisorExceptions.merging(otherExceptions) { first, _ in first },
            foreignExceptions: [
                "block_device_driver": .written(to: nil, .choices(blockDrivers + [driver("virtio-mmio", "virtio-blk-mmio")])),
                "remote_hypervisor_socket": moved("hypervisor_socket"),
                "remote_hypervisor_timeout": moved("hypervisor_timeout"),
                "jailer_path": .written(to: nil, nil), "valid_jailer_paths": .written(to: nil, nil),
                "enable_guest_swap": .written(to: nil, nil), "default_maxvcpus": .written(to: nil, nil),
            ],
            defaults: [
                TargetKey(.hypervisor, "shared_fs"): .string("none"),
                TargetKey(.hypervisor, "default_memory"): .integer(128),
                TargetKey(.hypervisor, "memory_slots"): .integer(128),
                TargetKey(.hypervisor, "disable_block_device_use"): .boolean(false),
                TargetKey(.agent, "dial_timeout"): .integer(3),
            ],
            required: [
                RequiredEntry(
                    key: LegacyKey(ConfigTable.hypervisor.path, "virtio_fs_daemon"), value: .string("/opt/kata/libexec/virtiofsd"),
                    reason: "it has no default for the daemon of virtio-fs"),
                RequiredEntry(key: LegacyKey(["runtime"], "name"), value: .string("virt_container"), reason: "as its own files have it"),
                RequiredEntry(key: LegacyKey(["runtime"], "agent_name"), value: .string("kata"), reason: "it names the table [agent.kata]"),
                RequiredEntry(
                    key: LegacyKey(["agent", "kata"], "enable_debug"), value: .boolean(false),
                    reason: "without the table it finds no agent"),
            ],
            hypervisorName: LegacyKey(["runtime"], "hypervisor_name"),
            conflicts: [
                TargetConflict(
                    kept: LegacyKey(ConfigTable.hypervisor.path, "pcie_root_port"),
                    lost: LegacyKey(ConfigTable.hypervisor.path, "pcie_switch_port"),
                    reason: "it refuses root and switch ports together")
            ],
            assets: UpstreamAssets(below: "/opt/kata", compatible: KataGo.ttrpcGenerations.union([RuntimeRS.id]))))

    private static func moved(_ name: String, _ mapping: ValueMapping? = nil) -> TargetFate {
        .written(to: LegacyKey(ConfigTable.hypervisor.path, name), mapping)
    }

    private static let hypervisorExceptions: [TargetKey: TargetFate] = Dictionary(
        uniqueKeysWithValues: [
            ("seccompsandbox", moved("seccomp_sandbox")),
            ("hypervisor_loglevel", moved("log_level", .values(logLevels))),
            ("block_device_driver", .written(to: nil, .choices(blockDrivers + [mmioForQEMU]))),
            ("shared_fs", .written(to: nil, .choices(sharedFileSystems))),
            ("virtio_fs_cache", .written(to: nil, .choices(cacheModes))),
            ("default_memory", .written(to: nil, .raised(below: 64, to: 64, smallestGuest))),
            ("default_maxvcpus", .written(to: nil, .lowered(above: 256, to: 256, mostCPUs))),
            ("default_maxmemory", .written(to: nil, .lowered(above: Int64(UInt32.max), to: Int64(UInt32.max), widestNumber))),
            ("enable_guest_swap", .written(to: nil, .values([ValuePair(.boolean(false), .boolean(false))]))),
            ("hot_plug_vfio", .lost("it chooses the port by pcie_root_port and pcie_switch_port")),
            ("hotplug_vfio_on_root_bus", .lost("it chooses the port by pcie_root_port and pcie_switch_port")),
            ("ctlpath", .lost("QEMU has no control program")), ("valid_ctlpaths", .lost("QEMU has no control program")),
            ("jailer_path", .lost("it refuses a jailer for QEMU")), ("valid_jailer_paths", .lost("it refuses a jailer for QEMU")),
            ("msize_9p", .lost("it shares files by virtio-fs only")), ("use_vsock", .lost("it always uses vsock")),
            ("accelerator", .implied(.string("kvm"), otherwise: ownKey)),
        ].map { (TargetKey(.hypervisor, $0.0), $0.1) })

    private static let otherExceptions: [TargetKey: TargetFate] = [
        TargetKey(.runtime, "internetworking_model"): .written(to: nil, .choices(networkModels)),
        TargetKey(.runtime, "guest_selinux_label"): moved("selinux_label"),
        TargetKey(.runtime, "create_container_timeout"): .written(to: LegacyKey(["agent", "kata"], "create_container_timeout"), nil),
        TargetKey(.runtime, "experimental_force_guest_pull"): .written(
            to: LegacyKey(["runtime"], "experimental"),
            .values([
                ValuePair(.boolean(true), .strings(["force_guest_pull"]), Remark(.respeltForTarget, .note, "a feature among others there")),
                ValuePair(.boolean(false), .strings([])),
            ])),
        TargetKey(.agent, "dial_timeout"): .written(
            to: LegacyKey(["agent", "kata"], "reconnect_timeout_ms"), .scaled(by: 1000, overallTimeout)),
        TargetKey(.agent, "cdh_api_timeout"): .written(
            to: LegacyKey(["agent", "kata"], "cdh_api_timeout_ms"), .scaled(by: 1000, milliseconds)),
        TargetKey(.factory, "enable_template"): .written(to: LegacyKey(["hypervisor", "qemu", "factory"], "enable_template"), nil),
        TargetKey(.factory, "template_path"): .written(to: LegacyKey(["hypervisor", "qemu", "factory"], "template_path"), nil),
        TargetKey(.factory, "vm_cache_number"): .lost("it has no cache of VMs"),
        TargetKey(.factory, "vm_cache_endpoint"): .lost("it has no cache of VMs"),
    ]
}

// The values that runtime-rs spells otherwise.
extension TargetDialect {
    private static let milliseconds = Remark(.respeltForTarget, .note, "it counts milliseconds")
    private static let overallTimeout = Remark(
        .respeltForTarget, .note,
        "reconnect_timeout_ms bounds the whole wait for the agent, as dial_timeout does in Go; dial_timeout_ms is the pause between two tries"
    )
    private static let smallestGuest = Remark(.changedForTarget, .warning, "it refuses less than 64 MiB")
    private static let mostCPUs = Remark(.changedForTarget, .warning, "it refuses more than 256 vCPUs")
    private static let widestNumber = Remark(.changedForTarget, .warning, "its number has 32 bits")

    private static func driver(_ from: String, _ to: String) -> ValueChoice {
        ValueChoice(from, to, from == to ? nil : Remark(.respeltForTarget, .note, "its name for it"))
    }

    private static let blockDrivers = [
        driver("virtio-scsi", "virtio-scsi"), driver("virtio-blk", "virtio-blk-pci"), driver("virtio-blk-ccw", "virtio-blk-ccw"),
        driver("nvdimm", "virtio-pmem"),
    ]
    private static let mmioForQEMU = ValueChoice(
        "virtio-mmio", "virtio-blk-pci", Remark(.changedForTarget, .warning, "it refuses virtio-blk-mmio for QEMU"))
    private static let sharedFileSystems = [
        ValueChoice("virtio-fs", "virtio-fs"), ValueChoice("virtio-fs-nydus", "virtio-fs-nydus"), ValueChoice("none", "none"),
        ValueChoice(
            "virtio-9p", "virtio-fs", Remark(.changedForTarget, .warning, "it refuses virtio-9p; virtio-fs needs the daemon virtiofsd")),
    ]
    private static let cacheModes = [
        ValueChoice("never", "never"), ValueChoice("auto", "auto"), ValueChoice("always", "always"),
        ValueChoice("none", "never", Remark(.respeltForTarget, .note, "its name for it")),
        ValueChoice("metadata", "never", Remark(.changedForTarget, .warning, "it refuses metadata; never shows no stale file")),
    ]
    private static let networkModels = [
        ValueChoice("tcfilter", "tcfilter"), ValueChoice("none", "none"),
        ValueChoice("default", "tcfilter", Remark(.respeltForTarget, .note, "it refuses the word default")),
        ValueChoice(
            "macvtap", "tcfilter", Remark(.changedForTarget, .warning, "it takes macvtap without complaint and then connects no network")),
    ]
    private static let logLevels = [
        ValuePair(.integer(0), .string("info"), Remark(.respeltForTarget, .note, "0 stands for 1, and levels have names there")),
        ValuePair(.integer(1), .string("info"), Remark(.respeltForTarget, .note, "levels have names there")),
        ValuePair(.integer(2), .string("debug"), Remark(.respeltForTarget, .note, "levels have names there")),
        ValuePair(.integer(3), .string("trace"), Remark(.respeltForTarget, .note, "levels have names there")),
    ]
}
