// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A value that comes once and that any number of tasks may await.
final class Eventual<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var lastWaiter: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
    }

    private struct Waiter {
        let continuation: CheckedContinuation<Value?, Never>
        let timer: Task<Void, any Error>?

        func resume(_ value: Value?) {
            timer?.cancel()
            continuation.resume(returning: value)
        }
    }

    private let state = Mutex(State())

    /// Nil until it has come.
    var value: Value? { state.withLock { $0.value } }

    /// The first value counts.
    func set(_ value: Value) {
        let waiters = state.withLock { state -> [Waiter] in
            guard state.value == nil else { return [] }
            state.value = value
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(value) }
    }

    /// The value, however long it takes; a cancelled task waits no less, because what it awaits still happens.
    func wait() async -> Value {
        while true {
            if let value = await register(timeout: nil) { return value }
        }
    }

    /// The value, or nil when it has not come within `timeout`; a cancelled task waits no less.
    func wait(atMost timeout: Duration) async -> Value? { await register(timeout: timeout) }

    /// As `wait(atMost:)`, and nil also when the task is cancelled.
    func waitUnlessCancelled(atMost timeout: Duration) async -> Value? {
        let id = newID()
        return await withTaskCancellationHandler {
            await register(id, timeout: timeout) { Task.isCancelled }
        } onCancel: {
            giveUp(id)
        }
    }

    private func newID() -> UInt64 {
        state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
    }

    private func giveUp(_ id: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(nil)
    }

    private func register(timeout: Duration?) async -> Value? {
        await register(newID(), timeout: timeout) { false }
    }

    /// - Parameter isPointless: asked once the waiter is registered, for what may have happened before.
    private func register(_ id: UInt64, timeout: Duration?, unless isPointless: () -> Bool) async -> Value? {
        await withCheckedContinuation { continuation in
            let present = state.withLock { state -> Value? in
                if state.value == nil {
                    // Started with the waiter in its place: one that fires at once must find what it ends.
                    let timer = timeout.map { limit in
                        Task {
                            try await Task.sleep(for: limit)
                            giveUp(id)
                        }
                    }
                    state.waiters[id] = Waiter(continuation: continuation, timer: timer)
                }
                return state.value
            }
            if let present { continuation.resume(returning: present) } else if isPointless() { giveUp(id) }
        }
    }
}
