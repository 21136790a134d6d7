// SPDX-License-Identifier: Apache-2.0

internal import KataHypervisor
package import KataOCI
internal import KataSystem
package import KataWire
internal import SystemPackage

/// What a container may use of memory and processors; the numbers are the runtime-spec's, 0 says nothing and less is no limit.
package struct ContainerLimits: Sendable, Hashable {
    /// Bytes.
    package var memory: Int64 = 0
    /// Microseconds of processor time in each period.
    package var quota: Int64 = 0
    /// Microseconds.
    package var period: Int64 = 0

    package init(memory: Int64 = 0, quota: Int64 = 0, period: Int64 = 0) {
        self.memory = memory
        self.quota = quota
        self.period = period
    }

    package init(_ spec: Spec) {
        let resources = spec.linux?.resources
        self.init(
            memory: resources?.memory?.limit ?? 0, quota: resources?.cpu?.quota ?? 0,
            period: resources?.cpu?.period.map { Int64(clamping: $0) } ?? 0)
    }

    /// What a pod will use, as containerd says it in annotations of the pod's first container, which has no limits of its own.
    package init(podOf spec: Spec) {
        let annotations = spec.annotations ?? [:]
        func annotation(_ name: String) -> Int64 { annotations["io.kubernetes.cri.sandbox-" + name].flatMap { Int64($0) } ?? 0 }
        self.init(memory: annotation("memory"), quota: annotation("cpu-quota"), period: annotation("cpu-period"))
    }

    /// With the limits that are named in place of the old ones.
    package func updated(_ resources: WireLinuxResources) -> ContainerLimits {
        ContainerLimits(
            memory: resources.memory.limit == 0 ? memory : resources.memory.limit,
            quota: resources.cpu.quota == 0 ? quota : resources.cpu.quota,
            period: resources.cpu.period == 0 ? period : Int64(clamping: resources.cpu.period))
    }

    /// The kernel's.
    private static let standardPeriod: Int64 = 100_000

    fileprivate var memoryMiB: Int { memory > 0 ? Int((memory - 1) >> 20) + 1 : 0 }
    /// Thousandths of a processor.
    fileprivate var milliprocessors: Int {
        let period = period == 0 ? Self.standardPeriod : period
        guard quota > 0, period > 0 else { return 0 }
        // No machine has a million processors.
        return Int(min(quota, period * 1_000_000) * 1000 / period)
    }
}

/// What a machine gets beside its configured size, so that its containers can use all that they are allowed to.
///
/// The limits themselves hold in the guest's cgroups.
package struct SandboxSize: Sendable, Hashable {
    package let memoryMiB: Int
    package let processors: Int

    package init(memoryMiB: Int = 0, processors: Int = 0) {
        self.memoryMiB = memoryMiB
        self.processors = processors
    }

    /// - Parameter pod: what all containers together will use, if somebody said so beforehand.
    package init(_ containers: some Sequence<ContainerLimits>, pod: ContainerLimits = ContainerLimits()) {
        var (memory, processors) = (0, 0)
        for container in containers {
            memory = memory.addingReportingOverflow(container.memoryMiB).partialValue
            processors += container.milliprocessors
        }
        self.init(
            memoryMiB: max(memory, pod.memoryMiB), processors: (max(processors, pod.milliprocessors) + 999) / 1000)
    }

    /// - Parameter hostMemoryMiB: a machine gets no more.
    func add(to spec: inout MachineSpec, hostMemoryMiB: Int) {
        let size = spec.memory.sizeMiB
        spec.memory.sizeMiB = max(size, min(hostMemoryMiB, size.addingReportingOverflow(memoryMiB).partialValue))
        let wanted = min(spec.processors.maximum, spec.processors.count + min(processors, spec.processors.maximum))
        spec.processors = ProcessorLayout(count: wanted, maximum: spec.processors.maximum)
        // With the host's memory used up there is nothing to grow into.
        if let growth = spec.memory.growth, growth.maximumMiB <= spec.memory.sizeMiB { spec.memory.growth = nil }
    }

    func added(to base: MachineSize) -> MachineSize {
        MachineSize(
            memoryMiB: base.memoryMiB.addingReportingOverflow(memoryMiB).partialValue, processors: base.processors + processors)
    }
}

/// The memory of this host.
enum HostMemory {
    /// MemTotal of /proc/meminfo.
    static func mebibytes() throws(SystemError) -> Int {
        let text = String(decoding: try FileSystem.read("/proc/meminfo", limit: 1 << 16), as: UTF8.self)
        let words = text.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }?.split(separator: " ") ?? []
        return words.count > 1 ? (Int(words[1]) ?? 0) >> 10 : 0
    }
}
