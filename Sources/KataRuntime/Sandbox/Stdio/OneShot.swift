// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import Synchronization

/// A value that is set once and awaited by any number of tasks.
package final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Value, Never>])
        case set(Value)
    }
    private let state = Mutex(State.waiting([]))

    package init() {}

    /// The first call counts; later ones are ignored.
    package func set(_ value: Value) {
        let waiting: [CheckedContinuation<Value, Never>] = state.withLock { state in
            guard case .waiting(let continuations) = state else { return [] }
            state = .set(value)
            return continuations
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    /// Nil before it has been set.
    package var current: Value? {
        state.withLock { if case .set(let value) = $0 { value } else { nil } }
    }

    package var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let ready: Value? = state.withLock { state in
                    switch state {
                    case .set(let value): return value
                    case .waiting(let continuations):
                        state = .waiting(continuations + [continuation])
                        return nil
                    }
                }
                if let ready { continuation.resume(returning: ready) }
            }
        }
    }
}

/// What `work` gives, or nil when the time is up first; then `work` goes on unheeded.
package func within<Value: Sendable>(_ limit: Duration, _ work: @escaping @Sendable () async -> Value) async -> Value? {
    let first = OneShot<Value?>()
    Task { first.set(await work()) }
    let alarm = Task {
        try await Task.sleep(for: limit)
        first.set(nil)
    }
    defer { alarm.cancel() }
    return await first.value
}

/// A descriptor that can be closed before its last owner is gone.
final class ClosableFD: Sendable {
    private let descriptor: Mutex<SharedFD?>

    init(_ descriptor: SharedFD) { self.descriptor = Mutex(descriptor) }

    func close() { descriptor.withLock { $0 = nil } }
}
