// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataAgent
internal import KataSystem
internal import KataTestSupport
internal import SystemPackage
internal import Testing

@Suite struct CgroupLimitsTests {
    private func settings(_ change: (inout CgroupLimits) -> Void) -> [String] {
        var limits = CgroupLimits()
        change(&limits)
        return limits.settings.map { "\($0.file)=\($0.value)" }
    }

    @Test("nothing said, nothing written")
    func nothing() { #expect(settings { _ in } == []) }

    @Test("swap is what is left of memory and swap together")
    func swap() {
        #expect(settings { ($0.memory, $0.memoryAndSwap) = (100, 150) } == ["memory.max=100", "memory.swap.max=50"])
        #expect(settings { ($0.memory, $0.memoryAndSwap) = (100, 100) } == ["memory.max=100", "memory.swap.max=0"])
        #expect(settings { ($0.memory, $0.memoryAndSwap) = (100, -1) } == ["memory.max=100", "memory.swap.max=max"])
        #expect(settings { ($0.memory, $0.memoryAndSwap) = (100, 50) } == ["memory.max=100"])
        #expect(settings { $0.memory = -1 } == ["memory.max=max", "memory.swap.max=max"], "who lifts the one means the other")
    }

    /// The settings of a change to a group that has these limits.
    private func changed(_ group: GroupLimits, _ change: (inout CgroupLimits) -> Void) throws -> [String] {
        var limits = CgroupLimits()
        change(&limits)
        return try limits.completed { group }.settings.map { "\($0.file)=\($0.value)" }
    }

    @Test("memory and swap changed alone are counted from the memory that the group has")
    func swapAlone() throws {
        let group = GroupLimits(memory: 100, cpuQuota: -1, cpuPeriod: 100_000)
        #expect(try changed(group) { $0.memoryAndSwap = 150 } == ["memory.max=100", "memory.swap.max=50"])
        #expect(try changed(group) { $0.memoryAndSwap = -1 } == ["memory.swap.max=max"])
        #expect(try changed(group) { ($0.memory, $0.memoryAndSwap) = (50, 150) } == ["memory.max=50", "memory.swap.max=100"])
        #expect { try changed(group) { $0.memoryAndSwap = 99 } } throws: { "\($0)".contains("the limit of memory is 100") }
        let unlimited = GroupLimits(memory: -1, cpuQuota: -1, cpuPeriod: 100_000)
        #expect { try changed(unlimited) { $0.memoryAndSwap = 99 } } throws: { "\($0)".contains("memory itself has no limit") }
    }

    @Test("quota and period changed alone keep the other")
    func quotaAlone() throws {
        let group = GroupLimits(memory: -1, cpuQuota: 20_000, cpuPeriod: 50_000)
        #expect(try changed(group) { $0.cpuQuota = 10_000 } == ["cpu.max=10000 50000"])
        #expect(try changed(group) { $0.cpuPeriod = 40_000 } == ["cpu.max=20000 40000"])
        #expect(try changed(group) { $0.cpuQuota = -1 } == ["cpu.max=max 50000"])
        #expect(try changed(group) { ($0.cpuQuota, $0.cpuPeriod) = (5000, 10_000) } == ["cpu.max=5000 10000"])
    }

    @Test("a change that needs nothing of the group does not ask for it")
    func complete() throws {
        struct Asked: Error {}
        var limits = CgroupLimits()
        (limits.memory, limits.processes) = (100, 7)
        #expect(try limits.completed { throw Asked() }.settings.map(\.file) == ["memory.max", "pids.max"])
    }

    @Test("what a group has is read from its files")
    func group() async throws {
        try await withTemporaryDirectory { directory in
            func write(_ memory: String, _ time: String) throws {
                try AtomicFile.write(Array(memory.utf8), to: directory.appending("memory.max"))
                try AtomicFile.write(Array(time.utf8), to: directory.appending("cpu.max"))
            }
            try write("max\n", "max 100000\n")
            #expect(try GroupLimits(of: directory) == GroupLimits(memory: -1, cpuQuota: -1, cpuPeriod: 100_000))
            try write("4096\n", "5000 20000\n")
            #expect(try GroupLimits(of: directory) == GroupLimits(memory: 4096, cpuQuota: 5000, cpuPeriod: 20_000))
        }
    }

    @Test("shares map linearly to weight", arguments: [(UInt64(2), 1), (1024, 39), (262_144, 10_000), (1, 1), (1 << 40, 10_000)])
    func weight(shares: UInt64, weight: Int) {
        #expect(settings { $0.cpuShares = shares } == ["cpu.weight=\(weight)"])
    }

    @Test("quota and period share one file, with the kernel's default period")
    func quota() {
        #expect(settings { ($0.cpuQuota, $0.cpuPeriod) = (50_000, 200_000) } == ["cpu.max=50000 200000"])
        #expect(settings { $0.cpuQuota = 50_000 } == ["cpu.max=50000 100000"])
        #expect(settings { ($0.cpuQuota, $0.cpuPeriod) = (-1, 100_000) } == ["cpu.max=max 100000"])
    }

    @Test("limits of disks are lines by device, and a rate of nothing is none")
    func disks() {
        let written = settings {
            $0.blockWeight = 500
            $0.diskWeights = [("254:0", 10), ("254:16", 1000)]
            $0.diskRates = [("254:0", "rbps", 1 << 20), ("254:16", "wiops", 0)]
        }
        #expect(
            written == [
                "io.weight=default 4950", "io.weight=254:0 1", "io.weight=254:16 10000", "io.max=254:0 rbps=1048576",
                "io.max=254:16 wiops=max",
            ])
    }

