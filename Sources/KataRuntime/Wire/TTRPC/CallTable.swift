// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// The calls of one connection that wait for their answers.
///
/// Every call that is entered is finished exactly once: by its answer, its deadline, its task's cancellation or the connection's end.
final class CallTable: Sendable {
    typealias Answer = Result<WireTTRPCResponse, TTRPCStatus>

    private struct Waiting {
        let continuation: CheckedContinuation<Answer, Never>
        var deadline: Scheduled<Void>?
    }

    private struct State {
        /// Odd: even ids would be the server's.
        var nextID: UInt32 = 1
        var waiting: [UInt32: Waiting] = [:]
        var end: TTRPCStatus?
        var observers: [CheckedContinuation<TTRPCStatus, Never>] = []
    }

    private let state = Mutex(State())

    /// Gives the call its stream and sends it, unless the connection has ended.
    ///
    /// - Parameter send: must only enqueue: it runs under the lock, so that frames leave in the order of their streams, as the protocol demands.
    /// - Returns: the stream id; nil when the call is already finished.
    func enter(
        _ continuation: CheckedContinuation<Answer, Never>, send: (UInt32) -> Scheduled<Void>?
    ) -> UInt32? {
        let refusal: TTRPCStatus
        let outcome: Result<UInt32, TTRPCStatus> = state.withLock { state in
            if let end = state.end { return .failure(end) }
            let id = state.nextID
            guard id < .max else { return .failure(TTRPCStatus(.resourceExhausted, "the connection has no stream id left")) }
            state.nextID = id &+ 2 > id ? id + 2 : .max
            state.waiting[id] = Waiting(continuation: continuation, deadline: nil)
            state.waiting[id]?.deadline = send(id)
            return .success(id)
        }
        switch outcome {
        case .success(let id): return id
        case .failure(let status): refusal = status
        }
        continuation.resume(returning: .failure(refusal))
        return nil
    }

    /// Does nothing for a call that has been finished.
    func finish(_ id: UInt32, _ answer: Answer) {
        guard let waiting = state.withLock({ $0.waiting.removeValue(forKey: id) }) else { return }
        waiting.deadline?.cancel()
        waiting.continuation.resume(returning: answer)
    }

    /// Hands a frame of the server to its call; a frame for a call that gave up is dropped.
    func receive(_ inbound: InboundFrame) throws(FramingError) {
        switch inbound {
        case .oversized(let header):
            try check(header.streamID, header.type)
            finish(header.streamID, .failure(.exceedsLimit(Int(header.length))))
        case .complete(let frame):
            try check(frame.streamID, frame.type)
            guard let response = Envelope.decode(WireTTRPCResponse.self, frame.payload) else {
                throw .malformedResponse(stream: frame.streamID)
            }
            if response.hasStatus, let status = TTRPCStatus(response.status) {
                finish(frame.streamID, .failure(status))
            } else {
                finish(frame.streamID, .success(response))
            }
        }
    }

    private func check(_ id: UInt32, _ type: FrameType) throws(FramingError) {
        guard type == .response else { throw .unexpectedType(type.rawValue) }
        guard id % 2 == 1, id < state.withLock({ $0.nextID }) else { throw .unknownStream(id) }
    }

    /// Fails every call, now and from now on; the first reason stays.
    func end(_ reason: TTRPCStatus) {
        let (calls, observers) = state.withLock { state -> ([Waiting], [CheckedContinuation<TTRPCStatus, Never>]) in
            if state.end != nil { return ([], []) }
            state.end = reason
            defer {
                state.waiting = [:]
                state.observers = []
            }
            return (Array(state.waiting.values), state.observers)
        }
        for call in calls {
            call.deadline?.cancel()
            call.continuation.resume(returning: .failure(reason))
        }
        for observer in observers { observer.resume(returning: reason) }
    }

    func waitEnd() async -> TTRPCStatus {
        await withCheckedContinuation { observer in
            let end = state.withLock { state -> TTRPCStatus? in
                if state.end == nil { state.observers.append(observer) }
                return state.end
            }
            if let end { observer.resume(returning: end) }
        }
    }
}
