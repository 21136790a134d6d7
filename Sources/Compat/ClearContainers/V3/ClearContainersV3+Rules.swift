// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension ClearContainersV3 {
    /// Every key that a release of 3.0 read.
    public static let rules: [KeyRule] = machineRules + sizeRules + storageRules + debugRules + processRules + runtimeRules

    /// What was so without a key for it.
    static let fixedSettings: [FixedSetting] = [
        FixedSetting(
            target: TargetKey(.hypervisor, "shared_fs"), value: .string("virtio-9p"),
            reason: "Clear Containers shared files with the guest by 9p only"),
        FixedSetting(
            target: TargetKey(.hypervisor, "block_device_driver"), value: .string("virtio-blk"),
            reason: "up to 3.0.20 Clear Containers attached disks by virtio-blk only", releases: Release(3, 0, 0)...Release(3, 0, 20)),
        FixedSetting(
            target: TargetKey(.runtime, "internetworking_model"), value: .string("tcfilter"),
            reason: "up to 3.0.5 Clear Containers joined the networks by a bridge, which tcfilter stands for",
            releases: Release(3, 0, 0)...Release(3, 0, 5)),
        FixedSetting(
            target: TargetKey(.runtime, "internetworking_model"), value: .string("macvtap"),
            reason: "from 3.0.6 to 3.0.17 Clear Containers joined the networks by macvtap", releases: Release(3, 0, 6)...Release(3, 0, 17)),
    ]

    static let hypervisorTable = ["hypervisor", "qemu"]
    static let proxyTable = ["proxy", "cc"]
    static let shimTable = ["shim", "cc"]
    static let agentTable = ["agent", "cc"]
    static let hyperstartTable = ["agent", "hyperstart"]
    static let runtimeTable = ["runtime"]

    private static let signed32 = LegacyType.integer(Int64(Int32.min)...Int64(Int32.max))
    private static let unsigned32 = LegacyType.integer(0...Int64(UInt32.max))

    private static func rule(
        _ table: [String], _ name: String, _ type: LegacyType, since: Int = 0, until: Int = 23, absent: ConfigValue?, _ fate: KeyFate
    ) -> KeyRule {
        KeyRule(
            source: LegacyKey(table, name), type: type, releases: Release(3, 0, since)...Release(3, 0, until), absent: absent, fate: fate)
    }

    private static func hypervisor(
        _ name: String, _ type: LegacyType, since: Int = 0, absent: ConfigValue?, _ fate: KeyFate
    ) -> KeyRule {
        rule(hypervisorTable, name, type, since: since, absent: absent, fate)
    }

    private static func same(_ name: String) -> KeyFate { .carried(to: TargetKey(.hypervisor, name)) }

    private static let machineRules: [KeyRule] = [
        hypervisor("path", .string, absent: nil, .replaced(to: TargetKey(.hypervisor, "path"), by: .hypervisor, replacedHypervisor)),
        hypervisor("kernel", .string, absent: nil, .replaced(to: TargetKey(.hypervisor, "kernel"), by: .kernel, replacedKernel)),
        hypervisor("image", .string, absent: nil, .replaced(to: TargetKey(.hypervisor, "initrd"), by: .initrd, replacedImage)),
        hypervisor(
            "machine_type", .string, absent: .string("pc"), .mapped(to: TargetKey(.hypervisor, "machine_type"), .choices(machineTypes))),
        hypervisor(
            "kernel_params", .string, absent: .string(""),
            .mapped(to: TargetKey(.hypervisor, "kernel_params"), .words(separator: " ", guestParameters))),
        hypervisor("firmware", .string, since: 9, absent: .string(""), same("firmware")),
        hypervisor(
            "machine_accelerators", .string, since: 9, absent: .string(""),
            .mapped(to: TargetKey(.hypervisor, "machine_accelerators"), .words(separator: ",", machineOptions))),
    ]

    private static let sizeRules: [KeyRule] = [
        hypervisor(
            "default_vcpus", signed32, absent: .integer(1),
            .mapped(to: TargetKey(.hypervisor, "default_vcpus"), .remarked(Int64(Int32.min)...(-1), everyHostCPU))),
        hypervisor(
            "default_memory", unsigned32, absent: .integer(2048),
            .mapped(to: TargetKey(.hypervisor, "default_memory"), .raised(below: 8, to: 2048, tooLittleMemory))),
        hypervisor("default_bridges", unsigned32, since: 10, absent: .integer(1), same("default_bridges")),
        hypervisor("enable_mem_prealloc", .boolean, absent: .boolean(false), same("enable_mem_prealloc")),
        hypervisor("enable_hugepages", .boolean, since: 3, absent: .boolean(false), same("enable_hugepages")),
        hypervisor("enable_swap", .boolean, absent: .boolean(false), .dropped(memoryIsNotLocked)),
    ]

    private static let storageRules: [KeyRule] = [
        hypervisor("disable_block_device_use", .boolean, absent: .boolean(false), same("disable_block_device_use")),
        hypervisor(
            "block_device_driver", .string, since: 21, absent: .string("virtio-scsi"),
            .mapped(
                to: TargetKey(.hypervisor, "block_device_driver"),
                .choices([ValueChoice("virtio-scsi", "virtio-scsi"), ValueChoice("virtio-blk", "virtio-blk")]))),
    ]

    private static let debugRules: [KeyRule] = [
        hypervisor("enable_debug", .boolean, absent: .boolean(false), same("enable_debug")),
        hypervisor("disable_nesting_checks", .boolean, since: 3, absent: .boolean(false), same("disable_nesting_checks")),
    ]

    private static let processRules: [KeyRule] = [
        rule(proxyTable, "url", .string, until: 9, absent: nil, .dropped(noProxy)),
        rule(proxyTable, "path", .string, since: 10, absent: nil, .dropped(noProxy)),
        rule(proxyTable, "enable_debug", .boolean, since: 10, absent: nil, .dropped(noProxy)),
        rule(shimTable, "path", .string, absent: nil, .dropped(ownShim)),
        rule(shimTable, "enable_debug", .boolean, since: 4, absent: nil, .dropped(ownShim)),
        rule(hyperstartTable, "pause_root_path", .string, until: 5, absent: nil, .dropped(noPauseBinary)),
    ]

    private static let runtimeRules: [KeyRule] = [
        rule(runtimeTable, "global_log_path", .string, until: 7, absent: nil, .dropped(noLogFile)),
        rule(
            runtimeTable, "enable_debug", .boolean, since: 4, absent: .boolean(false), .carried(to: TargetKey(.runtime, "enable_debug"))),
        rule(
            runtimeTable, "internetworking_model", .string, since: 18, absent: .string("default"),
            .mapped(to: TargetKey(.runtime, "internetworking_model"), .choices(internetworkingModels))),
    ]
}
