// SPDX-License-Identifier: Apache-2.0

// Disks, shared file systems and network cards.
extension HypervisorKeys {
    static let block: [ConfigKey] = [
        ConfigKey(
            .hypervisor, "block_device_driver",
            .choice(["virtio-scsi", "virtio-blk", "virtio-mmio", "nvdimm", "virtio-blk-ccw"]), default: .string("virtio-scsi"),
            since: "1.0.0", "The bus of disks."),
        ConfigKey(
            .hypervisor, "disable_block_device_use", .boolean, default: .boolean(true), since: "1.0.0",
            .partly([.boolean(true)], othersRefused: false),
            "A root file system on a block device is shared as files instead of attached as a disk."),
        ConfigKey(
            .hypervisor, "block_device_aio", .choice(["threads", "native", "io_uring"]), default: .string("io_uring"), since: "3.0.0",
            "QEMU's engine for disk I/O."),
        ConfigKey(
            .hypervisor, "block_device_cache_set", .boolean, default: .boolean(false), since: "1.5.0",
            "The two following keys are applied."),
        ConfigKey(
            .hypervisor, "block_device_cache_direct", .boolean, default: .boolean(false), since: "1.5.0",
            "Disks are opened with O_DIRECT."),
        ConfigKey(
            .hypervisor, "block_device_cache_noflush", .boolean, default: .boolean(false), since: "1.5.0",
            "The guest's flushes are ignored."),
        ConfigKey(
            .hypervisor, "block_device_logical_sector_size", .integer(0...65536, unit: "bytes"), default: .integer(0), since: "3.29.0",
            "0, or a power of two from 512."),
        ConfigKey(
            .hypervisor, "block_device_physical_sector_size", .integer(0...65536, unit: "bytes"), default: .integer(0), since: "3.29.0",
            "0, or a power of two not below the logical sector size."),
        ConfigKey(
            .hypervisor, "enable_vhost_user_store", .boolean, default: .boolean(false), since: "1.11.0",
            "Disks may come from vhost-user processes."),
        ConfigKey(
            .hypervisor, "vhost_user_store_path", .path, default: .string("/var/run/kata-containers/vhost-user"), since: "1.11.0",
            "The directory of vhost-user sockets and device nodes."),
        ConfigKey(
            .hypervisor, "vhost_user_reconnect_timeout_sec", .seconds, default: .integer(0), since: "3.1.0",
            "How long a vhost-user process may stay away; 0 turns reconnecting off."),
    ]

    static let virtioFSDaemon = ConfigKey(
        .hypervisor, "virtio_fs_daemon", .path, default: .string("/usr/libexec/virtiofsd"), since: "1.7.0", .built,
        "The virtiofsd program, that of QEMU or the one in Rust; Debian 12 has it at /usr/lib/qemu/virtiofsd.")
    static let virtioFSCache = ConfigKey(
        .hypervisor, "virtio_fs_cache", .choice(["never", "metadata", "auto", "always", "none"]), default: .string("auto"),
        since: "1.7.0", .built, "What virtio-fs caches in the guest; none is the older name of never.")
    static let virtioFSQueueSize = ConfigKey(
        .hypervisor, "virtio_fs_queue_size", .unsigned32, default: .integer(1024), since: "3.1.0", .built,
        "Entries of virtio-fs's queue, a power of two up to 1024.")
    static let virtioFSExtraArgs = ConfigKey(
        .hypervisor, "virtio_fs_extra_args", .strings, default: .strings(["--thread-pool-size=1", "--announce-submounts"]),
        since: "1.9.0", .built, "Further arguments of virtiofsd.")

    static let sharedFileSystem: [ConfigKey] = [
        virtioFSDaemon, virtioFSCache,
        ConfigKey(
            .hypervisor, "virtio_fs_cache_size", .mebibytes, default: .integer(0), since: "1.7.0",
            "The DAX window of virtio-fs; 0 turns it off."),
        virtioFSQueueSize, virtioFSExtraArgs,
    ]

    static let network: [ConfigKey] = [
        ConfigKey(
            .hypervisor, "disable_vhost_net", .boolean, default: .boolean(false), since: "1.3.0",
            "Network packets pass through QEMU instead of the host's kernel."),
        ConfigKey(
            .hypervisor, "rx_rate_limiter_max_rate", .integer(0...Int64.max, unit: "bit/s"), default: .integer(0), since: "2.0.0",
            "Inbound network limit; 0 means none."),
        ConfigKey(
            .hypervisor, "tx_rate_limiter_max_rate", .integer(0...Int64.max, unit: "bit/s"), default: .integer(0), since: "2.0.0",
            "Outbound network limit; 0 means none."),
    ]
}
