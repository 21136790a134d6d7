// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
internal import KataWire

/// What a container uses, with runc's names (`runc events --stats`).
struct StatisticsEvent: Encodable {
    let type = "stats"
    let id: String
    let data: Statistics

    init(_ id: ContainerID, _ answer: WireStatsContainerResponse) {
        self.id = id.rawValue
        data = Statistics(answer)
    }

    struct Statistics: Encodable {
        let cpu: Processor
        let memory: Memory
        let pids: Pids
        let blkio: BlockIO
        let hugetlb: [String: HugePages]
        let interfaces: [Interface]

        enum CodingKeys: String, CodingKey {
            case cpu, memory, pids, blkio, hugetlb
            case interfaces = "network_interfaces"
        }

        init(_ answer: WireStatsContainerResponse) {
            let group = answer.cgroupStats
            cpu = Processor(group.cpuStats)
            memory = Memory(group.memoryStats)
            pids = Pids(current: group.pidsStats.current, limit: group.pidsStats.limit)
            blkio = BlockIO(
                ioServiceBytesRecursive: group.blkioStats.ioServiceBytesRecursive.map(BlockIO.Entry.init),
                ioServicedRecursive: group.blkioStats.ioServicedRecursive.map(BlockIO.Entry.init))
            hugetlb = group.hugetlbStats.mapValues { HugePages(usage: $0.usage, max: $0.maxUsage, failcnt: $0.failcnt) }
            interfaces = answer.networkStats.map(Interface.init)
        }
    }

    /// Nanoseconds.
    struct Processor: Encodable {
        struct Usage: Encodable {
            let total: UInt64
            let kernel: UInt64
            let user: UInt64
        }
        struct Throttling: Encodable {
            let periods: UInt64
            let throttledPeriods: UInt64
            let throttledTime: UInt64
        }
        let usage: Usage
        let throttling: Throttling

        init(_ stats: WireCpuStats) {
            usage = Usage(
                total: stats.cpuUsage.totalUsage, kernel: stats.cpuUsage.usageInKernelmode, user: stats.cpuUsage.usageInUsermode)
            throttling = Throttling(
                periods: stats.throttlingData.periods, throttledPeriods: stats.throttlingData.throttledPeriods,
                throttledTime: stats.throttlingData.throttledTime)
        }
    }

    /// Bytes.
    struct Memory: Encodable {
        struct Entry: Encodable {
            let limit: UInt64
            let usage: UInt64
            let max: UInt64
            let failcnt: UInt64

            init(_ data: WireMemoryData) { (limit, usage, max, failcnt) = (data.limit, data.usage, data.maxUsage, data.failcnt) }
        }
        let cache: UInt64
        let usage: Entry
        let swap: Entry
        let kernel: Entry
        let raw: [String: UInt64]

        init(_ stats: WireMemoryStats) {
            cache = stats.cache
            usage = Entry(stats.usage)
            swap = Entry(stats.swapUsage)
            kernel = Entry(stats.kernelUsage)
            raw = stats.stats
        }
    }

    struct Pids: Encodable {
        let current: UInt64
        let limit: UInt64
    }

    struct BlockIO: Encodable {
        struct Entry: Encodable {
            let major: UInt64
            let minor: UInt64
            let op: String
            let value: UInt64

            init(_ entry: WireBlkioStatsEntry) { (major, minor, op, value) = (entry.major, entry.minor, entry.op, entry.value) }
        }
        let ioServiceBytesRecursive: [Entry]
        let ioServicedRecursive: [Entry]
    }

    struct HugePages: Encodable {
        let usage: UInt64
        let max: UInt64
        let failcnt: UInt64
    }

    struct Interface: Encodable {
        let stats: WireNetworkStats

        init(_ stats: WireNetworkStats) { self.stats = stats }

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case rxBytes = "RxBytes"
            case rxPackets = "RxPackets"
            case rxErrors = "RxErrors"
            case rxDropped = "RxDropped"
            case txBytes = "TxBytes"
            case txPackets = "TxPackets"
            case txErrors = "TxErrors"
            case txDropped = "TxDropped"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(stats.name, forKey: .name)
            try container.encode(stats.rxBytes, forKey: .rxBytes)
            try container.encode(stats.rxPackets, forKey: .rxPackets)
            try container.encode(stats.rxErrors, forKey: .rxErrors)
            try container.encode(stats.rxDropped, forKey: .rxDropped)
            try container.encode(stats.txBytes, forKey: .txBytes)
            try container.encode(stats.txPackets, forKey: .txPackets)
            try container.encode(stats.txErrors, forKey: .txErrors)
            try container.encode(stats.txDropped, forKey: .txDropped)
        }
    }
}
