// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A value that comes once and that any number of tasks may await.
final class Eventual<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var lastWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Value?, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Nil until it has come.
    var value: Value? { state.withLock { $0.value } }

    /// The first value counts.
    func set(_ value: Value) {
        let waiters = state.withLock { state -> [CheckedContinuation<Value?, Never>] in
            guard state.value == nil else { return [] }
            state.value = value
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// The value, however long it takes; a cancelled task waits no less, because what it awaits still happens.
    func wait() async -> Value {
        while true {
            if let value = await register(timeout: nil) { return value }
        }
    }

    /// The value, or nil when it has not come within `timeout`.
    func wait(atMost timeout: Duration) async -> Value? { await register(timeout: timeout) }

    private func register(timeout: Duration?) async -> Value? {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let timer = timeout.map { limit in
            Task {
                try await Task.sleep(for: limit)
                state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
            }
        }
        defer { timer?.cancel() }
        return await withCheckedContinuation { continuation in
            let present = state.withLock { state -> Value? in
                if state.value == nil { state.waiters[id] = continuation }
                return state.value
            }
            if let present { continuation.resume(returning: present) }
        }
    }
}
