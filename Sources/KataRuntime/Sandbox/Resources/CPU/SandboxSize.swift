// SPDX-License-Identifier: Apache-2.0

internal import KataHypervisor
package import KataOCI
internal import KataSystem
internal import SystemPackage

/// What a machine gets beside its configured size, so that its first container can use all that it is allowed to.
///
/// Kata plugs the same amounts in when the container is made. The limits themselves hold in the guest's cgroup.
package struct SandboxSize: Sendable, Hashable {
    package let memoryMiB: Int
    package let processors: Int

    package init(memoryMiB: Int = 0, processors: Int = 0) {
        self.memoryMiB = memoryMiB
        self.processors = processors
    }

    /// A pod's first container has no limits of its own; containerd says in annotations what the pod will use.
    package init(_ spec: Spec) {
        let annotations = spec.annotations ?? [:]
        func annotation(_ name: String) -> Int64? { annotations["io.kubernetes.cri.sandbox-" + name].flatMap { Int64($0) } }
        let resources = spec.linux?.resources
        let memory = resources?.memory?.limit ?? annotation("memory") ?? 0
        let quota = resources?.cpu?.quota ?? annotation("cpu-quota") ?? 0
        let period = resources?.cpu?.period.map { Int64(clamping: $0) } ?? annotation("cpu-period") ?? Self.standardPeriod
        self.init(
            memoryMiB: memory > 0 ? Int((memory - 1) >> 20) + 1 : 0,
            processors: quota > 0 && period > 0 ? Int((quota - 1) / period) + 1 : 0)
    }

    /// Microseconds; the kernel's.
    private static let standardPeriod: Int64 = 100_000

    /// - Parameter hostMemoryMiB: a machine gets no more.
    func add(to spec: inout MachineSpec, hostMemoryMiB: Int) {
        let size = spec.memory.sizeMiB
        spec.memory.sizeMiB = max(size, min(hostMemoryMiB, size.addingReportingOverflow(memoryMiB).partialValue))
        let wanted = min(spec.processors.maximum, spec.processors.count + min(processors, spec.processors.maximum))
        spec.processors = ProcessorLayout(count: wanted, maximum: spec.processors.maximum)
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