    @Test("a page size that the guest lacks can only be forbidden")
    func hugePages() {
        var limits = CgroupLimits()
        limits.hugePages = [("1GB", 0), ("3MB", 1)]
        #expect(limits.settings.map(\.isOptional) == [true, false])
    }

    @Test("processes, cpusets and huge pages have their own files")
    func others() {
        let written = settings {
            $0.processes = 10
            $0.cpus = "0-1"
            $0.memoryNodes = "0"
            $0.hugePages = [("2MB", 4096)]
        }
        #expect(written == ["cpuset.cpus=0-1", "cpuset.mems=0", "pids.max=10", "hugetlb.2MB.max=4096"])
        #expect(settings { $0.processes = -1 } == ["pids.max=max"])
    }
}

@Suite struct StoragePlanTests {
    private func plan(_ driver: String, _ fileSystem: String = "", _ options: [String] = [], at point: FilePath = "/m") throws
        -> StoragePlan
    {
        try StoragePlan(
            of: StorageDescription(
                driver: driver, source: "kataShared", fileSystem: fileSystem, options: options, mountPoint: point))
    }

    @Test("each driver has its file system")
    func drivers() throws {
        #expect(
            try plan("9p", "9p", ["trans=virtio", "nodev"])
                == .mount(source: "kataShared", type: "9p", flags: UInt(MS_NODEV), data: "trans=virtio", at: "/m"))
        #expect(try plan("virtio-fs") == .mount(source: "kataShared", type: "virtiofs", flags: 0, data: "", at: "/m"))
        #expect(try plan("ephemeral", "tmpfs", ["size=1m"]) == .mount(source: "tmpfs", type: "tmpfs", flags: 0, data: "size=1m", at: "/m"))
        #expect(try plan("bind") == .mount(source: "kataShared", type: "bind", flags: UInt(MS_BIND), data: "", at: "/m"))
        #expect(try plan("local", "", ["mode=0777"]) == .directory("/m", mode: 0o777))
    }

    @Test("an unknown driver, a bad mode and a mount point that climbs are refused")
    func refusals() throws {
        #expect(throws: AgentFailure.self) { try plan("nvdimm") }
        #expect(throws: AgentFailure.self) { try plan("local", "", ["mode=99"]) }
        #expect(throws: AgentFailure.self) { try plan("9p", at: "/a/../b") }
        #expect(throws: AgentFailure.self) { try plan("9p", at: "a") }
    }
}

@Suite struct ModuleLoadListTests {
    @Test("one absolute path a line, comments and blank lines left out")
    func list() throws {
        let list = try ModuleLoadList(parsing: "# order\n/lib/a.ko\n\n  /lib/b.ko \n")
        #expect(list.modules == ["/lib/a.ko", "/lib/b.ko"])
        #expect(try ModuleLoadList(parsing: "").modules == [])
    }

    @Test("a relative path is refused with its line")
    func relative() throws {
        #expect { try ModuleLoadList(parsing: "/a.ko\nb.ko\n") } throws: { error in
            "\(error)" == "read module load list line 2: 'b.ko' is not an absolute path"
        }
    }
}

@Suite struct UEventTests {
    private func message(_ parts: String...) -> UEvent? { UEvent(parsing: parts.flatMap { Array($0.utf8) + [0] }) }

    @Test("a kernel event has action, path and properties")
    func kernel() throws {
        let event = try #require(
            message("change@/devices/pci0000:00/virtio1/virtio-ports/vport1p1", "ACTION=change", "SUBSYSTEM=virtio-ports", "odd", "A=b=c"))
        #expect(event.action == "change")
        #expect(event.devicePath.hasSuffix("vport1p1"))
        #expect(event.concernsVirtioPort)
        #expect(event.properties["A"] == "b=c")
    }

    @Test("bytes that are no kernel event are none")
    func foreign() {
        #expect(message("libudev", "x") == nil)
        #expect(message("@/devices/x") == nil)
        #expect(message("add@relative") == nil)
        #expect(UEvent(parsing: []) == nil)
        #expect(message("add@/x", "SUBSYSTEM=net")?.concernsVirtioPort == false)
    }
}
