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
        /// The process may be running already: signals are kept for it.
        case starting(kept: [CInt])
        case running(ChildProcess)
        case aborted(CInt)
    }

    static let signals: [CInt] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH]
    private static let fatal: Set<CInt> = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    private let phase = Mutex(Phase.creating)
    private let outcome = Mutex<(@Sendable (CInt) -> Void)?>(nil)
    /// Set when nothing is being made any more.
    private let quiet = OneShot<Void>()

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
            case .starting(let kept) where !(Self.fatal.contains(number) && kept.contains(number)):
                phase = .starting(kept: kept + [number])
                return nil
            case .creating where Self.fatal.contains(number), .starting:
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
        if case .aborted(let number) = phase.withLock({ $0 }) {
            quiet.set(())
            throw AbortedBySignal(number: number)
        }
        try startThread(name: "creation", stackKiB: 8192) { [quiet] in
            done.set(Result { try body() })
            quiet.set(())
        }
        return try waitFor { await done.value }.get()
    }

    /// Takes back what was made of a container before the signal.
    ///
    /// The shim would notice that its creator is gone only after this process. Without it what was given up fails too, and takes back
    /// what it made; it is waited for, but not for ever: a hook may hold it.
    func takeBack(_ end: ContainerEnd) throws {
        if end.interrupt() { try waitUntilQuiet() }
        try end.delete(force: true)
        try waitUntilQuiet()
    }

    private func waitUntilQuiet() throws { _ = try waitFor { [quiet] in await within(.seconds(3)) { await quiet.value } } }

    /// From now on signals wait for `hand`; one that says the same a second time gives the attempt up.
    func keep() { phase.withLock { if case .creating = $0 { $0 = .starting(kept: []) } } }

    /// From now on signals go to the workload, those that were kept first.
    func hand(to stub: ChildProcess) {
        let kept: [CInt] = phase.withLock { phase in
            defer { phase = .running(stub) }
            if case .starting(let kept) = phase { return kept }
            return []
        }
        for number in kept { _ = try? stub.signal(number) }  // it may have ended
    }
}

/// The user gave up; what had been made is taken back.
struct AbortedBySignal: FaultyError {
    let number: CInt
    var fault: Fault { .user }
    var description: String { "make the container: interrupted by signal \(number)" }
}
