// SPDX-License-Identifier: Apache-2.0

package import KataSandbox
package import KataSystem
internal import Synchronization
package import SystemPackage

/// How descriptors reach the shim: a plain unix socket beside the service, since ttRPC carries bytes only.
///
/// One message per connection: a token of `tokenLength` bytes and the stub's pid, four bytes in little-endian order,
/// with four descriptors: stdin, stdout, stderr and the stub's socket, and further ones for mounts. The answer is one byte. A later request names
/// them by the token.
package final class DescriptorExchange: Sendable {
    package static let tokenLength = 32
    static let messageLength = tokenLength + 4
    private let waiting = Mutex<[String: Caller]>([:])

    package init() {}

    /// Serves until the process ends.
    package func listen(_ path: FilePath) throws(SystemError) {
        let listener = SharedFD(try UnixSocket.listen(path))
        try startThread(name: "descriptors", stackKiB: 256) { [self] in
            while let connection = try? UnixSocket.accept(listener) { receive(connection) }  // ends with the process
        }
    }

    private func receive(_ connection: consuming OwnedFD) {
        // A connection that does not keep to the form gets no answer; its descriptors are closed with it.
        guard let (bytes, descriptors) = try? UnixSocket.receive(upTo: Self.messageLength, on: connection),
            bytes.count == Self.messageLength, descriptors.count >= 4
        else { return }
        let token = String(decoding: bytes[..<Self.tokenLength], as: UTF8.self)
        let pid = bytes[Self.tokenLength...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard let stub = try? ProcessIdentity.of(pid: Int32(truncatingIfNeeded: pid)) else { return }
        let stdio = WorkloadStdio(input: descriptors[0], output: descriptors[1], error: descriptors[2])
        waiting.withLock { $0[token] = Caller(stdio: stdio, stub: stub, stubSocket: descriptors[3], trees: Array(descriptors[4...])) }
        _ = try? connection.writeAll([0])  // the sender left: nobody will ask for the token
    }

    /// Each token is good for one call.
    package func take(_ token: String) -> Caller? {
        waiting.withLock { $0.removeValue(forKey: token) }
    }

    /// The sender's side: returns the token that names the descriptors from now on.
    package static func send(
        _ stdio: WorkloadStdio, stub: ChildProcess, stubSocket: SharedFD, trees: [SharedFD] = [], to path: FilePath
    ) throws(SystemError) -> String {
        let token = (0..<tokenLength).map { _ in "0123456789abcdef".randomElement() ?? "0" }
        let socket = try UnixSocket.connect(path)
        let pid = (0..<4).map { UInt8(truncatingIfNeeded: stub.pid >> ($0 * 8)) }
        try UnixSocket.send(
            Array(String(token).utf8) + pid, descriptors: [stdio.input, stdio.output, stdio.error, stubSocket] + trees, on: socket)
        guard try socket.read(upTo: 1).count == 1 else {
            throw SystemError(call: "read", subject: path.string, errno: .connectionReset)
        }
        return String(token)
    }
}
