// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// A connection to a message bus on which methods are called, one after another (D-Bus Specification).
public struct DBusConnection {
    private let socket: SharedFD
    private var serial: UInt32 = 0
    /// Those that came while an answer was waited for.
    private var signals: [DBusMessage] = []

    /// How long the other side may take to answer.
    private static let patience: Int32 = 30_000
    /// Of signals that nobody asked for; a bus that has more is not understood.
    private static let mostSignals = 1000
    /// The specification allows 128 MiB; an answer to a call of ours has a line.
    private static let largest = 1 << 20

    /// Authenticates as this process's user.
    public init(_ path: FilePath) throws {
        socket = SharedFD(try UnixSocket.connect(path))
        let user = "\(geteuid())".utf8.map { String($0, radix: 16) }.joined()
        try socket.writeAll([0] + Array("AUTH EXTERNAL \(user)\r\n".utf8))
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), line.count < 1024 { line += try read(1) }
        guard line.starts(with: Array("OK ".utf8)) else { throw DBusError.unauthenticated(path) }
        try socket.writeAll(Array("BEGIN\r\n".utf8))
        try call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello")
    }

    /// Calls a method and waits for its answer.
    ///
    /// - Returns: the texts and numbers of the answer, up to a value of another type.
    @discardableResult
    public mutating func call(
        _ destination: String, _ path: String, _ interface: String, _ method: String, signature: String = "",
        _ body: DBusBytes = DBusBytes()
    ) throws -> [String] {
        serial += 1
        var message = DBusBytes()
        // Little-endian, a method call, without flags, version 1.
        for byte in [UInt8(ascii: "l"), 1, 0, 1] { message.add(byte: byte) }
        message.add(UInt32(body.bytes.count))
        message.add(serial)
        message.array(alignedTo: 8) { fields in
            let values: [(UInt8, String, String)] = [(1, "o", path), (2, "s", interface), (3, "s", method), (6, "s", destination)]
            for (code, kind, text) in values {
                fields.align(8)
                fields.add(byte: code)
                fields.add(signature: kind)
                fields.add(text)
            }
            if signature.isEmpty { return }
            fields.align(8)
            fields.add(byte: 8)
            fields.add(signature: "g")
            fields.add(signature: signature)
        }
        message.align(8)
        try socket.writeAll(message.bytes + body.bytes)
        while true {
            let reply = try receive()
            if reply.type == DBusMessage.signal { try keep(reply) }
            guard reply.serial == serial else { continue }
            if reply.type == 3 { throw DBusError.refused(method: method, name: reply.name ?? "", text: reply.values.first ?? "") }
            return reply.values
        }
    }

    /// Has the bus send the signals of an interface.
    public mutating func listen(to interface: String) throws {
        var rule = DBusBytes()
        rule.add("type='signal',interface='\(interface)'")
        try call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", signature: "s", rule)
    }

    /// The texts and numbers of the next signal of that name that is the one; signals may have come before they are asked for.
    public mutating func signal(_ name: String, where isWanted: ([String]) -> Bool) throws -> [String] {
        let end = MonotonicInstant.now().advanced(by: UInt64(Self.patience) * 1_000_000)
        while MonotonicInstant.now() < end {
            while !signals.isEmpty {
                let signal = signals.removeFirst()
                if signal.member == name, isWanted(signal.values) { return signal.values }
            }
            let message = try receive()
            if message.type == DBusMessage.signal { try keep(message) }
        }
        throw DBusError.silent
    }

    private mutating func keep(_ signal: DBusMessage) throws {
        guard signals.count < Self.mostSignals else { throw DBusError.malformed }
        signals.append(signal)
    }

    private func receive() throws -> DBusMessage {
        let head = try read(16)
        func number(_ place: Int) -> Int { head[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) } }
        let (bodyLength, fieldsLength) = (number(4), number(12))
        guard head[0] == UInt8(ascii: "l"), bodyLength + fieldsLength <= Self.largest else { throw DBusError.malformed }
        let fields = try read((fieldsLength + 7) & ~7)
        return DBusMessage(type: head[1], fields: Array(fields.prefix(fieldsLength)), body: try read(bodyLength))
    }

    private func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard try waitReadable([socket.raw], timeoutMilliseconds: Self.patience)[0] else { throw DBusError.silent }
            let part = try socket.read(upTo: count - bytes.count)
            if part.isEmpty { throw DBusError.malformed }
            bytes += part
        }
        return bytes
    }
}

public enum DBusError: FaultyError, Equatable {
    case unauthenticated(FilePath)
    case refused(method: String, name: String, text: String)
    case malformed
    case silent

    public var fault: Fault { .host }

    public var description: String {
        switch self {
        case .unauthenticated(let path): "authenticate at message bus '\(path)': it does not take this user"
        case .refused(let method, let name, let text): "call \(method): \(text) (\(name))"
        case .malformed: "read from the message bus: it closed the connection or broke its protocol"
        case .silent: "read from the message bus: no answer within 30 s"
        }
    }
}
