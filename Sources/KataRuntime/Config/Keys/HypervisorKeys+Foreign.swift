// SPDX-License-Identifier: Apache-2.0

// Keys that every hypervisor table shares by name, although QEMU has no use for them, and keys that are gone.
extension HypervisorKeys {
    static let foreign: [ConfigKey] =
        [
            ConfigKey(
                .hypervisor, "ctlpath", .path, default: nil, since: "1.9.0", .foreign([.acrn]), "The acrnctl program."),
            ConfigKey(
                .hypervisor, "valid_ctlpaths", .strings, default: nil, since: "1.12.1", .foreign([.acrn]),
                "Glob patterns of what an annotation may set ctlpath to."),
            ConfigKey(
                .hypervisor, "jailer_path", .path, default: nil, since: "1.9.0", .foreign([.firecracker]), "Firecracker's jailer."),
            ConfigKey(
                .hypervisor, "valid_jailer_paths", .strings, default: nil, since: "1.12.1", .foreign([.firecracker]),
                "Glob patterns of what an annotation may set jailer_path to."),
            ConfigKey(
                .hypervisor, "disable_seccomp", .boolean, default: .boolean(false), since: "2.3.0",
                .foreign([.cloudHypervisor, .firecracker, .dragonball]), "The hypervisor runs without a seccomp filter."),
            ConfigKey(
                .hypervisor, "hypervisor_loglevel", .integer(0...3), default: .integer(1), since: "3.14.0", .foreign([.cloudHypervisor]),
                "How much the hypervisor logs."),
            ConfigKey(
                .hypervisor, "remote_hypervisor_socket", .path, default: .string("/run/peerpod/hypervisor.sock"), since: "3.3.0",
                .foreign([.remote]), "The socket of the process that makes remote VMs."),
            ConfigKey(
                .hypervisor, "remote_hypervisor_timeout", .seconds, default: .integer(600), since: "3.3.0", .foreign([.remote]),
                "How long making a remote VM may take."),
        ] + limiters

    private static let limiters: [ConfigKey] = ["disk", "net"].flatMap { device in
        [
            ("bw_max_rate", "Bandwidth limit in bit/s"), ("bw_one_time_burst", "Bandwidth burst in bits"),
            ("ops_max_rate", "Limit of operations per second"), ("ops_one_time_burst", "Burst of operations"),
        ].map { (limit, documentation) in
            ConfigKey(
                .hypervisor, "\(device)_rate_limiter_\(limit)", .signed64, default: .integer(0), since: "2.5.0",
                .foreign([.cloudHypervisor]), "\(documentation) of the guest's \(device == "disk" ? "disks" : "network"); 0 means none.")
        }
    }

    static let retired: [ConfigKey] = [
        ConfigKey(
            .hypervisor, "use_vsock", .boolean, default: .boolean(false), since: "1.2.0",
            .retired(lastRelease: "1.12.1", instead: nil), "The agent is reached over vsock; today the host's abilities decide."),
        ConfigKey(
            .hypervisor, "enable_swap", .boolean, default: .boolean(false), since: "1.0.0",
            .retired(lastRelease: "2.3.0", instead: nil), "Guest memory may be swapped out by the host."),
        ConfigKey(
            .hypervisor, "hotplug_vfio_on_root_bus", .boolean, default: .boolean(false), since: "1.3.0",
            .retired(lastRelease: "3.1.0", instead: "hot_plug_vfio"), "VFIO devices are hot-plugged to the root bus."),
    ]
}
