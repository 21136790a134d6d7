// SPDX-License-Identifier: Apache-2.0

package import KataOCI

extension WireLinuxResources {
    package init(_ resources: LinuxResources) {
        self.init()
        devices = (resources.devices ?? []).map(WireLinuxDeviceCgroup.init)
        if let memory = resources.memory { self.memory = WireLinuxMemory(memory) }
        if let cpu = resources.cpu { self.cpu = WireLinuxCPU(cpu) }
        if let pids = resources.pids { self.pids.limit = pids.limit ?? 0 }
        if let blockIO = resources.blockIO { self.blockIo = WireLinuxBlockIO(blockIO) }
        hugepageLimits = (resources.hugepageLimits ?? []).map { limit in
            var wire = WireLinuxHugepageLimit()
            wire.pagesize = limit.pageSize
            wire.limit = limit.limit
            return wire
        }
        unified = resources.unified ?? [:]
        rdma = (resources.rdma ?? [:]).mapValues { limit in
            var wire = WireLinuxRdma()
            if let handles = limit.hcaHandles { wire.handles = handles }
            if let objects = limit.hcaObjects { wire.objects = objects }
            return wire
        }
        if let network = resources.network { self.network = WireLinuxNetwork(network) }
    }
}

extension WireLinuxDeviceCgroup {
    /// A number that the rule leaves open stands for all: -1, as in runc.
    fileprivate init(_ rule: LinuxDeviceRule) {
        self.init()
        allow = rule.allow
        type = rule.type ?? ""
        major = rule.major ?? -1
        minor = rule.minor ?? -1
        access = rule.access ?? ""
    }
}

extension WireLinuxMemory {
    fileprivate init(_ memory: LinuxMemory) {
        self.init()
        limit = memory.limit ?? 0
        reservation = memory.reservation ?? 0
        swap = memory.swap ?? 0
        kernel = memory.kernel ?? 0
        kernelTcp = memory.kernelTCP ?? 0
        swappiness = memory.swappiness ?? 0
        disableOomkiller = memory.disableOOMKiller ?? false
    }
}

extension WireLinuxCPU {
    fileprivate init(_ cpu: LinuxCPU) {
        self.init()
        shares = cpu.shares ?? 0
        quota = cpu.quota ?? 0
        period = cpu.period ?? 0
        realtimeRuntime = cpu.realtimeRuntime ?? 0
        realtimePeriod = cpu.realtimePeriod ?? 0
        cpus = cpu.cpus ?? ""
        mems = cpu.mems ?? ""
        if let burst = cpu.burst { self.burst = burst }
        if let idle = cpu.idle { self.idle = idle }
    }
}

extension WireLinuxBlockIO {
    fileprivate init(_ blockIO: LinuxBlockIO) {
        self.init()
        weight = UInt32(blockIO.weight ?? 0)
        leafWeight = UInt32(blockIO.leafWeight ?? 0)
        weightDevice = (blockIO.weightDevice ?? []).map { device in
            var wire = WireLinuxWeightDevice()
            wire.major = device.major
            wire.minor = device.minor
            wire.weight = UInt32(device.weight ?? 0)
            wire.leafWeight = UInt32(device.leafWeight ?? 0)
            return wire
        }
        throttleReadBpsDevice = Self.throttles(blockIO.throttleReadBpsDevice)
        throttleWriteBpsDevice = Self.throttles(blockIO.throttleWriteBpsDevice)
        throttleReadIopsdevice = Self.throttles(blockIO.throttleReadIOPSDevice)
        throttleWriteIopsdevice = Self.throttles(blockIO.throttleWriteIOPSDevice)
    }

    private static func throttles(_ devices: [LinuxThrottleDevice]?) -> [WireLinuxThrottleDevice] {
        (devices ?? []).map { device in
            var wire = WireLinuxThrottleDevice()
            wire.major = device.major
            wire.minor = device.minor
            wire.rate = device.rate
            return wire
        }
    }
}

extension WireLinuxNetwork {
    fileprivate init(_ network: LinuxNetwork) {
        self.init()
        classID = network.classID ?? 0
        priorities = (network.priorities ?? []).map { priority in
            var wire = WireLinuxInterfacePriority()
            wire.name = priority.name
            wire.priority = priority.priority
            return wire
        }
    }
}
