// SPDX-License-Identifier: Apache-2.0

/// `[hypervisor.qemu]`: the keys that have an effect, and the list of all.
enum HypervisorKeys {
    static let path = ConfigKey(
        .hypervisor, "path", .path, default: .string("/usr/bin/qemu-system-x86_64"), since: "1.0.0", .built, "The QEMU program.")
    static let kernel = ConfigKey(
        .hypervisor, "kernel", .path, default: .string("/usr/share/kata-containers/vmlinuz.container"), since: "1.0.0", .built,
        "The guest's kernel.")
    static let initrd = ConfigKey(
        .hypervisor, "initrd", .path, default: .string("/usr/share/kata-containers/kata-containers-initrd.img"), since: "1.0.0", .built,
        "The guest's initial RAM disk, which holds the agent; excludes image.")
    static let image = ConfigKey(
        .hypervisor, "image", .path, default: .string(""), since: "1.0.0",
        deviation: "the guest always boots from an initrd, so no image is assumed",
        "The guest's root file system image; excludes initrd.")
    static let machineType = ConfigKey(
        .hypervisor, "machine_type", .choice(["q35", "microvm"]), default: .string("q35"), since: "1.0.0",
        .partly([.string("q35")], othersRefused: true),
        hints: [
            "pc": "use q35: it boots the same guests, and devices are hot-plugged to its PCIe root ports",
            "pc-lite": "use q35: pc-lite existed in QEMU builds for Clear Containers only",
            "virt": "use q35: virt is the machine of arm64",
        ], "QEMU's machine type.")
    static let machineAccelerators = ConfigKey(
        .hypervisor, "machine_accelerators", .string, default: .string(""), since: "1.0.0", .built,
        "Further options of QEMU's -machine, separated by commas.")
    static let accelerator = ConfigKey(
        .hypervisor, "accelerator", .choice(["auto", "kvm", "tcg"]), default: .string("auto"), since: nil, .built,
        "What executes guest code; auto takes KVM where it runs a guest kernel at full speed and emulation elsewhere.")
    static let kernelParams = ConfigKey(
        .hypervisor, "kernel_params", .string, default: .string(""), since: "1.0.0", .built,
        "Words added to the guest kernel's command line behind our own, so that they win.")
    static let cpuFeatures = ConfigKey(
        .hypervisor, "cpu_features", .string, default: .string(""), since: "1.12.1", .built,
        "CPU flags for QEMU's -cpu, separated by commas, such as pmu=off.")
    static let defaultVCPUs = ConfigKey(
        .hypervisor, "default_vcpus", .number(Double(Int32.min)...Double(Int32.max)), default: .number(1), since: "1.0.0", .built,
        "vCPUs at boot, rounded up; 0 means 1, below 0 or above the host's CPUs means the host's CPUs.")
    static let defaultMaxVCPUs = ConfigKey(
        .hypervisor, "default_maxvcpus", .unsigned32, default: .integer(0), since: "1.0.0", .built,
        "vCPUs that the VM can grow to; 0 or above the host's CPUs means the host's CPUs, and 0 under emulation no growth.")
    static let defaultMemory = ConfigKey(
        .hypervisor, "default_memory", .mebibytes, default: .integer(2048), since: "1.0.0", .built,
        "The VM's memory at boot; 0 means 2048.")
    static let memorySlots = ConfigKey(
        .hypervisor, "memory_slots", .integer(0...256), default: .integer(10), since: "1.3.0", .built,
        "How often memory can be added to a running VM; 0 means 10.")
    static let sharedFS = ConfigKey(
        .hypervisor, "shared_fs", .choice(["virtio-9p", "virtio-fs", "virtio-fs-nydus", "none"]), default: .string("virtio-9p"),
        since: "1.7.0", .partly([.string("virtio-9p"), .string("virtio-fs")], othersRefused: true),
        deviation: "virtio-9p, as up to Kata 1.12, needs no daemon beside QEMU",
        "How the container's files reach the guest.")
    static let msize9P = ConfigKey(
        .hypervisor, "msize_9p", .integer(4096...Int64(UInt32.max), unit: "bytes"), default: .integer(524_288), since: "1.0.0", .built,
        deviation: "524288 reads several times faster than Kata's 8192",
        "The largest 9p message; 0 means 524288.")
    static let entropySource = ConfigKey(
        .hypervisor, "entropy_source", .path, default: .string("/dev/urandom"), since: "1.3.0", .built,
        "The host's device behind the guest's virtio-rng.")
    static let pcieRootPort = ConfigKey(
        .hypervisor, "pcie_root_port", .integer(0...16), default: .integer(0), since: "1.11.0", .built,
        "How many PCIe root ports are reserved for hot-plug.")
    static let guestHookPath = ConfigKey(
        .hypervisor, "guest_hook_path", .path, default: .string(""), since: "1.4.0", .built,
        "Directory in the guest with the hooks prestart/*, poststart/* and poststop/*, which every container gets.")
    static let enableDebug = ConfigKey(
        .hypervisor, "enable_debug", .boolean, default: .boolean(false), since: "1.0.0", .built,
        "The guest's kernel and QEMU say more.")
    static let validHypervisorPaths = ConfigKey(
        .hypervisor, "valid_hypervisor_paths", .strings, default: .strings(["/usr/bin/qemu-system-x86_64"]), since: "1.12.1",
        "Glob patterns of the paths that an annotation may set path to.")

    static let all: [ConfigKey] =
        [
            path, kernel, initrd, image, machineType, machineAccelerators, accelerator, kernelParams, cpuFeatures, defaultVCPUs,
            defaultMaxVCPUs, defaultMemory, memorySlots, sharedFS, msize9P, entropySource, pcieRootPort, guestHookPath, enableDebug,
            validHypervisorPaths,
        ] + boot + memory + cpu + block + sharedFileSystem + devices + network + observation + permission + confidential + foreign + retired
}
