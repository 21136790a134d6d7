// SPDX-License-Identifier: Apache-2.0

/// What a container may use; the numbers are cgroup v1's, except in `unified`.
package struct LinuxResources: Codable, Hashable, Sendable {
    /// In the order in which they apply.
    package var devices: [LinuxDeviceRule]?
    package var memory: LinuxMemory?
    package var cpu: LinuxCPU?
    package var pids: LinuxPids?
    package var blockIO: LinuxBlockIO?
    package var hugepageLimits: [LinuxHugepageLimit]?
    package var network: LinuxNetwork?
    /// By device name.
    package var rdma: [String: LinuxRDMA]?
    /// cgroup v2 files and their content.
    package var unified: [String: String]?

    package init(
        devices: [LinuxDeviceRule]? = nil, memory: LinuxMemory? = nil, cpu: LinuxCPU? = nil, pids: LinuxPids? = nil,
        blockIO: LinuxBlockIO? = nil, hugepageLimits: [LinuxHugepageLimit]? = nil, network: LinuxNetwork? = nil,
        rdma: [String: LinuxRDMA]? = nil, unified: [String: String]? = nil
    ) {
        self.devices = devices
        self.memory = memory
        self.cpu = cpu
        self.pids = pids
        self.blockIO = blockIO
        self.hugepageLimits = hugepageLimits
        self.network = network
        self.rdma = rdma
        self.unified = unified
    }
}

/// A rule of the device cgroup; nil numbers stand for all.
package struct LinuxDeviceRule: Codable, Hashable, Sendable {
    package var allow: Bool
    /// `a`, `c` or `b`.
    package var type: String?
    package var major: Int64?
    package var minor: Int64?
    /// Of `rwm`.
    package var access: String?

    package init(allow: Bool, type: String? = nil, major: Int64? = nil, minor: Int64? = nil, access: String? = nil) {
        self.allow = allow
        self.type = type
        self.major = major
        self.minor = minor
        self.access = access
    }
}

/// Bytes; -1 means without a limit.
package struct LinuxMemory: Codable, Hashable, Sendable {
    package var limit: Int64?
    package var reservation: Int64?
    /// Memory and swap together.
    package var swap: Int64?
    package var kernel: Int64?
    package var kernelTCP: Int64?
    /// 0 to 100.
    package var swappiness: UInt64?
    package var disableOOMKiller: Bool?
    package var useHierarchy: Bool?
    package var checkBeforeUpdate: Bool?

    package init(
        limit: Int64? = nil, reservation: Int64? = nil, swap: Int64? = nil, kernel: Int64? = nil,
        kernelTCP: Int64? = nil, swappiness: UInt64? = nil, disableOOMKiller: Bool? = nil, useHierarchy: Bool? = nil,
        checkBeforeUpdate: Bool? = nil
    ) {
        self.limit = limit
        self.reservation = reservation
        self.swap = swap
        self.kernel = kernel
        self.kernelTCP = kernelTCP
        self.swappiness = swappiness
        self.disableOOMKiller = disableOOMKiller
        self.useHierarchy = useHierarchy
        self.checkBeforeUpdate = checkBeforeUpdate
    }
}

/// Shares of processor time; times in microseconds.
package struct LinuxCPU: Codable, Hashable, Sendable {
    package var shares: UInt64?
    package var quota: Int64?
    package var burst: UInt64?
    package var period: UInt64?
    package var realtimeRuntime: Int64?
    package var realtimePeriod: UInt64?
    /// A list like `0-3,7`.
    package var cpus: String?
    package var mems: String?
    package var idle: Int64?

    package init(
        shares: UInt64? = nil, quota: Int64? = nil, burst: UInt64? = nil, period: UInt64? = nil,
        realtimeRuntime: Int64? = nil, realtimePeriod: UInt64? = nil, cpus: String? = nil, mems: String? = nil,
        idle: Int64? = nil
    ) {
        self.shares = shares
        self.quota = quota
        self.burst = burst
        self.period = period
        self.realtimeRuntime = realtimeRuntime
        self.realtimePeriod = realtimePeriod
        self.cpus = cpus
        self.mems = mems
        self.idle = idle
    }
}

/// How many tasks there may be.
package struct LinuxPids: Codable, Hashable, Sendable {
    /// -1 or 0 means without a limit.
    package var limit: Int64?

    package init(limit: Int64? = nil) {
        self.limit = limit
    }
}

/// Bytes in huge pages of one size.
package struct LinuxHugepageLimit: Codable, Hashable, Sendable {
    /// `2MB` and the like.
    package var pageSize: String
    package var limit: UInt64

    package init(pageSize: String, limit: UInt64) {
        self.pageSize = pageSize
        self.limit = limit
    }
}

/// Classes of outgoing packets.
package struct LinuxNetwork: Codable, Hashable, Sendable {
    package var classID: UInt32?
    package var priorities: [LinuxInterfacePriority]?

    package init(classID: UInt32? = nil, priorities: [LinuxInterfacePriority]? = nil) {
        self.classID = classID
        self.priorities = priorities
    }
}

/// The priority of packets on an interface.
package struct LinuxInterfacePriority: Codable, Hashable, Sendable {
    package var name: String
    package var priority: UInt32

    package init(name: String, priority: UInt32) {
        self.name = name
        self.priority = priority
    }
}

/// Handles and objects of an RDMA device.
package struct LinuxRDMA: Codable, Hashable, Sendable {
    package var hcaHandles: UInt32?
    package var hcaObjects: UInt32?

    package init(hcaHandles: UInt32? = nil, hcaObjects: UInt32? = nil) {
        self.hcaHandles = hcaHandles
        self.hcaObjects = hcaObjects
    }
}
