// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension RuntimeRS {
    /// Every key of a sandbox that QEMU runs; tables of other hypervisors stay as they are.
    static let rules: [KeyRule] = tables.flatMap { table in
        (types(of: table) ?? [:]).sorted { $0.key < $1.key }.map { name, type in
            let key = LegacyKey(table, name)
            return KeyRule(source: key, type: type, releases: releases, absent: defaults[key], fate: fate(of: key))
        }
    }

    private static let qemu = ConfigTable.hypervisor.path
    private static let agent = ConfigTable.agent.path
    private static let runtime = ConfigTable.runtime.path

    static let tables: [[String]] = [
        qemu, qemu + ["factory"], agent, agent + ["mem_agent"], runtime,
    ]

    private static func fate(of key: LegacyKey) -> KeyFate {
        if let fate = otherFates[key] { return fate }
        guard let table = ConfigTable.allCases.first(where: { $0.path == key.table }), table.key(named: key.name) != nil else {
            return .dropped(ownKey)
        }
        let target = TargetKey(table, key.name)
        return mappings[target].map { .mapped(to: target, $0) } ?? .carried(to: target)
    }

    /// What it does without a key, where that is not what we do.
    private static let defaults: [LegacyKey: ConfigValue] = [
        LegacyKey(qemu, "shared_fs"): .string("none"), LegacyKey(qemu, "default_memory"): .integer(128),
        LegacyKey(qemu, "memory_slots"): .integer(128), LegacyKey(qemu, "disable_block_device_use"): .boolean(false),
        LegacyKey(qemu, "block_device_driver"): .string("virtio-blk-pci"), LegacyKey(qemu, "virtio_fs_cache"): .string("never"),
        LegacyKey(qemu, "enable_annotations"): .strings([]), LegacyKey(agent, "reconnect_timeout_ms"): .integer(3000),
        LegacyKey(agent, "create_container_timeout"): .integer(30), LegacyKey(runtime, "disable_guest_seccomp"): .boolean(false),
    ]

    private static func hypervisor(_ name: String) -> TargetKey { TargetKey(.hypervisor, name) }

    private static let otherFates: [LegacyKey: KeyFate] = [
        LegacyKey(qemu, "kernel"): .replaced(to: hypervisor("kernel"), by: .kernel, guestKernel),
        LegacyKey(qemu, "image"): .replaced(to: hypervisor("initrd"), by: .initrd, guestRoot),
        LegacyKey(qemu, "initrd"): .replaced(to: hypervisor("initrd"), by: .initrd, guestRoot),
        LegacyKey(qemu, "seccomp_sandbox"): .carried(to: hypervisor("seccompsandbox")),
        LegacyKey(qemu, "log_level"): .mapped(to: hypervisor("hypervisor_loglevel"), .values(logLevels)),
        LegacyKey(qemu, "selinux_label"): .carried(to: TargetKey(.runtime, "guest_selinux_label")),
        LegacyKey(qemu + ["factory"], "enable_template"): .carried(to: TargetKey(.factory, "enable_template")),
        LegacyKey(qemu + ["factory"], "template_path"): .carried(to: TargetKey(.factory, "template_path")),
        LegacyKey(agent, "reconnect_timeout_ms"): .mapped(to: TargetKey(.agent, "dial_timeout"), .divided(by: 1000, seconds)),
        LegacyKey(agent, "dial_timeout_ms"): .dropped(pause),
        LegacyKey(agent, "cdh_api_timeout_ms"): .mapped(to: TargetKey(.agent, "cdh_api_timeout"), .divided(by: 1000, seconds)),
        LegacyKey(agent, "create_container_timeout"): .carried(to: TargetKey(.runtime, "create_container_timeout")),
        // A file's name for what runs; the tables say the same.
        LegacyKey(runtime, "hypervisor_name"): .dropped(selection), LegacyKey(runtime, "agent_name"): .dropped(selection),
        LegacyKey(runtime, "name"): .dropped(selection),
    ]

    private static let mappings: [TargetKey: ValueMapping] = [
        hypervisor("block_device_driver"): .choices([
            ValueChoice("", ""), ValueChoice("virtio-scsi", "virtio-scsi"), ValueChoice("virtio-blk-ccw", "virtio-blk-ccw"),
            ValueChoice("virtio-blk-pci", "virtio-blk", spelling), ValueChoice("virtio-blk-mmio", "virtio-mmio", spelling),
            ValueChoice("virtio-pmem", "nvdimm", spelling),
        ]),
        hypervisor("shared_fs"): .choices([
            ValueChoice("", "virtio-fs", spelling), ValueChoice("virtio-fs", "virtio-fs"), ValueChoice("none", "none"),
            ValueChoice("virtio-fs-nydus", "virtio-fs-nydus"), ValueChoice("inline-virtio-fs", "virtio-fs", inline),
        ]),
        hypervisor("block_device_aio"): .choices(["", "threads", "native", "io_uring"].map { ValueChoice($0, $0) }),
        hypervisor("default_memory"): .raised(below: 1, to: 128, noMemory),
        TargetKey(.runtime, "internetworking_model"): .choices([
            ValueChoice("", "tcfilter", spelling), ValueChoice("tcfilter", "tcfilter"), ValueChoice("none", "none"),
            ValueChoice("macvtap", "macvtap", noNetwork), ValueChoice("l3forwarding", "tcfilter", forwarding),
        ]),
        TargetKey(.runtime, "vfio_mode"): .choices(["", "vfio", "guest-kernel"].map { ValueChoice($0, $0) }),
        TargetKey(.runtime, "emptydir_mode"): .choices(["", "shared-fs", "block-encrypted", "block-plain"].map { ValueChoice($0, $0) }),
    ]

    /// Anything above `debug` is what the others log too.
    private static let logLevels =
        [ValuePair(.string("trace"), .integer(3), spelling), ValuePair(.string("debug"), .integer(2), spelling)]
        + ["", "info", "warn", "warning", "error", "critical"].map { ValuePair(.string($0), .integer(1), spelling) }

    private static let guestKernel = Remark(.rustGuestFile, .note, "the guest kernel has to fit the initrd that holds the agent")
    private static let guestRoot = Remark(.rustGuestFile, .note, "the guest boots from the initrd that holds the agent")
    private static let ownKey = Remark(.rustOnly, .note, "only runtime-rs has the key")
    private static let pause = Remark(.rustOnly, .note, "only runtime-rs lets the pause between two tries be chosen")
    private static let selection = Remark(.rustOnly, .note, "the tables say which parts run")
    private static let spelling = Remark(.rustSpelling, .note, "the unified name for it")
    private static let seconds = Remark(.rustSpelling, .note, "counted in seconds, rounded up")
    private static let inline = Remark(.rustMeaning, .warning, "the daemon is not part of the runtime here")
    private static let noMemory = Remark(.rustMeaning, .warning, "runtime-rs takes 128 MiB for 0")
    private static let noNetwork = Remark(
        .rustMeaning, .warning,
        "runtime-rs takes macvtap without complaint and then connects no network; the translation asks for it in earnest")
    private static let forwarding = Remark(.rustMeaning, .warning, "l3forwarding exists in runtime-rs only")
}
