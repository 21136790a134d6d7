// SPDX-License-Identifier: Apache-2.0

package import KataOCI
internal import KataWire

/// How often containers ran out of memory, and who waits to hear of it.
struct MemoryEvents: Sendable {
    private struct Count {
        /// As events, one by one.
        var events: UInt64 = 0
        /// As a number that came with the end of a process, which may overtake them.
        var told: UInt64 = 0
        /// Of which the host's kernel has been made to say so.
        var alarmed: UInt64 = 0

        var value: UInt64 { max(events, told) }
    }

    private var counts: [ContainerID: Count] = [:]
    private var ended: Set<ContainerID> = []
    private var listeners: [ContainerID: [CheckedContinuation<Void, Never>]] = [:]
    /// An alarm that is being given.
    var alarms: [ContainerID: Task<Void, Never>] = [:]

    func count(_ id: ContainerID) -> UInt64 { counts[id]?.value ?? 0 }
    func hasEnded(_ id: ContainerID) -> Bool { ended.contains(id) }

    /// The name may have been another container's.
    mutating func begin(_ id: ContainerID) {
        counts[id] = nil
        ended.remove(id)
    }

    mutating func note(_ id: ContainerID) {
        counts[id, default: Count()].events += 1
        wake(id)
    }

    mutating func hear(_ id: ContainerID, _ count: UInt64) {
        guard count > self.count(id) else { return }
        counts[id, default: Count()].told = count
        wake(id)
    }

    /// Whether more has happened since it was asked before.
    mutating func isNews(_ id: ContainerID) -> Bool {
        guard let count = counts[id], count.value > count.alarmed else { return false }
        counts[id]?.alarmed = count.value
        return true
    }

    /// Nothing more can happen to it.
    mutating func end(_ id: ContainerID) {
        ended.insert(id)
        wake(id)
    }

    mutating func add(_ listener: CheckedContinuation<Void, Never>, for id: ContainerID) { listeners[id, default: []].append(listener) }

    private mutating func wake(_ id: ContainerID) {
        for listener in listeners.removeValue(forKey: id) ?? [] { listener.resume() }
    }
}

extension Sandbox {
    /// Returns when the container has run out of memory more often than `seen` times, or has ended.
    package func outOfMemory(_ id: ContainerID, seen: UInt64) async throws -> (count: UInt64, ended: Bool) {
        _ = try container(id)
        while memory.count(id) <= seen, !memory.hasEnded(id) {
            await withCheckedContinuation { memory.add($0, for: id) }
        }
        return (memory.count(id), memory.hasEnded(id))
    }

    func followMemory(_ machine: RunningMachine) {
        Task {
            // Kata's own agent may not tell; a guest that is gone cannot.
            while let event = try? await machine.agent.getOOMEvent() {
                guard let id = ContainerID(rawValue: event.containerID) else { continue }
                memory.note(id)
                Task { await alarm(id) }
            }
        }
    }

    /// Has the host's kernel tell the engine what the guest's has told us, and returns when it has. What happens while an alarm is given is
    /// told by one more. In the group that has the machine in it, that is at the end of its container, when nobody needs the machine.
    func alarm(_ id: ContainerID) async {
        await alarmsAreOver(id)
        guard let container = containers[id], let path = container.record.cgroup,
            path != machineGroup || containers.values.allSatisfy({ $0.initial.exit.current != nil }),
            memory.isNews(id), let group = HostCgroup.memory(path, of: container.initial.stub)
        else { return }
        let alarm = Task { await MemoryAlarm.give(in: group) }
        memory.alarms[id] = alarm
        await alarmsAreOver(id)
    }

    private func alarmsAreOver(_ id: ContainerID) async {
        while let alarm = memory.alarms[id] {
            await alarm.value
            // Whoever is here first: a task that has ended is waited for without a pause, and nobody else would come to it.
            if memory.alarms[id] == alarm { memory.alarms[id] = nil }
        }
    }
}
