// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension RunV {
    /// Every flag that a release read, of runv itself and of the commands whose flags describe the host, and the variables.
    public static let rules: [KeyRule] = globalRules + daemonRules + templateRules + environmentRules

    /// Before the command, where runV's configuration was.
    static let globalRules: [KeyRule] = hostRules + logRules

    /// What they said of the machines of a host.
    static let hostRules: [KeyRule] = machineRules + sizeRules

    private static let firstCandidate = Release(1, 0, 0, .candidate(1))

    private static func rule(
        _ name: String, _ type: LegacyType = .string, since: Release, until: Release = master, in table: [String] = [],
        absent: ConfigValue? = nil, _ fate: KeyFate
    ) -> KeyRule {
        KeyRule(source: LegacyKey(table, name), type: type, releases: since...until, absent: absent, fate: fate)
    }

    private static let machineRules: [KeyRule] = [
        rule(
            "driver", since: Release(0, 4, 0), absent: .string(""),
            .mapped(to: TargetKey(.hypervisor, "accelerator"), .foldedChoices(drivers))),
        rule("kernel", since: Release(0, 4, 0), .replaced(to: TargetKey(.hypervisor, "kernel"), by: .kernel, replacedKernel)),
        rule("initrd", since: Release(0, 4, 0), .replaced(to: TargetKey(.hypervisor, "initrd"), by: .initrd, replacedInitrd)),
        rule("bios", since: firstCandidate, .carried(to: TargetKey(.hypervisor, "firmware"))),
        rule("cbfs", since: firstCandidate, .dropped(noCoreboot)),
        rule("vbox", since: Release(0, 4, 0), until: Release(1, 0, 0), .dropped(noVirtualBox)),
        rule(
            "template", since: Release(0, 6, 2), absent: .string(""),
            .mapped(to: TargetKey(.factory, "enable_template"), .presence(newTemplate))),
        rule("agent", since: master, .dropped(oneAgent)),
    ]

    /// `--bios` beside `--cbfs`.
    static let pairedBios = rule("bios", since: firstCandidate, .dropped(noCoreboot))

    private static let sizeRules: [KeyRule] = [
        rule(
            "default_cpus", anyInteger, since: Release(0, 7, 0), absent: .integer(1),
            .mapped(to: TargetKey(.hypervisor, "default_vcpus"), .raised(below: 1, to: 1, noCPU))),
        rule(
            "default_memory", anyInteger, since: Release(0, 7, 0), absent: .integer(128),
            .mapped(
                to: TargetKey(.hypervisor, "default_memory"),
                .raised(below: GuestFloor.memoryMiB, to: GuestFloor.memoryMiB, tooLittleMemory))),
    ]

    private static let anyInteger = LegacyType.integer(Int64.min...Int64.max)

    /// Releases without these flags had the same values built in.
    static let sizes: Set<LegacyKey> = Set(sizeRules.map(\.source))

    private static let logRules: [KeyRule] = [
        rule("debug", .boolean, since: Release(0, 6, 0), absent: .boolean(false), .carried(to: TargetKey(.runtime, "enable_debug"))),
        rule("log_dir", since: Release(0, 6, 0), .dropped(noLogDirectory)),
        rule("log", since: Release(0, 6, 0), .dropped(ignoredFlag)),
        rule("log-format", since: Release(0, 6, 0), .dropped(ignoredFlag)),
        rule("root", since: Release(0, 5, 0), .dropped(ownRoot)),
        rule("id", since: Release(0, 5, 0), until: Release(0, 5, 0), .dropped(idOfContainer)),
    ]

    /// `runv containerd`, and `runv-containerd` of 0.6.0: runV as a containerd of docker 1.11 and 1.12.
    static let daemonRules: [KeyRule] = [
        rule("state-dir", since: Release(0, 6, 0), until: Release(0, 8, 1), in: ["containerd"], .dropped(noDaemon)),
        rule("containerd-dir", since: Release(0, 6, 2), until: Release(0, 8, 1), in: ["containerd"], .dropped(noDaemon)),
        rule("listen", since: Release(0, 6, 0), until: Release(0, 8, 1), in: ["containerd"], .dropped(noDaemonSocket)),
        rule("solo-namespaced", .boolean, since: Release(0, 6, 2), until: Release(0, 8, 1), in: ["containerd"], .dropped(noDaemon)),
        rule("metrics-interval", since: Release(0, 6, 0), until: Release(0, 6, 0), in: ["containerd"], .dropped(ignoredFlag)),
        rule("runtime", since: Release(0, 6, 0), until: Release(0, 6, 0), in: ["containerd"], .dropped(ignoredFlag)),
        rule("runtime-args", since: Release(0, 6, 0), until: Release(0, 6, 0), in: ["containerd"], .dropped(ignoredFlag)),
        rule("pprof-address", since: Release(0, 6, 0), until: Release(0, 6, 0), in: ["containerd"], .dropped(ignoredFlag)),
        rule("start-timeout", since: Release(0, 6, 0), until: Release(0, 6, 0), in: ["containerd"], .dropped(ignoredFlag)),
    ]
    /// What `runv-containerd` took of runV's own flags.
    static let containerdRules = globalRules.filter {
        ["debug", "log_dir", "kernel", "initrd", "driver"].contains($0.source.name)
    }
    static let daemonAliases = ["l": "listen", "r": "runtime"]

    /// `runv manage create-template`.
    private static let templateRules: [KeyRule] = [
        rule("cpu", anyInteger, since: Release(0, 6, 2), in: ["manage", "create-template"], .dropped(templateSize)),
        rule("mem", anyInteger, since: Release(0, 6, 2), in: ["manage", "create-template"], .dropped(templateSize)),
    ]

    /// Commands whose own flags say something about the host.
    static let verbRules: [String: [KeyRule]] = ["containerd": daemonRules, "manage": templateRules]

    /// Every other command of a release.
    static let verbs: Set<String> = [
        "create", "delete", "exec", "help", "h", "interface", "kill", "list", "network-nslisten", "pause", "proxy", "ps", "resume", "run",
        "shim", "spec", "start", "state", "watcher",
    ]

    /// Variables in a container's environment that runV took for itself and out of it.
    static let environmentRules: [KeyRule] = [
        rule("hypervisor.kernel", since: Release(0, 6, 2), in: ["process", "env"], .dropped(perContainer("kernel"))),
        rule("hypervisor.initrd", since: Release(0, 6, 2), in: ["process", "env"], .dropped(perContainer("initrd"))),
        rule("hypervisor.bios", since: firstCandidate, in: ["process", "env"], .dropped(perContainer("firmware"))),
        rule("hypervisor.cbfs", since: firstCandidate, in: ["process", "env"], .dropped(perContainer("firmware_volume"))),
    ]

    /// What was so without a flag.
    static func fixedSettings(_ assets: TargetAssets) -> [FixedSetting] {
        [
            FixedSetting(
                target: TargetKey(.hypervisor, "path"), value: .string(assets.hypervisor.string),
                reason: "runV took the first qemu-system-x86_64 of its PATH"),
            FixedSetting(
                target: TargetKey(.hypervisor, "shared_fs"), value: .string("virtio-9p"),
                reason: "runV shared files with the guest by 9p only"),
        ]
    }
}
