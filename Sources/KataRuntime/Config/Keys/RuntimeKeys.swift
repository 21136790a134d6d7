// SPDX-License-Identifier: Apache-2.0

/// `[runtime]`.
enum RuntimeKeys {
    static let enableDebug = ConfigKey(
        .runtime, "enable_debug", .boolean, default: .boolean(false), since: "1.0.0", .built,
        "The shim tells each request and how it ended in the sandbox's shim.log.")
    static let internetworkingModel = ConfigKey(
        .runtime, "internetworking_model", .choice(["tcfilter", "macvtap", "none", "default"]), default: .string("tcfilter"),
        since: "1.0.0", .built,
        hints: [
            "bridged": "use tcfilter: Kata removed bridged in 1.10",
            "enlightened": "use tcfilter: Kata removed enlightened in 1.10",
        ], "How the sandbox's network interfaces reach the VM.")
    static let disableNewNetns = ConfigKey(
        .runtime, "disable_new_netns", .boolean, default: .boolean(false), since: "1.4.0",
        .partly([.boolean(true)], othersRefused: false),
        "The VM runs in the host's network namespace; only together with internetworking_model = \"none\".")

    static let disableGuestSeccomp = ConfigKey(
        .runtime, "disable_guest_seccomp", .boolean, default: .boolean(false), since: "1.5.0", .built,
        deviation: "Kata's templates say true; a file that says nothing has false in Kata's code, and its filters here.",
        "The container's seccomp profile is dropped instead of applied in the guest.")

    static let staticSandboxResourceMgmt = ConfigKey(
        .runtime, "static_sandbox_resource_mgmt", .boolean, default: .boolean(false), since: "2.4.0", .built,
        "The VM gets its final size at boot, from the limits of its containers, and nothing is hot-plugged.")

    static let all: [ConfigKey] = [enableDebug, internetworkingModel, disableNewNetns] + isolation + resources + storage + observation

    private static let isolation: [ConfigKey] = [
        disableGuestSeccomp,
        ConfigKey(
            .runtime, "guest_selinux_label", .string, default: .string(""), since: "3.1.0",
            "SELinux label of containers in the guest, user:role:type."),
        ConfigKey(
            .runtime, "experimental", .strings, default: .strings([]), since: "1.7.0", "Names of experimental features to turn on."),
        ConfigKey(
            .runtime, "experimental_force_guest_pull", .boolean, default: .boolean(false), since: "3.18.0",
            "The guest pulls the container's image."),
        ConfigKey(
            .runtime, "vfio_mode", .choice(["vfio", "guest-kernel"]), default: .string("guest-kernel"), since: "2.3.0",
            "Whether the guest sees a VFIO device as such or as its kernel binds it."),
        ConfigKey(
            .runtime, "enable_agent_pidns", .boolean, default: .boolean(false), since: "1.12.1",
            .retired(lastRelease: "1.12.1", instead: nil), "A container may join the agent's pid namespace."),
    ]

    private static let resources: [ConfigKey] = [
        ConfigKey(
            .runtime, "sandbox_cgroup_only", .boolean, default: .boolean(false), since: "1.9.0",
            "All processes of the sandbox run in the cgroup that the engine made for it."),
        staticSandboxResourceMgmt,
        ConfigKey(
            .runtime, "enable_vcpus_pinning", .boolean, default: .boolean(false), since: "3.1.0",
            "Each vCPU thread is bound to one host CPU."),
        ConfigKey(
            .runtime, "create_container_timeout", .integer(0...Int64.max, unit: "s"), default: .integer(60), since: "3.4.0",
            "How long the agent may take to create a container."),
        ConfigKey(
            .runtime, "pod_resource_api_sock", .path, default: .string(""), since: "3.24.0",
            "The kubelet's socket that tells which devices a pod has."),
    ]

    private static let storage: [ConfigKey] = [
        ConfigKey(
            .runtime, "sandbox_bind_mounts", .strings, default: .strings([]), since: "2.1.0",
            "Host paths that each sandbox sees read-only in its shared directory."),
        ConfigKey(
            .runtime, "disable_guest_empty_dir", .boolean, default: .boolean(true), since: "2.4.0",
            "Kubernetes' emptyDir volumes stay on the host and are shared with the guest."),
        ConfigKey(
            .runtime, "emptydir_mode", .choice(["shared-fs", "block-encrypted", "block-plain"]), default: .string("shared-fs"),
            since: "3.28.0", "How Kubernetes' emptyDir volumes reach the guest."),
        ConfigKey(
            .runtime, "kubelet_root_dir", .path, default: .string("/var/lib/kubelet"), since: "3.28.0",
            "Where the kubelet keeps its volumes."),
        ConfigKey(
            .runtime, "dan_conf", .path, default: .string("/run/kata-containers/dans"), since: "3.7.0",
            "The directory of directly attachable networks."),
    ]

    private static let observation: [ConfigKey] = [
        ConfigKey(.runtime, "enable_tracing", .boolean, default: .boolean(false), since: "1.3.0", "The runtime sends traces."),
        ConfigKey(.runtime, "jaeger_endpoint", .string, default: .string(""), since: "2.1.0", "Where traces are sent."),
        ConfigKey(.runtime, "jaeger_user", .string, default: .string(""), since: "2.1.0", "User name at the trace collector."),
        ConfigKey(.runtime, "jaeger_password", .string, default: .string(""), since: "2.1.0", "Password at the trace collector."),
        ConfigKey(
            .runtime, "enable_pprof", .boolean, default: .boolean(false), since: "2.0.0", "The shim answers profiling requests."),
    ]
}
