// SPDX-License-Identifier: Apache-2.0

package import KataSystem
internal import Synchronization

/// The descriptors that a workload's bytes come from and go to, as the caller of create or exec had them.
///
/// They belong to somebody else as well: their file status flags are never changed.
package struct WorkloadStdio: Sendable {
    package let input: SharedFD
    package let output: SharedFD
    package let error: SharedFD

    package init(input: SharedFD, output: SharedFD, error: SharedFD) {
        self.input = input
        self.output = output
        self.error = error
    }
}

/// The host's side of a workload's terminal, known for as long as the workload lasts.
final class WorkloadTerminal: Sendable {
    private let descriptor: Mutex<SharedFD?>

    init(_ descriptor: SharedFD) { self.descriptor = Mutex(descriptor) }

    var size: (rows: UInt32, columns: UInt32)? { descriptor.withLock { $0.flatMap(Terminal.size) } }

    /// Whoever holds the other side sees its end only when nobody holds this one.
    func close() { descriptor.withLock { $0 = nil } }
}

/// Where a workload's bytes go in the guest. Payloads are at most `StdioPumps.payload` bytes.
package protocol GuestStreams: Sendable {
    /// Returns when the guest has taken all bytes; throws when the process no longer reads.
    func writeInput(_ bytes: [UInt8]) async throws
    func closeInput() async throws
    /// Blocks for output; empty at end of file.
    func readOutput(_ limit: Int) async throws -> [UInt8]
    func readError(_ limit: Int) async throws -> [UInt8]
}
