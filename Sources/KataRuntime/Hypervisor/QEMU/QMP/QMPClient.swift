// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import KataSystem
public import KataText
internal import Synchronization
internal import SystemPackage

/// A connection to QEMU's monitor (docs/interop/qmp-spec.txt).
///
/// Commands may be issued from several tasks and are answered by id. One thread reads; the connection ends for good when
/// QEMU closes it, breaks the protocol, or does not take our bytes.
public final class QMPClient: Sendable {
    /// What QEMU reports unasked, for one consumer; the oldest of more than 64 unread ones are dropped, so a guest that
    /// causes events in a loop costs no memory. Ends with the connection.
    public let events: AsyncStream<QMPEvent>

    /// query-qmp-schema, the longest answer known, is a fifth of this.
    static let lineLimit = 1 << 20
    private static let greetingID: UInt64 = 0

    private let socket: SharedFD
    private let eventSink: AsyncStream<QMPEvent>.Continuation
    private let state = Mutex(State())

    private struct State {
        var lastID = QMPClient.greetingID
        var pending: [UInt64: Pending] = [:]
        var end: End?
    }

    private struct Pending {
        let command: String
        let continuation: CheckedContinuation<Result<JSONValue, QMPError>, Never>
        let timer: Task<Void, any Error>

        func resume(_ result: Result<JSONValue, QMPError>) {
            timer.cancel()
            continuation.resume(returning: result)
        }
    }

    private enum End {
        case closed
        case malformed(QMPError.MalformedStream)

        func error(for command: String) -> QMPError {
            switch self {
            case .closed: .closed(command: command)
            case .malformed(let problem): .malformed(command: command, problem)
            }
        }
    }

    /// Speaks over a connected socket, which is shut down when the client ends.
    public init(_ socket: SharedFD) {
        self.socket = socket
        (events, eventSink) = AsyncStream.makeStream(of: QMPEvent.self, bufferingPolicy: .bufferingNewest(64))
    }

    deinit { close() }

    /// Reads the greeting and negotiates capabilities; before that QEMU takes no commands.
    public func negotiate(timeout: Duration = .seconds(10)) async throws(QMPError) {
        _ = try await wait(id: Self.greetingID, command: "greeting", timeout: timeout) { () throws(SystemError) in try startReading() }
        try await execute("qmp_capabilities", timeout: timeout)
    }

    /// Runs a command without arguments.
    @discardableResult
    public func execute(_ command: String, timeout: Duration = .seconds(10)) async throws(QMPError) -> JSONValue {
        try await execute(command, NoArguments(), timeout: timeout)
    }

    /// Runs a command and returns what QEMU answers.
    ///
    /// - Parameter descriptor: for a command that takes one.
    @discardableResult
    public func execute(
        _ command: String, _ arguments: some Encodable & Sendable, descriptor: SharedFD? = nil, timeout: Duration = .seconds(10)
    ) async throws(QMPError) -> JSONValue {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let line: [UInt8]
        do {
            line = try encodeJSON(QMPRequest(execute: command, arguments: arguments, id: id)) + [UInt8(ascii: "\n")]
        } catch {
            throw .unsendable(command: command, cause: error)
        }
        return try await wait(id: id, command: command, timeout: timeout) { () throws(SystemError) in try send(line, descriptor) }
    }

    /// Ends the connection; whoever waits gets `closed`.
    public func close() { end(.closed) }

    /// Registers for the answer to `id`, starts what leads to it, and waits.
    private func wait(
        id: UInt64, command: String, timeout: Duration, _ start: @Sendable () throws(SystemError) -> Void
    ) async throws(QMPError) -> JSONValue {
        let outcome: Result<JSONValue, QMPError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ended = state.withLock { state -> End? in
                    if state.end == nil {
                        // Started with the command in its place: one that fires at once must find what it ends.
                        let timer = Task { [weak self] in
                            try await Task.sleep(for: timeout)
                            self?.finish(id, .failure(.timedOut(command: command, timeout)))
                        }
                        state.pending[id] = Pending(command: command, continuation: continuation, timer: timer)
                    }
                    return state.end
                }
                if let ended { return continuation.resume(returning: .failure(ended.error(for: command))) }
                do throws(SystemError) {
                    try start()
                } catch {
                    finish(id, .failure(.unsendable(command: command, cause: error)))
                    end(.closed)
                }
                // The handler below may have run before there was anything to finish.
                if Task.isCancelled { finish(id, .failure(.cancelled(command: command))) }
            }
        } onCancel: {
            finish(id, .failure(.cancelled(command: command)))
        }
        return try outcome.get()
    }

    private func finish(_ id: UInt64, _ result: Result<JSONValue, QMPError>) {
        let waiter = state.withLock { $0.pending.removeValue(forKey: id) }
        waiter?.resume(result)
    }

    private func end(_ reason: End) {
        let waiting = state.withLock { state -> [Pending] in
            guard state.end == nil else { return [] }
            state.end = reason
            defer { state.pending = [:] }
            return Array(state.pending.values)
        }
        for waiter in waiting { waiter.resume(.failure(reason.error(for: waiter.command))) }
        // The reader sees the end of the stream; a connection that is gone already is what we want.
        _ = socket.withRaw { shutdown($0, CInt(SHUT_RDWR)) }
        eventSink.finish()
    }
}

extension QMPClient {
    /// All of the line or none: QEMU reads its monitor all the time, so a full socket means that it hangs, and half a
    /// line makes every later command unreadable.
    private func send(_ line: [UInt8], _ descriptor: SharedFD?) throws(SystemError) {
        if let descriptor { return try UnixSocket.send(line, descriptors: [descriptor], on: try socket.duplicate()) }
        let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
        let sent = try syscall("send", "qmp") {
            socket.withRaw { raw in line.withUnsafeBytes { CLinux.send(raw, $0.baseAddress, $0.count, flags) } }
        }
        guard sent == line.count else { throw SystemError(call: "send", subject: "qmp", errno: .resourceTemporarilyUnavailable) }
    }

    private func startReading() throws(SystemError) {
        // The thread holds the socket, not the client, so that a client nobody uses any more is freed and closes.
        let socket = socket
        try startThread(name: "qmp") { [weak self] in
            var splitter = LineSplitter(limit: Self.lineLimit)
            while true {
                // A read error ends the stream like its end does.
                let bytes = (try? socket.read(upTo: 1 << 14)) ?? []
                guard let client = self else { return }
                if bytes.isEmpty { return client.end(.closed) }
                guard let lines = splitter.append(bytes) else { return client.end(.malformed(.lineTooLong)) }
                for line in lines where !client.receive(line) { return client.end(.malformed(.notAMessage)) }
            }
        }
    }

    private func receive(_ line: [UInt8]) -> Bool {
        if line.isEmpty { return true }
        guard let message = QMPMessage.parse(line) else { return false }
        switch message {
        case .greeting(let value): finish(Self.greetingID, .success(value))
        case .reply(let id, let value): finish(id, .success(value))
        case .refusal(let id?, let name, let text): refuse(id, name, text)
        case .refusal(nil, _, _): return false
        case .event(let event): eventSink.yield(event)
        }
        return true
    }

    private func refuse(_ id: UInt64, _ name: String, _ text: String) {
        let command = state.withLock { $0.pending[id]?.command } ?? ""
        finish(id, .failure(.refused(command: command, class: name, description: text)))
    }
}
