// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

/// Runs asynchronous work from a plain thread, which blocks meanwhile.
///
/// Never called on the cooperative pool, whose threads must not block.
public func waitFor<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
    let outcome = Outcome<Value>()
    Task {
        do { outcome.put(.success(try await work())) } catch { outcome.put(.failure(error)) }
    }
    return try outcome.take().get()
}

/// A value handed from a task to a blocked thread, once.
private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, any Error>?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func put(_ new: Result<Value, any Error>) {
        value.withLock { $0 = new }
        isThere.signal()
    }

    func take() -> Result<Value, any Error> {
        isThere.wait()
        guard let outcome = value.withLock({ $0 }) else { preconditionFailure("an outcome was signalled before it was put") }
        return outcome
    }
}
