// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataHypervisor
import KataSystem
import SystemPackage
import Testing

/// QEMU's side of a monitor connection, played by the test.
struct FakeMonitor: Sendable {
    let socket: SharedFD
    let client: QMPClient

    init() throws {
        _ = signal(SIGPIPE, SIG_IGN)  // of our own writes to a client that has ended
        let ends = try OwnedFD.socketPair().split { (SharedFD($0), SharedFD($1)) }
        socket = ends.0
        client = QMPClient(ends.1)
    }

    func send(_ text: String) throws { try socket.writeAll(Array(text.utf8)) }

    func end() throws { try syscall("shutdown", "fake monitor") { shutdown(socket.raw, CInt(SHUT_RDWR)) } }

    /// What the client has sent, up to the next line feed; empty at its end.
    func line() async throws -> String {
        let socket = socket
        return try await blocking("fake-monitor") {
            var bytes: [UInt8] = []
            while let byte = try? socket.read(upTo: 1).first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    static let greeting =
        #"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}"# + "\r\n"

    /// Through the negotiation, which is the client's first command.
    func negotiated() async throws -> FakeMonitor {
        async let negotiation: Void = client.negotiate(timeout: .seconds(10))
        try send(Self.greeting)
        #expect(try await line() == #"{"arguments":{},"execute":"qmp_capabilities","id":1}"#)
        try send(#"{"return": {}, "id": 1}"# + "\r\n")
        try await negotiation
        return self
    }
}
