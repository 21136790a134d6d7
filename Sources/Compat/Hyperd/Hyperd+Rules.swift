// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension Hyperd {
    /// Every key that a release read; the members of VmFactoryPolicy are keys of their own.
    public static let rules: [KeyRule] = machineRules + factoryRules + storageRules + networkRules + daemonRules

    private static let first = releases.lowerBound
    static let factoryTable = ["VmFactoryPolicy"]
    static let logTable = ["Log"]

    private static let machineRules: [KeyRule] = [
        rule(
            "Hypervisor", since: Release(0, 3, 0), absent: .string(""),
            .mapped(to: TargetKey(.hypervisor, "accelerator"), .foldedChoices(drivers))),
        rule("Kernel", since: first, .replaced(to: TargetKey(.hypervisor, "kernel"), by: .kernel, replacedKernel)),
        rule("Initrd", since: first, .replaced(to: TargetKey(.hypervisor, "initrd"), by: .initrd, replacedInitrd)),
        rule("Bios", until: Release(0, 7, 0), .carried(to: TargetKey(.hypervisor, "firmware"))),
        rule("Cbfs", until: Release(0, 7, 0), .dropped(noCoreboot)),
        rule("Vbox", since: Release(0, 3, 0), until: Release(0, 7, 0), .dropped(noVirtualBox)),
        rule("EnableVsock", .boolean, since: Release(0, 8, 0), .dropped(alwaysVsock)),
        rule("GDBTCPPort", anyInteger, since: Release(1, 1, 0, .candidate(1)), .dropped(noDebugger)),
    ]

    /// `--bios` beside a flash was its other half.
    static let pairedBios = rule("Bios", until: Release(0, 7, 0), .dropped(noCoreboot))

    private static let factoryRules: [KeyRule] = [
        rule("VmCachePolicy", since: Release(0, 5, 0), until: Release(0, 5, 0), .dropped(oldPolicy)),
        factory("cache", anyInteger, absent: .integer(0), to: TargetKey(.factory, "vm_cache_number"), .raised(below: 0, to: 0, noCache)),
        KeyRule(
            source: LegacyKey(factoryTable, "template"), type: .boolean, releases: Release(0, 6, 0)...master, absent: .boolean(false),
            fate: .carried(to: TargetKey(.factory, "enable_template"))),
        factory("cpu", anyInteger, absent: .integer(1), to: TargetKey(.hypervisor, "default_vcpus"), .raised(below: 1, to: 1, noCPU)),
        factory(
            "memory", anyInteger, absent: .integer(128), to: TargetKey(.hypervisor, "default_memory"),
            .raised(below: GuestFloor.memoryMiB, to: GuestFloor.memoryMiB, tooLittleMemory)),
    ]

    /// A pod that named no size had these, in every release.
    static let sizes: Set<LegacyKey> = [LegacyKey(factoryTable, "cpu"), LegacyKey(factoryTable, "memory")]

    private static let storageRules: [KeyRule] = [
        rule("Root", since: Release(0, 3, 0), .dropped(ownRoot)),
        rule("StorageDriver", since: Release(0, 5, 0), .dropped(engineStores)),
        rule("StorageBaseSize", since: Release(1, 0, 0), .dropped(engineStores)),
    ]

    private static let networkRules: [KeyRule] = [
        rule("Bridge", since: first, .dropped(engineNetwork)), rule("BridgeIP", since: first, .dropped(engineNetwork)),
        rule("DisableIptables", .boolean, since: Release(0, 4, 0), .dropped(engineNetwork)),
    ]

    private static let daemonRules: [KeyRule] = [
        rule("Host", since: first, .dropped(noInterface)), rule("gRPCHost", since: Release(0, 6, 0), .dropped(noInterface)),
        rule("Logger", since: Release(0, 5, 0), .dropped(engineLogs)),
        rule("PodLogPrefix", since: Release(0, 5, 0), in: logTable, .dropped(engineLogs)),
        rule("PodIdInPath", .boolean, since: Release(0, 5, 0), in: logTable, .dropped(engineLogs)),
        rule("BufferGoroutinesMax", unsigned64, since: master, .dropped(noDaemon)),
        rule("BufferChannelSize", unsigned64, since: master, .dropped(noDaemon)),
    ]

    private static let anyInteger = LegacyType.integer(Int64.min...Int64.max)
    private static let unsigned64 = LegacyType.integer(0...Int64.max)

    private static func rule(
        _ name: String, _ type: LegacyType = .string, since: Release = first, until: Release = master, in table: [String] = [],
        absent: ConfigValue? = nil, _ fate: KeyFate
    ) -> KeyRule {
        KeyRule(source: LegacyKey(table, name), type: type, releases: since...until, absent: absent, fate: fate)
    }

    private static func factory(
        _ name: String, _ type: LegacyType, absent: ConfigValue, to target: TargetKey, _ mapping: ValueMapping
    ) -> KeyRule {
        KeyRule(
            source: LegacyKey(factoryTable, name), type: type, releases: Release(0, 6, 0)...master, absent: absent,
            fate: .mapped(to: target, mapping))
    }

    /// What was so without a key.
    static func fixedSettings(_ assets: TargetAssets) -> [FixedSetting] {
        [
            FixedSetting(
                target: TargetKey(.hypervisor, "path"), value: .string(assets.hypervisor.string),
                reason: "hyperd took the first qemu-system-x86_64 of its PATH"),
            FixedSetting(
                target: TargetKey(.hypervisor, "shared_fs"), value: .string("virtio-9p"),
                reason: "hyperd shared files with the guest by 9p only"),
        ]
    }
}
