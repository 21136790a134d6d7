// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KataSystem
internal import SystemPackage

/// Ends processes of the old system, in their order, and never a stranger: start time and command line must agree when the signal is sent.
struct ProcessEnding {
    private let processes: [ExpectedProcess]

    /// How long a workload may take to end when it is asked to, as docker has it.
    private static let grace = 10_000
    private static let killed = 5_000
    /// How long an engine may take after a stop to clean up, and systemd after that of a unit.
    static let afterStop = 5_000

    private let patience: Int

    /// - Parameter patience: milliseconds that all of them have to go by themselves.
    init(_ processes: [ExpectedProcess], patience: Int = 0) {
        self.processes = processes
        self.patience = patience
    }

    func run() throws(SystemError) {
        var left = patience
        for process in processes where left > 0 {
            let began = MonotonicInstant.now().nanoseconds
            _ = isGone(process, within: left)
            left -= Int((MonotonicInstant.now().nanoseconds - began) / 1_000_000)
        }
        for process in processes {
            try send(process.signal, to: process)
            if isGone(process, within: Self.grace) { continue }
            try send(SIGKILL, to: process)
            guard isGone(process, within: Self.killed) else {
                throw SystemError(call: "end process", subject: "\(process.pid)", errno: .timedOut)
            }
        }
    }

    private func send(_ signal: CInt, to process: ExpectedProcess) throws(SystemError) {
        guard let identity = process.identity else { return }
        do throws(SystemError) {
            try identity.signal(signal)
        } catch  where error.errno == .noSuchProcess {
            return
        }
    }

    private func isGone(_ process: ExpectedProcess, within milliseconds: Int) -> Bool {
        let end = MonotonicInstant.now().nanoseconds + UInt64(milliseconds) * 1_000_000
        while process.identity != nil {
            guard MonotonicInstant.now().nanoseconds < end else { return false }
            // No descriptor tells the end of a process that is not our child before Linux 5.3.
            usleep(20_000)
        }
        return true
    }
}

extension ExpectedProcess {
    /// The process, if it still runs and still is what was seen.
    var identity: ProcessIdentity? {
        guard let now = HostProcess.running(pid: pid), now.startTime == startTime, now.arguments == arguments else { return nil }
        return try? ProcessIdentity.of(pid: pid)  // it may have ended between the two
    }
}
