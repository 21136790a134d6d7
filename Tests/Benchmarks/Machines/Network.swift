// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage

/// A namespace with one end of a veth pair, as an engine prepares it for a container.
private struct ContainerNetwork {
    private static let subnet = "10.231.91"
    static let hostAddress = "\(subnet).1"
    let name: String
    var path: String { "/run/netns/\(name)" }
    private var device: String { "\(name)h" }

    init() throws {
        name = "ktb\(getpid())"
        do {
            try Self.ip("netns", "add", name)
            try Self.ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", name)
            try Self.ip("addr", "add", "\(Self.hostAddress)/24", "dev", device)
            try Self.ip("link", "set", device, "up")
            try Self.ip("-n", name, "addr", "add", "\(Self.subnet).2/24", "dev", "eth0")
            for device in ["eth0", "lo"] { try Self.ip("-n", name, "link", "set", device, "up") }
        } catch {
            remove()
            throw error
        }
    }

    /// The pair first: with the namespace it goes in the kernel's own time, and is in the way of the next.
    func remove() {
        _ = try? Self.ip("link", "del", device)  // either may never have been
        _ = try? Self.ip("netns", "del", name)
    }

    private static func ip(_ words: String...) throws {
        guard let program = findProgram("ip") else { throw MeasuredRuntime.Failure(command: "ip", text: "is not installed") }
        let status = try Subprocess(program: program, arguments: ["ip"] + words).spawn().wait()
        guard status == .exited(0) else {
            throw MeasuredRuntime.Failure(command: "ip \(words.joined(separator: " "))", text: "\(status)")
        }
    }
}

/// Throughput of one TCP connection in each direction, in MiB a second, and the round trip of a packet, in milliseconds, between a container
/// and its host over a veth pair.
func networkFigures(_ runtimes: [MeasuredRuntime], rounds: Int = 5, megabytes: Int = 64) throws -> [(what: String, samples: [Sample])] {
    var (sent, received, trips) = (runtimes.map { _ in Sample() }, runtimes.map { _ in Sample() }, runtimes.map { _ in Sample() })
    for round in 0..<rounds {
        for (index, runtime) in runtimes.enumerated() {
            let network = try ContainerNetwork()
            defer { network.remove() }
            let id = "bench-net-\(getpid())-\(round)"
            defer { runtime.remove(id) }
            try BusyboxBundle.specify(runtime.bundle, ["sleep", "1000"]) { document in
                var process = document["process"] as? [String: Any] ?? [:]
                process["capabilities"] = ["bounding": ["CAP_NET_RAW"], "effective": ["CAP_NET_RAW"], "permitted": ["CAP_NET_RAW"]]
                document["process"] = process
                document["linux"] = [
                    "namespaces": ["pid", "ipc", "uts", "mount"].map { ["type": $0] } + [["type": "network", "path": network.path]]
                ]
            }
            try runtime.call("run", "--detach", "--bundle", runtime.bundle.string, id)
            let ping = try runtime.call("exec", id, "ping", "-q", "-c", "100", "-i", "0.02", ContainerNetwork.hostAddress).text
            trips[index].add(try averageTrip(ping))
            let server = try Listener(on: ContainerNetwork.hostAddress)
            let peer = "\(ContainerNetwork.hostAddress) \(server.port)"
            let source = try runtime.start("exec", id, "sh", "-c", "dd if=/dev/zero bs=65536 count=\(megabytes * 16) | nc \(peer)")
            sent[index].add(Double(megabytes) / (try server.receive(megabytes << 20)))
            _ = try source.wait()
            let sink = try runtime.start("exec", id, "sh", "-c", "nc \(peer) </dev/null >/dev/null")
            received[index].add(Double(megabytes) / (try server.send(megabytes << 20)))
            _ = try sink.wait()
        }
    }
    return [("TCP, container to host, MiB/s", sent), ("TCP, host to container, MiB/s", received), ("round trip, ms", trips)]
}

/// Of `round-trip min/avg/max = 0.1/0.2/0.3 ms`.
private func averageTrip(_ text: String) throws -> Double {
    guard let figures = text.split(separator: "= ").last?.split(separator: "/"), figures.count >= 3, let average = Double(figures[1]) else {
        throw MeasuredRuntime.Failure(command: "ping", text: text)
    }
    return average
}

/// A TCP socket of the host that one connection at a time is measured on.
private struct Listener {
    let port: UInt16
    private let socket: SharedFD

    init(on address: String) throws {
        guard let host = IPAddress(address) else { throw MeasuredRuntime.Failure(command: address, text: "is no address") }
        let socket = SharedFD(try InternetSocket.bind(.stream, host, port: 0))
        var (name, length) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
        let status = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.raw, $0, &length) }
        }
        guard status == 0 else { throw Errno(rawValue: errno) }
        self.socket = socket
        port = UInt16(bigEndian: name.sin_port)
    }

    /// Seconds between the first byte and the end of a connection that sends `count` bytes.
    func receive(_ count: Int) throws -> Double {
        let connection = try accepted()
        var left = count - (try connection.read(upTo: 1 << 18)).count
        let began = ContinuousClock.now
        while true {
            let part = try connection.read(upTo: 1 << 18)
            if part.isEmpty { break }
            left -= part.count
        }
        guard left == 0 else { throw MeasuredRuntime.Failure(command: "receive", text: "\(left) of \(count) bytes did not come") }
        return (ContinuousClock.now - began) / .seconds(1)
    }

    /// Seconds between the first byte and the peer's own end, which follows the last byte that it read.
    func send(_ count: Int) throws -> Double {
        let connection = try accepted()
        let block = [UInt8](repeating: 0, count: 1 << 16)
        let began = ContinuousClock.now
        for _ in 0..<count / block.count { try connection.writeAll(block) }
        shutdown(connection.raw, Int32(SHUT_WR))
        guard try connection.read(upTo: 1).isEmpty else { throw MeasuredRuntime.Failure(command: "send", text: "the peer answered") }
        return (ContinuousClock.now - began) / .seconds(1)
    }

    /// Blocking.
    private func accepted() throws -> SharedFD {
        guard try waitReadable([socket.raw], timeoutMilliseconds: 60_000) == [true] else {
            throw MeasuredRuntime.Failure(command: "nc", text: "does not connect")
        }
        let connection = SharedFD(try InternetSocket.accept(socket))
        _ = fcntl(connection.raw, F_SETFL, 0)
        return connection
    }
}
