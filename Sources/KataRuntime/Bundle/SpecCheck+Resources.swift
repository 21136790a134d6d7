// SPDX-License-Identifier: Apache-2.0

internal import KataOCI

extension SpecCheck {
    mutating func check(_ resources: LinuxResources, _ base: [Step]) {
        for (index, rule) in (resources.devices ?? []).enumerated() {
            let path = base + ["devices", .element(index)]
            if let type = rule.type, !type.isEmpty { oneOf(["a", "b", "c"], type, path + ["type"]) }
            number(rule.major, -1...4095, path + ["major"])
            number(rule.minor, -1...1_048_575, path + ["minor"])
            if let access = rule.access {
                require(access.allSatisfy { "rwm".contains($0) }, path + ["access"], "'\(access)' has other letters than r, w and m")
            }
        }
        if let memory = resources.memory { check(memory, base + ["memory"]) }
        if let cpu = resources.cpu { check(cpu, base + ["cpu"]) }
        if let limit = resources.pids?.limit {
            require(limit >= -1, base + ["pids", "limit"], "\(limit) is below -1, which means no limit")
        }
        if let blockIO = resources.blockIO { check(blockIO, base + ["blockIO"]) }
        for (index, limit) in (resources.hugepageLimits ?? []).enumerated() {
            require(
                Self.isPageSize(limit.pageSize), base + ["hugepageLimits", .element(index), "pageSize"],
                "'\(limit.pageSize)' is no size such as 2MB or 1GB")
        }
        for (name, limits) in (resources.rdma ?? [:]).sorted(by: { $0.key < $1.key }) {
            let isSaid = limits.hcaHandles != nil || limits.hcaObjects != nil
            require(isSaid, base + ["rdma", .member(name)], "it has neither hcaHandles nor hcaObjects")
        }
        for name in (resources.unified ?? [:]).keys.sorted() where name.contains("/") || !name.contains(".") {
            add(base + ["unified", .member(name)], "'\(name)' is not a file of a control group")
        }
    }

    /// As the kernel names the files of its hugetlb controller: a power of two before KB, MB or GB.
    private static func isPageSize(_ text: String) -> Bool {
        let number = text.dropLast(2)
        guard ["KB", "MB", "GB"].contains(text.suffix(2)), number.first != "0", number.utf8.allSatisfy({ (48...57).contains($0) }),
            let size = UInt32(number)
        else { return false }
        return size.nonzeroBitCount == 1
    }

    private mutating func check(_ memory: LinuxMemory, _ base: [Step]) {
        let limits = [
            ("limit", memory.limit), ("reservation", memory.reservation), ("swap", memory.swap), ("kernel", memory.kernel),
            ("kernelTCP", memory.kernelTCP),
        ]
        for (name, value) in limits {
            if let value { require(value >= -1, base + [.member(name)], "\(value) is below -1, which means no limit") }
        }
        if let limit = memory.limit, let swap = memory.swap, limit > 0, swap > 0 {
            require(swap >= limit, base + ["swap"], "\(swap) is memory and swap together, and below the memory limit \(limit)")
        }
        number(memory.swappiness, 0...100, base + ["swappiness"])
    }

    /// MAX_BW of kernel/sched/sched.h: microseconds that one group may have in a period.
    private static var mostTime: UInt64 { 1 << 44 - 1 }

    private mutating func check(_ cpu: LinuxCPU, _ base: [Step]) {
        // 0 says nothing.
        if let shares = cpu.shares, shares != 0 { number(shares, 2...262_144, base + ["shares"]) }
        if let period = cpu.period, period != 0 {
            require((1000...1_000_000).contains(period), base + ["period"], "\(period) is not from 1000 to 1000000 microseconds")
        }
        let quota = cpu.quota.flatMap { $0 > 0 ? UInt64($0) : nil }
        if let quota {
            require(quota >= 1000, base + ["quota"], "\(quota) is below 1000 microseconds")
            require(quota <= Self.mostTime, base + ["quota"], "\(quota) is above \(Self.mostTime) microseconds")
        }
        if let burst = cpu.burst, burst != 0 {
            let most = quota.map { min($0, Self.mostTime - min($0, Self.mostTime)) } ?? .max / 1000
            require(burst <= most, base + ["burst"], "\(burst) is above \(most) microseconds, which is the most for this quota")
        }
        if let idle = cpu.idle { require((0...1).contains(idle), base + ["idle"], "\(idle) is neither 0 nor 1") }
        if let runtime = cpu.realtimeRuntime {
            require(runtime >= -1, base + ["realtimeRuntime"], "\(runtime) is below -1, which means no limit")
            if let period = cpu.realtimePeriod, period > 0 {
                require(
                    runtime <= Int64(clamping: period), base + ["realtimePeriod"], "\(period) is below the realtimeRuntime \(runtime)")
            }
        }
        list(cpu.cpus, base + ["cpus"])
        list(cpu.mems, base + ["mems"])
    }

    private mutating func check(_ blockIO: LinuxBlockIO, _ base: [Step]) {
        weight(blockIO.weight, base + ["weight"])
        weight(blockIO.leafWeight, base + ["leafWeight"])
        for (index, device) in (blockIO.weightDevice ?? []).enumerated() {
            let path = base + ["weightDevice", .element(index)]
            require(device.weight != nil || device.leafWeight != nil, path, "it has neither weight nor leafWeight")
            weight(device.weight, path + ["weight"])
            weight(device.leafWeight, path + ["leafWeight"])
            numbers(device.major, device.minor, path)
        }
        let throttles: [(Step, [LinuxThrottleDevice]?)] = [
            ("throttleReadBpsDevice", blockIO.throttleReadBpsDevice), ("throttleWriteBpsDevice", blockIO.throttleWriteBpsDevice),
            ("throttleReadIOPSDevice", blockIO.throttleReadIOPSDevice), ("throttleWriteIOPSDevice", blockIO.throttleWriteIOPSDevice),
        ]
        for (name, devices) in throttles {
            for (index, device) in (devices ?? []).enumerated() { numbers(device.major, device.minor, base + [name, .element(index)]) }
        }
    }

    private mutating func numbers(_ major: Int64, _ minor: Int64, _ path: [Step]) {
        number(major, 0...4095, path + ["major"])
        number(minor, 0...1_048_575, path + ["minor"])
    }

    /// 0 says nothing.
    private mutating func weight(_ weight: UInt16?, _ path: [Step]) {
        if let weight, weight != 0 { number(weight, 10...1000, path) }
    }
}
