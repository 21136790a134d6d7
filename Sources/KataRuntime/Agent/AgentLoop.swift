// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
internal import Synchronization
internal import SystemPackage

/// The one thread on which all state of the agent lives: it runs the sandbox actor's jobs and waits for descriptors.
///
/// Calls that block for a moment (mount, clone3, a write to a cgroup file) are made on it, off the cooperative pool; waiting
/// for pipes, children and handshakes goes through epoll(7) and suspends.
package final class AgentLoop: SerialExecutor {
    /// What a task waits for.
    package enum Interest: Sendable {
        case readable, writable
        /// A change that the kernel announces on a file of a cgroup.
        case changed

        fileprivate var events: UInt32 {
            switch self {
            case .readable: EPOLLIN.rawValue | EPOLLRDHUP.rawValue
            case .writable: EPOLLOUT.rawValue
            case .changed: EPOLLPRI.rawValue
            }
        }
    }

    /// Names one wait, so that it can be given up.
    package struct Wait: Hashable, Sendable {
        fileprivate let token: UInt64
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var waits: [UInt64: (fd: CInt, continuation: CheckedContinuation<Bool, Never>)] = [:]
        var nextToken: UInt64 = 1
    }

    private let state = Mutex(State())
    private let epoll: OwnedFD
    private let wakeUp: OwnedFD

    /// Starts the thread; it ends with the process.
    package init() throws(SystemError) {
        epoll = OwnedFD(adopting: try syscall("epoll_create1", "agent loop") { cl_poll_create() })
        wakeUp = OwnedFD(adopting: try syscall("eventfd", "agent loop") { cl_event_descriptor() })
        try syscall("epoll_ctl", "agent loop") {
            cl_poll_control(epoll.raw, EPOLL_CTL_ADD, wakeUp.raw, EPOLLIN.rawValue, 0)
        }
        try startThread(name: "agent-loop", stackKiB: 1024) { [self] in run() }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let isFirst = state.withLock { state in
            state.jobs.append(unowned)
            return state.jobs.count == 1
        }
        if isFirst { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        // Fails only when the counter is about to overflow, and then the thread is awake.
        _ = write(wakeUp.raw, &one, MemoryLayout<UInt64>.size)
    }

    /// A name for a wait that is about to begin.
    package func makeWait() -> Wait {
        state.withLock { state in
            defer { state.nextToken += 1 }
            return Wait(token: state.nextToken)
        }
    }

    /// Suspends until `fd` is ready, has hung up, or the wait is given up.
    ///
    /// It runs on the caller's actor, so that nothing can close the descriptor before it is watched.
    ///
    /// - Returns: false when the wait was given up or the descriptor cannot be waited for, such as a second wait on one
    ///   descriptor.
    package nonisolated(nonsending) func ready(_ fd: CInt, _ interest: Interest, as wait: Wait) async -> Bool {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waits[wait.token] = (fd, continuation) }
            if cl_poll_control(epoll.raw, EPOLL_CTL_ADD, fd, interest.events | EPOLLONESHOT.rawValue, wait.token) < 0 {
                take(wait.token)?.continuation.resume(returning: false)
            }
        }
    }

    package nonisolated(nonsending) func ready(_ fd: CInt, _ interest: Interest) async -> Bool { await ready(fd, interest, as: makeWait()) }

    /// Must come before the descriptor of the wait is closed.
    package func giveUp(_ wait: Wait) { finish(wait.token, ready: false) }

    private func take(_ token: UInt64) -> (fd: CInt, continuation: CheckedContinuation<Bool, Never>)? {
        state.withLock { $0.waits.removeValue(forKey: token) }
    }

    private func finish(_ token: UInt64, ready: Bool) {
        guard let wait = take(token) else { return }
        // ENOENT when it was never added; either way the descriptor is no longer watched.
        _ = cl_poll_control(epoll.raw, EPOLL_CTL_DEL, wait.fd, 0, 0)
        wait.continuation.resume(returning: ready)
    }

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let jobs = state.withLock { state in
                defer { state.jobs.removeAll(keepingCapacity: true) }
                return state.jobs
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if !jobs.isEmpty && state.withLock({ !$0.jobs.isEmpty }) { continue }
            let count = epoll_wait(epoll.raw, &events, Int32(events.count), -1)
            for index in 0..<max(0, Int(count)) { handle(events[index]) }
        }
    }

    private func handle(_ event: epoll_event) {
        var event = event
        let token = cl_poll_token(&event)
        guard token == 0 else { return finish(token, ready: true) }
        var count: UInt64 = 0
        // EAGAIN when another round has read it.
        _ = read(wakeUp.raw, &count, MemoryLayout<UInt64>.size)
    }
}
