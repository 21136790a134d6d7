// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension Frakti {
    /// Every flag that a release read.
    public static let rules: [KeyRule] = sizeRules + endpointRules + runtimeRules + logRules + vendoredRules

    private static let first = releases.lowerBound
    private static let last = releases.upperBound

    private static func rule(
        _ name: String, _ type: LegacyType = .string, since: Release, until: Release = last, absent: ConfigValue? = nil, _ fate: KeyFate
    ) -> KeyRule {
        KeyRule(source: LegacyKey([], name), type: type, releases: since...until, absent: absent, fate: fate)
    }

    private static let signed32 = LegacyType.integer(Int64(Int32.min)...Int64(Int32.max))

    private static let sizeRules: [KeyRule] = [
        rule(
            "cpu", signed32, since: Release(0, 3, 0), absent: .integer(1),
            .mapped(to: TargetKey(.hypervisor, "default_vcpus"), .raised(below: 1, to: 1, noCPU))),
        rule(
            "memory", signed32, since: Release(0, 3, 0), absent: .integer(64),
            .mapped(
                to: TargetKey(.hypervisor, "default_memory"),
                .raised(below: GuestFloor.memoryMiB, to: GuestFloor.memoryMiB, tooLittleMemory))),
    ]

    /// Releases without these flags left both to hyperd, which had one CPU as well and more memory than frakti's later 64.
    static let sizes: Set<LegacyKey> = Set(sizeRules.map(\.source))

    private static let endpointRules: [KeyRule] = [
        rule("listen", since: first, .dropped(noEndpoint)),
        rule("hyper-endpoint", since: first, .dropped(noHyperd)),
        rule("streaming-server-port", since: first, .dropped(engineStreams)),
        rule("streaming-server-addr", since: first, .dropped(engineStreams)),
        rule("cni-net-dir", since: first, .dropped(engineNetworks)),
        rule("cni-plugin-dir", since: first, .dropped(engineNetworks)),
        rule("root-directory", since: Release(1, 0, 0), .dropped(ownRoot)),
    ]

    private static let runtimeRules: [KeyRule] = [
        rule("docker-endpoint", since: first, .dropped(noPrivileged)),
        rule("enable-alternative-runtime", .boolean, since: first, until: Release(1, 0, 0), .dropped(noPrivileged)),
        rule("enable-privileged-runtime", .boolean, since: Release(1, 1, 0), .dropped(noPrivileged)),
        rule("enable-unikernel-runtime", .boolean, since: Release(1, 1, 0), .dropped(noUnikernel)),
        rule("enable-unikernel-log", .boolean, since: Release(1, 1, 0), .dropped(noUnikernel)),
        rule("cgroup-driver", since: first, .dropped(engineCgroups)),
        rule("pod-infra-container-image", since: Release(1, 10, 0), .dropped(enginePause)),
    ]

    /// glog's.
    private static let logRules: [KeyRule] = [
        rule("v", since: first, .dropped(engineLogs)), rule("log-dir", since: first, .dropped(engineLogs)),
        rule("logtostderr", .boolean, since: first, .dropped(engineLogs)),
        rule("alsologtostderr", .boolean, since: first, .dropped(engineLogs)),
        rule("stderrthreshold", since: first, .dropped(engineLogs)), rule("vmodule", since: first, .dropped(engineLogs)),
        rule("log-backtrace-at", since: first, .dropped(engineLogs)), rule("log-flush-frequency", since: first, .dropped(engineLogs)),
        rule("version", .boolean, since: first, until: Release(1, 9, 1), .dropped(printsOnly)),
        rule("help", .boolean, since: first, .dropped(printsOnly)),
    ]

    /// cAdvisor's, which frakti's program had and hid.
    private static let vendoredRules: [KeyRule] =
        [
            "boot-id-file", "container-hints", "docker", "docker-env-metadata-whitelist", "docker-root", "event-storage-age-limit",
            "event-storage-event-limit", "global-housekeeping-interval", "housekeeping-interval", "machine-id-file",
            "storage-driver-buffer-duration", "storage-driver-db", "storage-driver-host", "storage-driver-password",
            "storage-driver-table", "storage-driver-user",
        ].map { rule($0, since: first, .dropped(noEffect)) }
        + ["docker-only", "log-cadvisor-usage", "storage-driver-secure"].map { rule($0, .boolean, since: first, .dropped(noEffect)) }

    /// What hyperd did for frakti without a flag of frakti's.
    static func fixedSettings(_ assets: TargetAssets) -> [FixedSetting] {
        [
            FixedSetting(
                target: TargetKey(.hypervisor, "path"), value: .string(assets.hypervisor.string),
                reason: "hyperd took the first qemu-system-x86_64 of its PATH"),
            FixedSetting(
                target: TargetKey(.hypervisor, "kernel"), value: .string(assets.kernel.string),
                reason: "hyperd's configuration named hyperstart's kernel, and it has to fit the initrd that holds the agent"),
            FixedSetting(
                target: TargetKey(.hypervisor, "initrd"), value: .string(assets.initrd.string),
                reason: "hyperd's initrd holds hyperstart, which does not speak Kata's protocol"),
            FixedSetting(
                target: TargetKey(.hypervisor, "shared_fs"), value: .string("virtio-9p"),
                reason: "hyperd shared files with the guest by 9p only"),
        ]
    }
}
