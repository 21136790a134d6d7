// SPDX-License-Identifier: Apache-2.0

// What the guest boots and what its machine is made of.
extension HypervisorKeys {
    static let boot: [ConfigKey] = [
        ConfigKey(.hypervisor, "firmware", .path, default: .string(""), since: "1.0.0", "The firmware to boot through."),
        ConfigKey(
            .hypervisor, "firmware_volume", .path, default: .string(""), since: "2.4.0", "The variable store of a split firmware."),
        ConfigKey(.hypervisor, "pflashes", .strings, default: .strings([]), since: "2.1.0", "Further flash images for QEMU."),
        ConfigKey(
            .hypervisor, "rootfs_type", .choice(["ext4", "xfs", "erofs"]), default: .string("ext4"), since: "3.1.0",
            "The file system of the guest image."),
        ConfigKey(
            .hypervisor, "kernel_verity_params", .string, default: nil, since: "3.27.0", "The dm-verity parameters of the guest image."),
        ConfigKey(
            .hypervisor, "disable_image_nvdimm", .boolean, default: .boolean(false), since: "1.11.0",
            "The guest image is a virtio-blk disk instead of an NVDIMM."),
        ConfigKey(
            .hypervisor, "guest_extension_images", .tables(["name", "path", "verity_params"]), default: nil, since: "4.0.0",
            "Further read-only disks for the guest."),
    ]

    static let defaultMaxMemory = ConfigKey(
        .hypervisor, "default_maxmemory", .integer(0...Int64.max, unit: "MiB"), default: .integer(0), since: "2.5.0", .built,
        "Memory that the VM can grow to; 0 means the host's, and under emulation no growth.")

    static let memory: [ConfigKey] = [
        defaultMaxMemory,
        ConfigKey(
            .hypervisor, "memory_offset", .integer(0...Int64.max, unit: "MiB"), default: .integer(0), since: "1.5.0",
            "Added to the largest memory size, as room for NVDIMMs."),
        ConfigKey(
            .hypervisor, "enable_mem_prealloc", .boolean, default: .boolean(false), since: "1.0.0",
            "All guest memory is allocated and locked before boot."),
        ConfigKey(
            .hypervisor, "enable_hugepages", .boolean, default: .boolean(false), since: "1.0.0", "Guest memory comes from huge pages."),
        ConfigKey(
            .hypervisor, "enable_virtio_mem", .boolean, default: .boolean(false), since: "1.11.0", "Memory is resized by virtio-mem."),
        ConfigKey(
            .hypervisor, "reclaim_guest_freed_memory", .boolean, default: .boolean(false), since: "3.17.0",
            "Memory that the guest freed goes back to the host."),
        ConfigKey(
            .hypervisor, "enable_guest_swap", .boolean, default: .boolean(false), since: "2.2.0", "The guest may get a swap device."),
        ConfigKey(
            .hypervisor, "file_mem_backend", .path, default: .string(""), since: "1.8.0",
            .retired(lastRelease: "3.31.0", instead: nil), "The directory of file-backed guest memory."),
    ]

    static let cpu: [ConfigKey] = [
        ConfigKey(
            .hypervisor, "enable_numa", .boolean, default: .boolean(false), since: "3.27.0", "The guest sees the host's NUMA nodes."),
        ConfigKey(
            .hypervisor, "numa_mapping", .strings, default: .strings([]), since: "3.27.0", "Host nodes behind each guest node."),
        ConfigKey(
            .hypervisor, "disable_nesting_checks", .boolean, default: .boolean(false), since: "1.0.0",
            "Nothing is changed for a host that is a virtual machine itself."),
        ConfigKey(
            .hypervisor, "enable_iothreads", .boolean, default: .boolean(false), since: "1.0.0", "Disks get a thread of their own."),
        ConfigKey(
            .hypervisor, "indep_iothreads", .unsigned32, default: .integer(0), since: "3.24.0",
            "How many I/O threads belong to no device."),
    ]

    static let devices: [ConfigKey] = [
        ConfigKey(.hypervisor, "default_bridges", .unsigned32, default: .integer(1), since: "1.0.0", "PCI bridges for hot-plug."),
        ConfigKey(
            .hypervisor, "pcie_switch_port", .integer(0...16), default: .integer(0), since: "3.6.0", "PCIe switch ports for hot-plug."),
        ConfigKey(
            .hypervisor, "hot_plug_vfio", vfioPort, default: .string("no-port"), since: "3.2.0",
            "The port that VFIO devices are hot-plugged to; excludes cold_plug_vfio."),
        ConfigKey(
            .hypervisor, "cold_plug_vfio", vfioPort, default: .string("no-port"), since: "3.2.0",
            "The port that VFIO devices have from boot on; excludes hot_plug_vfio."),
        ConfigKey(
            .hypervisor, "enable_iommu", .boolean, default: .boolean(false), since: "1.12.1", "The guest gets a virtual IOMMU."),
        ConfigKey(
            .hypervisor, "enable_iommu_platform", .boolean, default: .boolean(false), since: "1.12.1",
            "virtio devices are placed behind the IOMMU."),
        ConfigKey(
            .hypervisor, "use_legacy_serial", .boolean, default: .boolean(false), since: "2.5.0",
            .partly([.boolean(true)], othersRefused: false), "The guest's console is an ISA serial port."),
    ]

    private static let vfioPort = ConfigType.choice(["no-port", "bridge-port", "root-port", "switch-port"])
}
