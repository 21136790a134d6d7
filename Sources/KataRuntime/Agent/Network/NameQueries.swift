// SPDX-License-Identifier: Apache-2.0

package import KataSystem
internal import SystemPackage

/// What containers ask a name server that only the host can reach, until the host has answered.
package struct NameQueries {
    /// RFC 1035, section 4.1.
    package struct Query: Sendable {
        /// Of the server that was asked.
        package let address: IPAddress
        package let isStream: Bool
        package let message: [UInt8]
    }

    /// Where the answer goes.
    enum Client {
        case peer(InternetSocket.Peer, on: SharedFD)
        /// An empty answer closes the connection.
        case connection(CheckedContinuation<[UInt8], Never>)
    }

    /// A container that asks faster than the host answers gets no answers; resolvers ask again.
    static let limit = 256
    static let connectionLimit = 32
    /// The longest that a length of 16 bits allows.
    static let messageLimit = 65535

    private var pending: [UInt64: Client] = [:]
    private var waiting: [(UInt64, Query)] = []
    private var listeners: [CheckedContinuation<(UInt64, Query), Never>] = []
    private var next: UInt64 = 1
    fileprivate var addresses: Set<IPAddress> = []
    fileprivate var connections = 0

    mutating func ask(_ query: Query, for client: Client) {
        guard pending.count < Self.limit else { return Self.answer(client, []) }
        let id = next
        next += 1
        pending[id] = client
        if listeners.isEmpty {
            waiting.append((id, query))
        } else {
            listeners.removeFirst().resume(returning: (id, query))
        }
    }

    mutating func listen(_ listener: CheckedContinuation<(UInt64, Query), Never>) {
        if waiting.isEmpty {
            listeners.append(listener)
        } else {
            listener.resume(returning: waiting.removeFirst())
        }
    }

    mutating func answer(_ id: UInt64, _ message: [UInt8]) {
        if let client = pending.removeValue(forKey: id) { Self.answer(client, message) }
    }

    private static func answer(_ client: Client, _ message: [UInt8]) {
        switch client {
        case .peer(let peer, let socket):
            // A datagram may get lost, and whoever asked may have gone.
            if !message.isEmpty { _ = try? InternetSocket.send(message, to: peer, on: socket) }
        case .connection(let continuation): continuation.resume(returning: message)
        }
    }
}

extension GuestSandbox {
    /// RFC 1035, section 4.2.
    private static let namePort: UInt16 = 53

    /// Listens at a loopback address for as long as the guest lives; once is enough.
    package func serveNames(at address: IPAddress) throws {
        guard !names.addresses.contains(address) else { return }
        let datagrams = SharedFD(try InternetSocket.bind(.datagram, address, port: Self.namePort))
        let streams = SharedFD(try InternetSocket.bind(.stream, address, port: Self.namePort))
        names.addresses.insert(address)
        Task { await takeDatagrams(datagrams, address) }
        Task { await takeConnections(streams, address) }
    }

    /// The next query, when there is one.
    package func nextNameQuery() async -> (id: UInt64, query: NameQueries.Query) {
        await withCheckedContinuation { names.listen($0) }
    }

    /// An empty message says that there is no answer.
    package func answerNameQuery(_ id: UInt64, _ message: [UInt8]) { names.answer(id, message) }

    private func takeDatagrams(_ socket: SharedFD, _ address: IPAddress) async {
        while await loop.ready(socket.raw, .readable) {
            // Until there is none left: EAGAIN.
            while let (message, peer) = try? InternetSocket.receive(upTo: NameQueries.messageLimit, on: socket) {
                names.ask(.init(address: address, isStream: false, message: message), for: .peer(peer, on: socket))
            }
        }
    }

    private func takeConnections(_ listener: SharedFD, _ address: IPAddress) async {
        while await loop.ready(listener.raw, .readable) {
            while let connection = try? InternetSocket.accept(listener) {
                guard names.connections < NameQueries.connectionLimit else { continue }
                names.connections += 1
                let shared = SharedFD(connection)
                Task {
                    await serve(shared, address)
                    names.connections -= 1
                }
            }
        }
    }

    /// One query after the other, each behind its length (RFC 1035, section 4.2.2).
    private func serve(_ connection: SharedFD, _ address: IPAddress) async {
        var bytes: [UInt8] = []
        while await loop.ready(connection.raw, .readable), let part = try? connection.read(upTo: 4096), !part.isEmpty {
            bytes += part
            while bytes.count >= 2 {
                let length = Int(bytes[0]) << 8 | Int(bytes[1])
                guard bytes.count >= 2 + length else { break }
                let query = NameQueries.Query(address: address, isStream: true, message: Array(bytes[2..<(2 + length)]))
                bytes.removeFirst(2 + length)
                let answer = await withCheckedContinuation { names.ask(query, for: .connection($0)) }
                guard !answer.isEmpty, await send([UInt8(answer.count >> 8), UInt8(answer.count & 0xff)] + answer, connection) else {
                    return
                }
            }
        }
    }

    /// False when the other side takes no more.
    private func send(_ bytes: [UInt8], _ connection: SharedFD) async -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            do throws(SystemError) {
                rest = rest.dropFirst(try connection.write(Array(rest)))
            } catch {
                guard error.errno == .wouldBlock || error.errno == .resourceTemporarilyUnavailable,
                    await loop.ready(connection.raw, .writable)
                else { return false }
            }
        }
        return true
    }
}
