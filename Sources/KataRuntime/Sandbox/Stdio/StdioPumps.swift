// SPDX-License-Identifier: Apache-2.0

package import KataSystem

/// Moves a workload's bytes between its descriptors and the guest.
///
/// One thread per direction, since the descriptors are blocking and must stay so: they are shared with other processes.
package final class StdioPumps: Sendable {
    /// At most this much per message: the transport is shared, and a message is not interrupted.
    package static let payload = 64 << 10

    private let outputDone = OneShot<Void>()
    private let errorDone = OneShot<Void>()
    /// Closed to stop the input pump.
    private let inputStop: SharedFD
    private let inputStopper: ClosableFD

    /// - Parameter isTerminal: a terminal has one stream of output.
    package init(_ stdio: WorkloadStdio, _ guest: some GuestStreams, isTerminal: Bool = false) throws(SystemError) {
        let stop = try OwnedFD.pipe().split { (SharedFD($0), SharedFD($1)) }
        inputStop = stop.0
        inputStopper = ClosableFD(stop.1)
        try startInput(stdio.input, guest)
        try Self.startOutput(stdio.output, outputDone) { try await guest.readOutput(Self.payload) }
        guard !isTerminal else {
            errorDone.set(())
            return
        }
        try Self.startOutput(stdio.error, errorDone) { try await guest.readError(Self.payload) }
    }

    /// Stops reading input: the workload has ended.
    package func stopInput() { inputStopper.close() }

    /// When all output of the workload has been written, or nobody takes it any more.
    package func drained() async {
        await outputDone.value
        await errorDone.value
    }

    private func startInput(_ source: SharedFD, _ guest: some GuestStreams) throws(SystemError) {
        let stop = inputStop
        try startThread(name: "stdin", stackKiB: 256) {
            while let ready = try? waitReadable([stop.raw, source.raw]), !ready[0] {  // unreadable means closed, as at end of file
                guard let bytes = try? source.read(upTo: Self.payload), !bytes.isEmpty else { break }
                guard (try? waitFor({ try await guest.writeInput(bytes) })) != nil else { return }  // it closed its input
            }
            _ = try? waitFor { try await guest.closeInput() }  // a process that has ended has no input
        }
    }

    private static func startOutput(
        _ sink: SharedFD, _ done: OneShot<Void>, _ read: @escaping @Sendable () async throws -> [UInt8]
    ) throws(SystemError) {
        try startThread(name: "stdout", stackKiB: 256) {
            var isTaken = true
            // Output that nobody takes is still read, so that the workload never blocks on it.
            while let bytes = try? waitFor(read), !bytes.isEmpty {  // a failure ends the stream; the connection's owner reports it
                if isTaken { isTaken = (try? sink.writeAll(bytes)) != nil }  // EPIPE: the reader left
            }
            done.set(())
        }
    }
}
