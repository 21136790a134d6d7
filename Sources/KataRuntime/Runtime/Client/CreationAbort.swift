// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSandbox
internal import KataSystem
internal import Synchronization

/// The signals that a command in the foreground gets: while the container is being made they give the attempt up, once
/// it runs they are its own.
///
/// Made before the process has a second thread.
final class CreationAbort: Sendable {
    private enum Phase {
        case creating
        case running(ChildProcess)
        case aborted(CInt)
    }

    static let signals: [CInt] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH]
    private static let fatal: Set<CInt> = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    private let phase = Mutex(Phase.creating)
    private let outcome = Mutex<(@Sendable (CInt) -> Void)?>(nil)

    init() throws(SystemError) {
        let queue = SharedFD(try SignalQueue(Self.signals).release())
        try startThread(name: "signals", stackKiB: 128) { [self] in
            while let number = try? SignalQueue.next(on: queue) { take(number) }  // read fails on no descriptor that is open
        }
    }

    private func take(_ number: CInt) {
        let act: (@Sendable () -> Void)? = phase.withLock { phase in
            switch phase {
            case .running(let stub): return { _ = try? stub.signal(number) }  // it may have ended
            case .creating where Self.fatal.contains(number):
                phase = .aborted(number)
                let abort = outcome.withLock { $0 }
                return { abort?(number) }
            case .creating, .aborted: return nil
            }
        }
        act?()
    }

    /// Runs `body` on a thread of its own and gives up when a fatal signal arrives first.
    ///
    /// Giving up does not stop `body`: the caller takes back what it made.
    func guarding<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let done = OneShot<Result<Value, any Error>>()
        outcome.withLock { $0 = { done.set(.failure(AbortedBySignal(number: $0))) } }
        if case .aborted(let number) = phase.withLock({ $0 }) { throw AbortedBySignal(number: number) }
        try startThread(name: "creation", stackKiB: 8192) { done.set(Result { try body() }) }
        return try waitFor { await done.value }.get()
    }

    /// From now on signals go to the workload.
    func hand(to stub: ChildProcess) { phase.withLock { $0 = .running(stub) } }
}

/// The user gave up; what had been made is taken back.
struct AbortedBySignal: FaultyError {
    let number: CInt
    var fault: Fault { .user }
    var description: String { "make the container: interrupted by signal \(number)" }
}
