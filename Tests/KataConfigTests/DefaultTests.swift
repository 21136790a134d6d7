// SPDX-License-Identifier: Apache-2.0

import KataConfig
import KataText
import SystemPackage
import Testing

@Suite struct DefaultTests {
    /// What Kata 4.1's Go runtime documents, 1.12's where 4.1 has the key no more.
    static let documented: [(key: String, value: ConfigValue)] = [
        ("hypervisor.qemu.path", .string("/usr/bin/qemu-system-x86_64")),
        ("hypervisor.qemu.kernel", .string("/usr/share/kata-containers/vmlinuz.container")),
        ("hypervisor.qemu.initrd", .string("/usr/share/kata-containers/kata-containers-initrd.img")),
        ("hypervisor.qemu.image", .string("/usr/share/kata-containers/kata-containers.img")),
        ("hypervisor.qemu.machine_type", .string("q35")),
        ("hypervisor.qemu.default_vcpus", .number(1)),
        ("hypervisor.qemu.default_maxvcpus", .integer(0)),
        ("hypervisor.qemu.default_memory", .integer(2048)),
        ("hypervisor.qemu.memory_slots", .integer(10)),
        ("hypervisor.qemu.memory_offset", .integer(0)),
        ("hypervisor.qemu.default_bridges", .integer(1)),
        ("hypervisor.qemu.shared_fs", .string("virtio-fs")),
        ("hypervisor.qemu.msize_9p", .integer(8192)),
        ("hypervisor.qemu.entropy_source", .string("/dev/urandom")),
        ("hypervisor.qemu.valid_entropy_sources", .strings(["/dev/urandom", "/dev/random", ""])),
        ("hypervisor.qemu.pcie_root_port", .integer(0)),
        ("hypervisor.qemu.block_device_driver", .string("virtio-scsi")),
        ("hypervisor.qemu.block_device_aio", .string("io_uring")),
        ("hypervisor.qemu.disable_block_device_use", .boolean(true)),
        ("hypervisor.qemu.virtio_fs_daemon", .string("/usr/libexec/virtiofsd")),
        ("hypervisor.qemu.virtio_fs_cache", .string("auto")),
        ("hypervisor.qemu.virtio_fs_queue_size", .integer(1024)),
        ("hypervisor.qemu.virtio_fs_extra_args", .strings(["--thread-pool-size=1", "--announce-submounts"])),
        ("hypervisor.qemu.vhost_user_store_path", .string("/var/run/kata-containers/vhost-user")),
        ("hypervisor.qemu.enable_annotations", .strings(["enable_iommu", "kernel_params", "kernel_verity_params"])),
        ("hypervisor.qemu.rootfs_type", .string("ext4")),
        ("hypervisor.qemu.hot_plug_vfio", .string("no-port")),
        ("hypervisor.qemu.cold_plug_vfio", .string("no-port")),
        ("hypervisor.qemu.measurement_algo", .string("sha512")),
        ("hypervisor.qemu.disable_guest_selinux", .boolean(true)),
        ("hypervisor.qemu.enable_debug", .boolean(false)),
        ("agent.kata.dial_timeout", .integer(45)),
        ("agent.kata.cdh_api_timeout", .integer(50)),
        ("agent.kata.enable_debug", .boolean(false)),
        ("runtime.internetworking_model", .string("tcfilter")),
        ("runtime.disable_guest_seccomp", .boolean(true)),
        ("runtime.disable_guest_empty_dir", .boolean(true)),
        ("runtime.emptydir_mode", .string("shared-fs")),
        ("runtime.vfio_mode", .string("guest-kernel")),
        ("runtime.create_container_timeout", .integer(60)),
        ("runtime.dan_conf", .string("/run/kata-containers/dans")),
        ("runtime.kubelet_root_dir", .string("/var/lib/kubelet")),
        ("runtime.sandbox_cgroup_only", .boolean(false)),
        ("factory.enable_template", .boolean(false)),
        ("factory.template_path", .string("/run/vc/vm/template")),
        ("factory.vm_cache_endpoint", .string("/var/run/kata-containers/cache.sock")),
        ("factory.vm_cache_number", .integer(0)),
    ]

    @Test(arguments: documented)
    func `a default is the one Kata documents, or the table says why not`(_ name: String, _ value: ConfigValue) throws {
        let key = try #require(ConfigKey.named(name).first)
        #expect((key.defaultValue == value) == (key.deviation == nil), "\(name): \(String(describing: key.defaultValue))")
    }

    @Test func `a stated deviation belongs to a default that is compared with Kata's`() {
        let compared = Set(Self.documented.map(\.key))
        #expect(ConfigKey.all.filter { $0.deviation != nil && !compared.contains($0.dottedName) }.map(\.dottedName) == [])
    }

    @Test func `without a key every field has its default`() throws {
        let configuration = try #require(resolve("").value?.configuration)
        let hypervisor = configuration.hypervisor
        #expect(hypervisor.path == "/usr/bin/qemu-system-x86_64")
        #expect(hypervisor.kernel == "/usr/share/kata-containers/vmlinuz.container")
        #expect(hypervisor.initrd == "/usr/share/kata-containers/kata-containers-initrd.img")
        #expect(hypervisor.machineType == .q35)
        #expect(hypervisor.accelerator == .auto)
        #expect(hypervisor.memoryMiB == 2048)
        #expect(hypervisor.memorySlots == 10)
        #expect(hypervisor.sharedFileSystem == .virtio9P(messageBytes: 524_288))
        #expect(hypervisor.entropySource == "/dev/urandom")
        #expect(configuration.agent.dialTimeout == .seconds(45))
        #expect(!hypervisor.debug && !configuration.agent.debug && !configuration.runtime.debug)
    }
}
