// SPDX-License-Identifier: Apache-2.0

package import KataSystem
package import SystemPackage

/// What a group is limited to at present, in the terms of the runtime-spec: -1 means no limit.
package struct GroupLimits: Sendable, Equatable {
    package var memory: Int64
    package var cpuQuota: Int64
    package var cpuPeriod: UInt64

    package init(memory: Int64, cpuQuota: Int64, cpuPeriod: UInt64) {
        self.memory = memory
        self.cpuQuota = cpuQuota
        self.cpuPeriod = cpuPeriod
    }

    /// Reads them from the group's files.
    package init(of group: FilePath) throws(SystemError) {
        memory = Self.amount(try CgroupFile.lines(group.appending("memory.max")).first?.first)
        let time = try CgroupFile.lines(group.appending("cpu.max")).first ?? []
        cpuQuota = Self.amount(time.first)
        cpuPeriod = time.dropFirst().first.flatMap { UInt64($0) } ?? 0
    }

    private static func amount(_ word: Substring?) -> Int64 { word.flatMap { Int64($0) } ?? -1 }
}

extension CgroupLimits {
    /// With what the group has where one number of a pair is changed alone: memory and swap are counted together by the runtime-spec and
    /// apart by the kernel, and quota and period share a file.
    ///
    /// - Parameter current: asked only then.
    package func completed(_ current: () throws -> GroupLimits) throws -> CgroupLimits {
        let needsMemory = memoryAndSwap > 0 && memory == 0
        let needsTime = (cpuQuota == 0) != (cpuPeriod == 0)
        guard needsMemory || needsTime else { return self }
        let current = try current()
        var result = self
        if needsTime {
            result.cpuQuota = cpuQuota == 0 ? current.cpuQuota : cpuQuota
            result.cpuPeriod = cpuPeriod == 0 ? current.cpuPeriod : cpuPeriod
        }
        if needsMemory {
            let act = "limit memory and swap together to \(memoryAndSwap) bytes"
            guard current.memory > 0 else { throw AgentFailure.invalid("\(act): memory itself has no limit, set one as well") }
            guard memoryAndSwap >= current.memory else { throw AgentFailure.invalid("\(act): the limit of memory is \(current.memory)") }
            result.memory = current.memory
        }
        return result
    }
}
