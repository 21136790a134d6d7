// SPDX-License-Identifier: Apache-2.0

internal import KataOCI

/// When a process runs, and where (sched(7), ioprio_set(2)); what is nil stays as the agent's.
package struct Scheduling: Sendable, Equatable {
    /// `struct sched_attr` of sched_setattr(2).
    package private(set) var attributes: [UInt8]?
    /// Class and level as ioprio_set(2) takes them.
    package private(set) var ioPriority: UInt64?
    /// A bit for each processor.
    package private(set) var affinity: [UInt8]?

    package init() {}

    /// The steps that need the right to raise priorities.
    var steps: [ContainerStep] {
        (attributes.map { [.schedule($0)] } ?? []) + (ioPriority.map { [.ioPriority($0)] } ?? []) + (affinity.map { [.affinity($0)] } ?? [])
    }

    package mutating func setPolicy(
        _ name: String, nice: Int32, priority: Int32, flags: [String], runtime: UInt64, deadline: UInt64, period: UInt64
    ) throws(AgentFailure) {
        guard let policy = Scheduler.policies[name] else { throw .invalid("read scheduling policy '\(name)': no such policy") }
        var bits: UInt64 = 0
        for flag in flags {
            guard let index = Scheduler.knownFlags.firstIndex(of: flag) else {
                throw .invalid("read scheduling flag '\(flag)': no such flag")
            }
            bits |= 1 << UInt64(index)
        }
        var bytes: [UInt8] = []
        func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
        append(UInt32(48))
        append(policy)
        append(bits)
        append(nice)
        append(UInt32(bitPattern: priority))
        append(runtime)
        append(deadline)
        append(period)
        attributes = bytes
    }

    package mutating func setIOPriority(_ name: String, _ level: Int32) throws(AgentFailure) {
        guard let index = IOPriority.classes.firstIndex(of: name), (0...7).contains(level) else {
            throw .invalid("read I/O priority '\(name)' \(level): a class of linux/ioprio.h and 0 to 7 are needed")
        }
        ioPriority = UInt64(index + 1) << 13 | UInt64(level)
    }

    /// - Parameter list: such as `0-3,7`.
    package mutating func setAffinity(_ list: String) throws(AgentFailure) {
        var bytes = [UInt8](repeating: 0, count: 128)
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last, first >= 0, last < 1024 else {
                throw .invalid("read processor list '\(list)': not a list such as 0-3,7")
            }
            for number in first...last { bytes[number / 8] |= 1 << UInt8(number % 8) }
        }
        affinity = bytes
    }
}
