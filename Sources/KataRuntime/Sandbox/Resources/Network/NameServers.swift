// SPDX-License-Identifier: Apache-2.0

internal import KataBundle
internal import KataOCI
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// The name servers at loopback addresses of the container's network namespace, such as docker's at 127.0.0.11: a guest has a loopback
/// device of its own, so it listens there and the host asks the real ones.
struct NameServers: Sendable {
    let namespace: SharedFD

    /// Queries that are under way at once; docker's server asks others, which may take seconds.
    private static let workers = 8
    /// As long as resolv.conf(5) has a resolver wait, twice.
    private static let patience: UInt32 = 10
    private static let port: UInt16 = 53

    /// Answers what the guest is asked, as long as there is a guest.
    ///
    /// - Parameter isServed: whether a server is one that the guest was told to stand for: it is not trusted to choose.
    func follow(_ agent: AgentClient, _ isServed: @escaping @Sendable (IPAddress) async -> Bool) {
        for _ in 0..<Self.workers {
            Task {
                while let query = try? await agent.getNameQuery() {  // ends with the guest
                    var message: [UInt8] = []
                    if let address = IPAddress(query.address), await isServed(address) {
                        message = await answer(to: query.bytes, from: address, query.stream ? .stream : .datagram)
                    }
                    _ = try? await agent.answerNameQuery(
                        .with {
                            $0.id = query.id
                            $0.bytes = message
                        })  // a guest that is gone needs none
                }
            }
        }
    }

    /// Empty when there is none.
    private func answer(to message: [UInt8], from server: IPAddress, _ kind: InternetSocket.Kind) async -> [UInt8] {
        let namespace = namespace
        // A thread of its own, since it moves to another namespace and never comes back.
        let outcome = try? await blocking("names") { () -> [UInt8] in
            do {
                try NetworkNamespace.enter(try namespace.duplicate())
                let socket = try InternetSocket.connect(kind, server, port: Self.port, seconds: Self.patience)
                switch kind {
                case .datagram:
                    try socket.writeAll(message)
                    return try socket.read(upTo: 65535)
                case .stream:
                    try socket.writeAll([UInt8(message.count >> 8 & 0xff), UInt8(message.count & 0xff)] + message)
                    let head = try Self.read(2, from: socket)
                    return try Self.read(Int(head[0]) << 8 | Int(head[1]), from: socket)
                }
            } catch {
                return []  // no server, or none that answers: the container's resolver waits in vain, as it would under runc
            }
        }
        return outcome ?? []  // no thread to be had is no answer either
    }

    private static func read(_ count: Int, from socket: borrowing OwnedFD) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = try socket.read(upTo: count - bytes.count)
            if part.isEmpty { throw SystemError(call: "read", subject: "name server", errno: .connectionReset) }
            bytes += part
        }
        return bytes
    }
}

extension Sandbox {
    /// Before the container's first process can ask.
    func serveNames(_ bundle: Bundle, _ machine: RunningMachine) async throws {
        guard let names = machine.names else { return }
        for address in bundle.loopbackNameServers where !nameServers.contains(address) {
            if nameServers.isEmpty { names.follow(machine.agent) { [weak self] in await self?.nameServers.contains($0) ?? false } }
            nameServers.insert(address)
            try await machine.agent.serveNames(.with { $0.address = address.description })
        }
    }
}

extension Bundle {
    /// Of resolv.conf(5) as the engine made it, version 4.
    var loopbackNameServers: [IPAddress] {
        let mount = (spec.mounts ?? []).last { $0.destination == "/etc/resolv.conf" }
        // What cannot be read cannot be bound either, which is reported when the container is made.
        guard let source = mount?.source, let bytes = try? FileSystem.read(FilePath(source), limit: 1 << 16) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, words[0] == "nameserver", let address = IPAddress(String(words[1])) else { return nil }
            return !address.isVersion6 && address.bytes[0] == 127 ? address : nil
        }
    }
}
