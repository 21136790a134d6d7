// SPDX-License-Identifier: Apache-2.0

/// Resource limits of a container in the terms of the runtime-spec; nil and 0 mean that nothing was said.
package struct CgroupLimits: Sendable {
    package var memory: Int64 = 0
    package var memoryReservation: Int64 = 0
    /// Memory and swap together, as cgroup v1 counted.
    package var memoryAndSwap: Int64 = 0
    package var cpuShares: UInt64 = 0
    package var cpuQuota: Int64 = 0
    package var cpuPeriod: UInt64 = 0
    package var cpuBurst: UInt64?
    /// Whether the container only runs when nothing else wants to.
    package var cpuIdle: Bool?
    package var cpus = ""
    package var memoryNodes = ""
    package var processes: Int64 = 0
    package var hugePages: [(pageSize: String, limit: UInt64)] = []

    /// Shares of block I/O, 10…1000.
    package var blockWeight: UInt32 = 0
    /// The same of one disk, by the guest's number (`254:0`).
    package var diskWeights: [(device: String, weight: UInt32)] = []
    /// What a disk gives in a second, by the kernel's keys (`rbps`, `wbps`, `riops`, `wiops`); 0 takes a limit away.
    package var diskRates: [(device: String, key: String, rate: UInt64)] = []
    /// By device, as the kernel writes the limits (`hca_handle=2`).
    package var rdma: [(device: String, limits: String)] = []
    /// Files of the group by name, sorted, with what each gets.
    package var unified: [(file: String, value: String)] = []

    package init() {}

    /// One cgroup2 file to write.
    package struct Setting: Sendable, Equatable {
        package let file: String
        package let value: String
        /// The kernel may lack the file (swap accounting, weights of disks) and the limit is then met without it.
        package let isOptional: Bool

        init(_ file: String, _ value: String, optional: Bool = false) {
            self.file = file
            self.value = value
            isOptional = optional
        }
    }

    /// cgroup2 files and values in the order in which they are written (kernel: admin-guide/cgroup-v2).
    package var settings: [Setting] {
        var settings: [Setting] = []
        if memory != 0 { settings.append(Setting("memory.max", Self.amount(memory))) }
        if memoryReservation != 0 { settings.append(Setting("memory.low", Self.amount(memoryReservation))) }
        if let swap { settings.append(Setting("memory.swap.max", swap, optional: true)) }
        if let weight { settings.append(Setting("cpu.weight", "\(weight)")) }
        if cpuQuota != 0 || cpuPeriod != 0 {
            let quota = cpuQuota > 0 ? "\(cpuQuota)" : "max"
            settings.append(Setting("cpu.max", "\(quota) \(cpuPeriod == 0 ? 100_000 : cpuPeriod)"))
        }
        if let cpuBurst { settings.append(Setting("cpu.max.burst", "\(cpuBurst)")) }
        // An idle group takes no weight.
        if let cpuIdle { settings.append(Setting("cpu.idle", cpuIdle ? "1" : "0", optional: true)) }
        // Without CONFIG_BLK_CGROUP_IOCOST there are no weights.
        if blockWeight != 0 { settings.append(Setting("io.weight", "default \(Self.ioWeight(blockWeight))", optional: true)) }
        for disk in diskWeights { settings.append(Setting("io.weight", "\(disk.device) \(Self.ioWeight(disk.weight))", optional: true)) }
        for disk in diskRates {
            settings.append(Setting("io.max", "\(disk.device) \(disk.key)=\(disk.rate == 0 ? "max" : "\(disk.rate)")"))
        }
        if !cpus.isEmpty { settings.append(Setting("cpuset.cpus", cpus)) }
        if !memoryNodes.isEmpty { settings.append(Setting("cpuset.mems", memoryNodes)) }
        if processes != 0 { settings.append(Setting("pids.max", Self.amount(processes))) }
        // Orchestrators forbid every page size of the host; what the guest does not have needs no forbidding.
        for page in hugePages {
            settings.append(Setting("hugetlb.\(page.pageSize).max", "\(page.limit)", optional: page.limit == 0))
        }
        for device in rdma { settings.append(Setting("rdma.max", "\(device.device) \(device.limits)")) }
        // Some files take one line at a time.
        for entry in unified {
            for line in entry.value.split(separator: "\n") { settings.append(Setting(entry.file, String(line))) }
        }
        return settings
    }

    private static func amount(_ value: Int64) -> String { value < 0 ? "max" : "\(value)" }

    /// cgroup2 counts swap by itself.
    private var swap: String? {
        // Who takes the limit of memory away means swap as well, which v1 counted with it.
        if memoryAndSwap < 0 || memory < 0 && memoryAndSwap == 0 { return "max" }
        if memoryAndSwap == 0 || memory <= 0 || memoryAndSwap < memory { return nil }
        return "\(memoryAndSwap - memory)"
    }

    /// 10…1000 to 1…10000, linearly, as runc does.
    private static func ioWeight(_ weight: UInt32) -> UInt32 { 1 + (min(max(weight, 10), 1000) - 10) * 9999 / 990 }

    /// Shares 2…262144 to weight 1…10000, linearly, as runc and systemd do.
    private var weight: UInt64? {
        if cpuShares == 0 { return nil }
        return 1 + (min(max(cpuShares, 2), 262_144) - 2) * 9999 / 262_142
    }
}
