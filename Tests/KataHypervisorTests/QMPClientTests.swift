// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataHypervisor
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

private func error(_ body: () async throws -> some Sendable) async -> String {
    do {
        _ = try await body()
        return "no error"
    } catch {
        return errorChain(error)
    }
}

@Suite("qmp client", .timeLimit(.minutes(1)))
struct QMPClientTests {
    @Test("the conversation recorded from qemu 7.2 is understood, in whatever pieces it comes", arguments: [1, 7, 4096])
    func recorded(pieceBytes: Int) async throws {
        let file = Repository.fixtures.appending("qemu").appending("conversation-7.2.txt")
        let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
        let monitor = try FakeMonitor()
        let played = Task {
            for line in text.split(separator: "\n") {
                if let ours = line.wholeMatch(of: /> (.*)/)?.1 {
                    #expect(try await monitor.line() == String(ours))
                } else if let theirs = line.wholeMatch(of: /< (.*)/)?.1 {
                    let bytes = Array(theirs.utf8) + [13, 10]
                    for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                        try monitor.socket.writeAll(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
                    }
                }
            }
        }
        try await monitor.client.negotiate()
        #expect(try await monitor.client.execute("query-status")["status"]?.string == "prelaunch")
        let refused = await error { try await monitor.client.execute("no-such-command") }
        #expect(
            refused
                == "qmp command 'no-such-command' refused by qemu (CommandNotFound): The command no-such-command has not been found")
        try await monitor.client.execute("cont")
        #expect(try await monitor.client.execute("query-status")["running"]?.bool == true)
        try await monitor.client.execute("quit")
        try await played.value
        monitor.client.close()
        var names: [String] = []
        for await event in monitor.client.events { names.append(event.name) }
        #expect(names == ["RESUME", "SHUTDOWN"])
    }

    @Test("answers find their commands in any order")
    func pipelined() async throws {
        let monitor = try await FakeMonitor().negotiated()
        async let first = monitor.client.execute("first")
        let firstLine = try await monitor.line()
        async let second = monitor.client.execute("second", ["x": 1])
        #expect(firstLine == #"{"arguments":{},"execute":"first","id":2}"#)
        #expect(try await monitor.line() == #"{"arguments":{"x":1},"execute":"second","id":3}"#)
        try monitor.send(#"{"return": "b", "id": 3}"# + "\n" + #"{"event": "STOP"}"# + "\n" + #"{"return": "a", "id": 2}"# + "\n")
        let answers = try await (first.string, second.string)
        #expect(answers == ("a", "b"))
    }

    @Test("the end of the connection fails every waiting command and every later one")
    func closed() async throws {
        let monitor = try await FakeMonitor().negotiated()
        async let first = error { try await monitor.client.execute("first") }
        _ = try await monitor.line()
        async let second = error { try await monitor.client.execute("second") }
        _ = try await monitor.line()
        try monitor.end()
        let outcome = await (first, second)
        #expect(
            outcome == (
                "qmp command 'first' cut off by the end of the connection", "qmp command 'second' cut off by the end of the connection"
            ))
        #expect(await error { try await monitor.client.execute("third") } == "qmp command 'third' cut off by the end of the connection")
    }

    @Test("what is no qmp message ends the connection", arguments: ["hello\n", "[1]\n", "{\"a\": 1}\n", "{\"return\": 1}\n", "\u{0}\n"])
    func garbage(text: String) async throws {
        let monitor = try await FakeMonitor().negotiated()
        async let outcome = error { try await monitor.client.execute("first") }
        _ = try await monitor.line()
        try monitor.send(text)
        #expect(await outcome == "qmp command 'first' cut off: a line is no message")
        #expect(try await monitor.line() == "")
    }

    @Test("a line without an end is not collected for ever")
    func endless() async throws {
        let monitor = try await FakeMonitor().negotiated()
        async let outcome = error { try await monitor.client.execute("first") }
        _ = try await monitor.line()
        let socket = monitor.socket
        async let filled: Void = blocking("flood") {
            // Fails with EPIPE once the client has had enough.
            for _ in 0..<64 where (try? socket.writeAll(Array(repeating: 32, count: 1 << 16))) == nil { return }
        }
        #expect(await outcome == "qmp command 'first' cut off: a line is longer than any message")
        try await filled
    }

    @Test("a command without an answer fails after its time; the late answer disturbs nobody")
    func timeout() async throws {
        let monitor = try await FakeMonitor().negotiated()
        let outcome = await error { try await monitor.client.execute("slow", timeout: .milliseconds(50)) }
        #expect(outcome == "qmp command 'slow' unanswered within 0.05 seconds")
        _ = try await monitor.line()
        async let next = monitor.client.execute("next")
        _ = try await monitor.line()
        try monitor.send(#"{"return": 1, "id": 2}"# + "\n" + #"{"return": 2, "id": 3}"# + "\n")
        #expect(try await next.integer == 2)
    }

    @Test("a command whose time is over before it begins fails, every time")
    func noTime() async throws {
        let monitor = try await FakeMonitor().negotiated()
        for _ in 0..<100 {
            #expect(
                await error { try await monitor.client.execute("x", timeout: .zero) } == "qmp command 'x' unanswered within 0.0 seconds")
        }
    }

    @Test("a cancelled task does not wait for its answer")
    func cancelled() async throws {
        let monitor = try await FakeMonitor().negotiated()
        let task = Task { await error { try await monitor.client.execute("first", timeout: .seconds(50)) } }
        _ = try await monitor.line()
        task.cancel()
        #expect(await task.value == "qmp command 'first' cancelled")
    }

    @Test("of events that nobody reads the newest 64 are kept")
    func eventFlood() async throws {
        let monitor = try await FakeMonitor().negotiated()
        async let barrier = monitor.client.execute("barrier")
        _ = try await monitor.line()
        for number in 0..<1000 { try monitor.send("{\"event\": \"E\(number)\", \"data\": {}}\n") }
        try monitor.send(#"{"return": {}, "id": 2}"# + "\n")
        _ = try await barrier
        monitor.client.close()
        var names: [String] = []
        for await event in monitor.client.events { names.append(event.name) }
        #expect(names == (936..<1000).map { "E\($0)" })
    }

    @Test("a monitor that does not greet is given up")
    func silent() async throws {
        let monitor = try FakeMonitor()
        #expect(
            await error { try await monitor.client.negotiate(timeout: .milliseconds(50)) }
                == "qmp command 'greeting' unanswered within 0.05 seconds")
    }
}
