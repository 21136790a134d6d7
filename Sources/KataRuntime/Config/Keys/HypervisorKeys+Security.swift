// SPDX-License-Identifier: Apache-2.0

// Who may change what, what QEMU may do, what can be seen from outside.
extension HypervisorKeys {
    static let observation: [ConfigKey] = [
        ConfigKey(
            .hypervisor, "extra_monitor_socket", .choice(["qmp", "hmp", "qmp-pretty"]), default: .string(""), since: "3.2.0",
            "A second monitor socket of QEMU, for people."),
        ConfigKey(
            .hypervisor, "guest_memory_dump_path", .path, default: .string(""), since: "2.1.0",
            "The directory for a dump of guest memory after a panic."),
        ConfigKey(
            .hypervisor, "guest_memory_dump_paging", .boolean, default: .boolean(false), since: "2.1.0",
            "The dump holds the page tables too."),
    ]

    static let permission: [ConfigKey] = [
        ConfigKey(
            .hypervisor, "enable_annotations", .strings, default: .strings(["enable_iommu", "kernel_params", "kernel_verity_params"]),
            since: "1.12.1", "Regular expressions of the hypervisor keys that an annotation may set."),
        ConfigKey(
            .hypervisor, "valid_entropy_sources", .strings, default: .strings(["/dev/urandom", "/dev/random", ""]), since: "2.1.0",
            "What an annotation may set entropy_source to."),
        ConfigKey(
            .hypervisor, "valid_file_mem_backends", .strings, default: .strings([""]), since: "1.12.1",
            .retired(lastRelease: "3.31.0", instead: nil),
            "Glob patterns of what an annotation may set file_mem_backend to."),
        ConfigKey(
            .hypervisor, "valid_vhost_user_store_paths", .strings, default: .strings(["/var/run/kata-containers/vhost-user"]),
            since: "1.12.1", "Glob patterns of what an annotation may set vhost_user_store_path to."),
        ConfigKey(
            .hypervisor, "valid_virtio_fs_daemon_paths", .strings, default: .strings(["/usr/libexec/virtiofsd"]), since: "1.12.1",
            "Glob patterns of what an annotation may set virtio_fs_daemon to."),
        ConfigKey(
            .hypervisor, "rootless", .boolean, default: .boolean(false), since: "2.3.0", "QEMU runs as a user that is not root."),
        ConfigKey(
            .hypervisor, "seccompsandbox", .string, default: .string(""), since: "2.5.0", "The argument of QEMU's -sandbox."),
        ConfigKey(
            .hypervisor, "disable_selinux", .boolean, default: .boolean(false), since: "2.4.0", "QEMU gets no SELinux label."),
        ConfigKey(
            .hypervisor, "disable_guest_selinux", .boolean, default: .boolean(true), since: "3.1.0",
            .partly([.boolean(true)], othersRefused: false), "Containers get no SELinux label in the guest."),
    ]

    static let confidential: [ConfigKey] = [
        ConfigKey(
            .hypervisor, "confidential_guest", .boolean, default: .boolean(false), since: "2.2.0",
            "The guest's memory is hidden from the host (SEV, TDX, Secure Execution)."),
        ConfigKey(
            .hypervisor, "sev_snp_guest", .boolean, default: .boolean(false), since: "3.1.0", "SEV-SNP is preferred to SEV."),
        ConfigKey(
            .hypervisor, "snp_certs_path", .path, default: nil, since: "3.7.0",
            .retired(lastRelease: "3.13.0", instead: nil), "The certificates of the SNP host."),
        ConfigKey(.hypervisor, "snp_id_block", .string, default: nil, since: "3.15.0", "The SNP identity block, base64 of 96 bytes."),
        ConfigKey(
            .hypervisor, "snp_id_auth", .string, default: nil, since: "3.15.0", "The SNP identity's authentication, base64 of 4096 bytes."),
        ConfigKey(.hypervisor, "snp_guest_policy", .unsigned64, default: nil, since: "3.20.0", "The SNP guest policy."),
        ConfigKey(.hypervisor, "measurement_algo", .string, default: .string("sha512"), since: "3.22.0", "The SNP measurement's hash."),
        ConfigKey(
            .hypervisor, "tdx_quote_generation_service_socket_port", .unsigned32, default: nil, since: "3.6.0",
            "The vsock port of the TDX quote service."),
    ]
}
