// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem

/// What the shim tells in its log, which is its standard error, with `enable_debug` of `[runtime]`: each request, how long it took, and how
/// it ended.
struct ShimLog: Sendable {
    let isDebug: Bool

    /// Tells of a request when it has been answered.
    func request(_ verb: String, _ container: String, took time: Duration, failure: String?) {
        guard isDebug else { return }
        let milliseconds = time / .milliseconds(1)
        let subject = container.isEmpty ? verb : "\(verb) container '\(container)'"
        tell("\(subject): \(failure ?? "done") after \(Int(milliseconds)) ms")
    }

    func tell(_ message: String) {
        guard isDebug else { return }
        write(String(decoding: ErrorLog(path: nil, format: .text).line(message, .debug), as: UTF8.self), to: STDERR_FILENO)
    }
}
