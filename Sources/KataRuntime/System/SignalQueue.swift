// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Signals taken as values instead of by handlers (signalfd(2)).
///
/// Make it before the process has a second thread: the signals are blocked in the calling thread and its later children.
public struct SignalQueue: ~Copyable, Sendable {
    public let descriptor: OwnedFD

    public init(_ signals: [CInt]) throws(SystemError) {
        descriptor = OwnedFD(adopting: try syscall("signalfd", "\(signals)") { cl_signal_descriptor(signals, signals.count) })
    }

    /// Gives the descriptor away; the signals stay blocked.
    public consuming func release() -> OwnedFD { descriptor }

    /// Blocks for the next one.
    public func next() throws(SystemError) -> CInt {
        try syscall("read signalfd", "") { cl_next_signal(descriptor.raw) }
    }

    /// As `next`, of a released descriptor.
    public static func next(on descriptor: SharedFD) throws(SystemError) -> CInt {
        try syscall("read signalfd", "") { descriptor.withRaw { cl_next_signal($0) } }
    }
}
