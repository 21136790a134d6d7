// SPDX-License-Identifier: Apache-2.0

// The names that the structures of kata-types 4.1 have, with their types; none has ever been removed.
extension RuntimeRS {
    /// Whether a table is read, and the key in it.
    static func reads(_ name: String, in table: [String]) -> Bool {
        if table.count == 3, table[2] == "rootless_user" { return rootlessUserKeys.contains(name) }
        return types(of: table)?[name] != nil
    }

    /// The keys of a table; nil when it is no table of runtime-rs.
    static func types(of table: [String]) -> [String: LegacyType]? {
        switch table.first {
        case "hypervisor" where table.count == 2: hypervisorKeys
        case "hypervisor" where table.count == 3 && table[2] == "factory": factoryKeys
        case "agent" where table.count == 2: agentKeys
        case "agent" where table.count == 3 && table[2] == "mem_agent": memAgentKeys
        case "runtime" where table.count == 1: runtimeKeys
        default: nil
        }
    }

    /// Whether a key that the table does not have makes runtime-rs refuse the file, rather than read past it.
    static func deniesUnknownKeys(in table: [String]) -> Bool {
        table.first == "agent" && table.count > 1 || table.first == "hypervisor" && table.count == 3
    }

    private static let unsigned32 = LegacyType.integer(0...Int64(UInt32.max))
    private static let unsigned64 = LegacyType.integer(0...Int64.max)
    private static let byte = LegacyType.integer(0...255)

    private static func keys(_ type: LegacyType, _ names: String) -> [String: LegacyType] {
        Dictionary(uniqueKeysWithValues: names.split(separator: " ").map { (String($0), type) })
    }

    private static func merge(_ parts: [String: LegacyType]...) -> [String: LegacyType] {
        parts.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }

    static let hypervisorKeys = merge(
        keys(
            .string,
            """
            path ctlpath jailer_path block_device_driver block_device_aio vhost_user_store_path kernel kernel_params kernel_verity_params \
            initrd image rootfs_type firmware vm_rootfs_driver cpu_features log_level guest_memory_dump_path extra_monitor_socket \
            dbg_monitor_socket cold_plug_vfio machine_type machine_accelerators entropy_source hugepage_type guest_swap_path snp_id_block \
            snp_id_auth guest_hook_path initdata seccomp_sandbox selinux_label shared_fs virtio_fs_daemon virtio_fs_cache \
            hypervisor_socket default_gpu_model memory_path device_state_path prefetch_list_path
            """),
        keys(
            .boolean,
            """
            disable_nesting_checks enable_iothreads disable_block_device_use block_device_cache_set block_device_cache_direct \
            block_device_cache_noflush disable_image_nvdimm enable_vhost_user_store disable_nested_virtualization enable_debug \
            guest_memory_dump_paging enable_iommu enable_iommu_platform reclaim_guest_freed_memory enable_mem_prealloc enable_hugepages \
            enable_virtio_mem enable_guest_swap disable_vhost_net rootless disable_seccomp confidential_guest sev_snp_guest \
            virtio_fs_is_dax boot_to_be_template boot_from_template disable_guest_selinux disable_selinux
            """),
        keys(
            unsigned32,
            """
            indep_iothreads block_device_logical_sector_size block_device_physical_sector_size queue_size default_maxvcpus \
            default_bridges pcie_root_port pcie_switch_port default_memory overhead_memory default_maxmemory memory_slots \
            network_queues snp_guest_policy tdx_quote_generation_service_socket_port virtio_fs_cache_size virtio_fs_queue_size default_gpus
            """),
        keys(
            unsigned64,
            """
            memory_offset disk_rate_limiter_bw_max_rate disk_rate_limiter_bw_one_time_burst disk_rate_limiter_ops_max_rate \
            disk_rate_limiter_ops_one_time_burst num_queues guest_swap_size_percent guest_swap_create_threshold_secs \
            rx_rate_limiter_max_rate tx_rate_limiter_max_rate
            """),
        keys(.integer(Int64(Int32.min)...Int64(Int32.max)), "hypervisor_timeout"), keys(.number, "default_vcpus overhead_vcpus"),
        keys(
            .strings,
            """
            valid_hypervisor_paths valid_ctlpaths valid_jailer_paths valid_vhost_user_store_paths pflashes valid_entropy_sources \
            enable_annotations valid_virtio_fs_daemon_paths virtio_fs_extra_args
            """),
        keys(.tables(["name", "path", "verity_params"]), "guest_extension_images"))

    static let factoryKeys = merge(keys(.boolean, "enable_template"), keys(.string, "template_path"))

    /// Kept as they are, so their types do not matter.
    static let rootlessUserKeys: Set<String> = ["uid", "gid", "groups", "user_name"]

    static let agentKeys = merge(
        keys(.boolean, "enable_debug enable_tracing debug_console_enabled visible_cdi_devices"), keys(.string, "log_level policy"),
        keys(
            unsigned32,
            """
            server_port log_port passfd_listener_port dial_timeout_ms reconnect_timeout_ms cdh_api_timeout_ms create_container_timeout \
            health_check_request_timeout_ms container_pipe_size launch_process_timeout
            """),
        keys(.strings, "kernel_modules"))

    static let memAgentKeys = merge(
        keys(.boolean, "enable mem_agent_enable memcg_disable memcg_swap compact_disable"),
        keys(
            byte,
            """
            memcg_swappiness_max memcg_period_psi_percent_limit memcg_eviction_psi_percent_limit compact_period_psi_percent_limit \
            compact_psi_percent_limit compact_order
            """),
        keys(
            unsigned64,
            "memcg_period_secs memcg_eviction_run_aging_count_min compact_period_secs compact_threshold compact_force_times"),
        keys(.integer(Int64.min...Int64.max), "compact_sec_max"))

    static let runtimeKeys = merge(
        keys(
            .string,
            """
            name hypervisor_name agent_name log_level internetworking_model jaeger_endpoint jaeger_user jaeger_password emptydir_mode \
            vfio_mode dan_conf pod_resource_api_sock
            """),
        keys(
            .boolean,
            """
            enable_debug disable_new_netns sandbox_cgroup_only enable_vcpus_pinning enable_tracing enable_pprof \
            static_sandbox_resource_mgmt disable_guest_seccomp keep_abnormal use_passfd_io
            """),
        keys(unsigned32, "passfd_listener_port"), keys(.strings, "experimental sandbox_bind_mounts"),
        keys(.tables(["name", "src_ctr", "src_path", "dst_ctr", "dst_path"]), "shared_mounts"))
}
