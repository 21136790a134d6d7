// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataWire
internal import SystemPackage

/// What a container has used, from the files of its cgroup2 group; what the kernel does not count is zero.
extension WireCgroupStats {
    init(group: FilePath) {
        self.init()
        let cpu = CgroupFile.table(group.appending("cpu.stat"))
        func nanoseconds(_ key: String) -> UInt64 { (cpu[key] ?? 0) * 1000 }
        cpuStats.cpuUsage.totalUsage = nanoseconds("usage_usec")
        cpuStats.cpuUsage.usageInUsermode = nanoseconds("user_usec")
        cpuStats.cpuUsage.usageInKernelmode = nanoseconds("system_usec")
        cpuStats.throttlingData.periods = cpu["nr_periods"] ?? 0
        cpuStats.throttlingData.throttledPeriods = cpu["nr_throttled"] ?? 0
        cpuStats.throttlingData.throttledTime = nanoseconds("throttled_usec")
        memoryStats.stats = CgroupFile.table(group.appending("memory.stat"))
        memoryStats.cache = memoryStats.stats["file"] ?? 0
        memoryStats.useHierarchy = true
        memoryStats.usage = Self.memory(group, "memory")
        memoryStats.usage.failcnt = CgroupFile.table(group.appending("memory.events"))["max"] ?? 0
        memoryStats.swapUsage = Self.memory(group, "memory.swap")
        memoryStats.kernelUsage.usage = memoryStats.stats["kernel"] ?? 0
        pidsStats.current = CgroupFile.number(group.appending("pids.current")) ?? 0
        pidsStats.limit = Self.limit(group.appending("pids.max"))
        readBlockIO(group)
        readHugePages(group)
    }

    private static func memory(_ group: FilePath, _ name: String) -> WireMemoryData {
        var data = WireMemoryData()
        data.usage = CgroupFile.number(group.appending("\(name).current")) ?? 0
        data.maxUsage = CgroupFile.number(group.appending("\(name).peak")) ?? 0
        data.limit = CgroupFile.number(group.appending("\(name).max")) ?? 0
        return data
    }

    /// Zero stands for none, as in runc's figures of pids.
    private static func limit(_ file: FilePath) -> UInt64 {
        let limit = CgroupFile.number(file) ?? 0
        return limit == .max ? 0 : limit
    }

    /// A file `hugetlb.SIZE.current` for each size of page that the guest has; the kernel keeps no peak.
    private mutating func readHugePages(_ group: FilePath) {
        guard let names = try? FileSystem.list(group) else { return }  // the group went while it was looked at
        for name in names {
            let words = name.split(separator: ".").map(String.init)
            guard words.count == 3, words[0] == "hugetlb", words[2] == "current" else { continue }
            var pages = WireHugetlbStats()
            pages.usage = CgroupFile.number(group.appending(name)) ?? 0
            pages.failcnt = CgroupFile.table(group.appending("hugetlb.\(words[1]).events"))["max"] ?? 0
            hugetlbStats[words[1]] = pages
        }
    }

    /// Lines such as `254:0 rbytes=1 wbytes=2 rios=3 wios=4`.
    private mutating func readBlockIO(_ group: FilePath) {
        guard let lines = try? CgroupFile.lines(group.appending("io.stat")) else { return }  // a kernel without the controller
        for line in lines {
            let numbers = (line.first ?? "").split(separator: ":").compactMap { UInt64($0) }
            guard numbers.count == 2 else { continue }
            for word in line.dropFirst() {
                let pair = word.split(separator: "=")
                guard pair.count == 2, let value = UInt64(pair[1]) else { continue }
                var entry = WireBlkioStatsEntry()
                (entry.major, entry.minor, entry.value) = (numbers[0], numbers[1], value)
                entry.op = pair[0].hasPrefix("r") ? "Read" : pair[0].hasPrefix("w") ? "Write" : "Discard"
                if pair[0].hasSuffix("bytes") {
                    blkioStats.ioServiceBytesRecursive.append(entry)
                } else if pair[0].hasSuffix("ios") {
                    blkioStats.ioServicedRecursive.append(entry)
                }
            }
        }
    }
}

extension WireNetworkStats {
    /// The guest's interfaces but its loopback (proc(5), /proc/net/dev).
    static func all(_ file: FilePath = "/proc/net/dev") throws(SystemError) -> [WireNetworkStats] {
        let text = String(decoding: try FileSystem.read(file, limit: 1 << 20), as: UTF8.self)
        return text.split(separator: "\n").dropFirst(2).compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let name = line[..<colon].drop { $0 == " " }
            let numbers = line[line.index(after: colon)...].split(separator: " ").map { UInt64($0) ?? 0 }
            guard name != "lo", numbers.count >= 12 else { return nil }
            var stats = WireNetworkStats()
            stats.name = String(name)
            (stats.rxBytes, stats.rxPackets, stats.rxErrors, stats.rxDropped) = (numbers[0], numbers[1], numbers[2], numbers[3])
            (stats.txBytes, stats.txPackets, stats.txErrors, stats.txDropped) = (numbers[8], numbers[9], numbers[10], numbers[11])
            return stats
        }
    }
}
