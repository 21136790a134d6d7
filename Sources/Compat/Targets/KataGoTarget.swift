// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension TargetDialect {
    /// The last release of Kata 1.
    static let kata112 = TargetDialect(
        id: Dialect.ID(rawValue: "kata-1.12"), title: "Kata Containers 1.12", searchPaths: ConfigurationSearch.standardPaths,
        rules: TargetRules(
            vocabulary: .go(Release(1, 12, 1)), hypervisors: ["qemu", "clh", "firecracker", "acrn"],
            exceptions: [
                TargetKey(.hypervisor, "default_vcpus"): .written(to: nil, .roundedUp(wholeCPUs)),
                TargetKey(.hypervisor, "shared_fs"): .written(to: nil, .choices(["virtio-9p", "virtio-fs"].map { ValueChoice($0, $0) })),
                TargetKey(.hypervisor, "virtio_fs_cache"): .written(to: nil, .choices(cacheModes112)),
                TargetKey(.runtime, "experimental"): .written(to: nil, .elements(["newstore"], unknownFeature)),
                TargetKey(.hypervisor, "accelerator"): .implied(.string("kvm"), otherwise: ownKey),
            ],
            defaults: [
                TargetKey(.hypervisor, "machine_type"): .string("pc"),
                TargetKey(.hypervisor, "disable_block_device_use"): .boolean(false),
            ],
            required: [
                RequiredEntry(
                    key: LegacyKey(["proxy", "kata"], "path"), value: .string("/usr/libexec/kata-containers/kata-proxy"),
                    reason: "without the table the command-line runtime has no proxy and reaches no agent over a serial port"),
                RequiredEntry(
                    key: LegacyKey(["shim", "kata"], "path"), value: .string("/usr/libexec/kata-containers/kata-shim"),
                    reason: "without the table the command-line runtime starts no container"),
                RequiredEntry(
                    key: LegacyKey(["agent", "kata"], "enable_debug"), value: .boolean(false),
                    reason: "without the table the command-line runtime knows no agent"),
            ],
            assets: UpstreamAssets(below: "/usr", compatible: [KataGo.generation1], templatesNeedInitrd: true)))

    /// The Go runtime of the newest release.
    static let kata41 = TargetDialect(
        id: Dialect.ID(rawValue: "kata-4.1"), title: "Kata Containers 4.1 (Go)", searchPaths: ConfigurationSearch.standardPaths,
        rules: TargetRules(
            vocabulary: .go(Release(4, 1, 0)), hypervisors: ["qemu", "clh", "firecracker", "dragonball", "stratovirt", "remote"],
            exceptions: [
                TargetKey(.hypervisor, "default_memory"): .written(to: nil, .raised(below: 256, to: 256, smallestMemory)),
                TargetKey(.hypervisor, "shared_fs"): .written(
                    to: nil, .choices(["virtio-9p", "virtio-fs", "virtio-fs-nydus", "none"].map { ValueChoice($0, $0) })),
                TargetKey(.hypervisor, "virtio_fs_cache"): .written(to: nil, .choices(cacheModes41)),
                TargetKey(.runtime, "experimental"): .written(to: nil, .elements([], unknownFeature)),
                TargetKey(.hypervisor, "hotplug_vfio_on_root_bus"): .written(
                    to: LegacyKey(ConfigTable.hypervisor.path, "hot_plug_vfio"), .values(rootBus)),
                TargetKey(.hypervisor, "accelerator"): .implied(.string("kvm"), otherwise: ownKey),
            ],
            defaults: [
                TargetKey(.hypervisor, "shared_fs"): .string("virtio-fs"),
                TargetKey(.hypervisor, "disable_block_device_use"): .boolean(false),
                TargetKey(.agent, "dial_timeout"): .integer(30),
            ],
            required: [
                RequiredEntry(
                    key: LegacyKey(["agent", "kata"], "enable_debug"), value: .boolean(false),
                    reason: "without the table it does not keep its connection to the agent")
            ],
            assets: UpstreamAssets(below: "/opt/kata", compatible: KataGo.ttrpcGenerations.union([RuntimeRS.id]))))

    static let ownKey = "the key is our own; upstream always takes KVM"

    private static let wholeCPUs = Remark(.changedForTarget, .warning, "it takes whole vCPUs only")
    private static let unknownFeature = Remark(.changedForTarget, .warning, "it refuses a file with a feature that it does not know")
    private static let smallestMemory = Remark(.changedForTarget, .warning, "it takes 2048 MiB when fewer than 256 are asked for")

    private static let cacheModes112: [ValueChoice] = [
        ValueChoice("none", "none"), ValueChoice("auto", "auto"), ValueChoice("always", "always"),
        ValueChoice("never", "none", Remark(.respeltForTarget, .note, "its name for it")),
        ValueChoice("metadata", "none", Remark(.changedForTarget, .warning, "it cannot cache metadata alone")),
    ]
    static let cacheModes41: [ValueChoice] = [
        ValueChoice("never", "never"), ValueChoice("metadata", "metadata"), ValueChoice("auto", "auto"), ValueChoice("always", "always"),
        ValueChoice("none", "never", Remark(.respeltForTarget, .note, "its name for it since 2.5")),
    ]
    private static let rootBus = [
        ValuePair(.boolean(true), .string("root-port"), Remark(.respeltForTarget, .note, "devices are plugged to root ports since 3.2")),
        ValuePair(.boolean(false), .string("no-port"), Remark(.respeltForTarget, .note, "no port is chosen")),
    ]
}
