// SPDX-License-Identifier: Apache-2.0

package import KataOCI
internal import KataWire

/// How often containers ran out of memory, and who waits to hear of it.
struct MemoryEvents: Sendable {
    private var counts: [ContainerID: UInt64] = [:]
    private var ended: Set<ContainerID> = []
    private var listeners: [ContainerID: [CheckedContinuation<Void, Never>]] = [:]

    func count(_ id: ContainerID) -> UInt64 { counts[id] ?? 0 }
    func hasEnded(_ id: ContainerID) -> Bool { ended.contains(id) }

    mutating func note(_ id: ContainerID) {
        counts[id, default: 0] += 1
        wake(id)
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
                if let id = ContainerID(rawValue: event.containerID) { memory.note(id) }
            }
        }
    }
}
