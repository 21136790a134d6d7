// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem

/// The shim's end of the socket to one stub.
package struct StubLink: Sendable {
    /// What a stub says.
    package enum Event: Sendable, Hashable {
        case signal(CInt)
        /// Somebody killed it: the engine expects the workload to be dead.
        case gone
    }

    private let socket: SharedFD

    package init(_ socket: SharedFD) { self.socket = socket }

    /// Blocks for the next event on a thread of its own until `.gone` or `finish`.
    package func listen(_ handler: @escaping @Sendable (Event) -> Void) throws(SystemError) {
        let socket = socket
        try startThread(name: "stub-link", stackKiB: 128) {
            while let bytes = try? socket.read(upTo: 64), !bytes.isEmpty {  // a failed read is a stub that is gone
                for byte in bytes { handler(.signal(CInt(byte))) }
            }
            handler(.gone)
        }
    }

    /// Ends the stub with the workload's status. A stub that is gone already has nobody to tell.
    package func finish(_ status: Int32) {
        _ = try? socket.writeAll(StubProcess.message(status))  // EPIPE: the stub was killed
        socket.withRaw { _ = shutdown($0, CInt(SHUT_RDWR)) }
    }
}
