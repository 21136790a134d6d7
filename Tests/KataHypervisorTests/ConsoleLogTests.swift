// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataHypervisor

@Suite("console log")
struct ConsoleLogTests {
    @Test("a guest that prints without end fills no more than the bound, and its newest half is kept")
    func bounded() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("console.log")
            let log = try ConsoleLog(path, maximumBytes: 4096)
            for number in 0..<1000 { log.append(Array("line number \(number)\n".utf8)) }
            let older = try FileSystem.read(directory.appending("console.log.1"))
            let newer = try FileSystem.read(path)
            #expect(older.count + newer.count <= 4096)
            #expect(older.count == 2048)
            #expect(String(decoding: older + newer, as: UTF8.self).hasSuffix("line number 998\nline number 999\n"))
            #expect(log.tail(2) == ["line number 998", "line number 999"])
            #expect(try FileSystem.list(directory) == ["console.log", "console.log.1"])
        }
    }

    @Test("one write larger than the bound keeps the bound")
    func largeWrite() async throws {
        try await withTemporaryDirectory { directory in
            let log = try ConsoleLog(directory.appending("c"), maximumBytes: 100)
            log.append(Array(repeating: UInt8(ascii: "x"), count: 12345))
            let sizes = try ["c", "c.1"].map { try FileSystem.read(directory.appending($0)).count }
            #expect(sizes == [45, 50])
        }
    }

    @Test("the tail of a stream stays small and starts at a whole line")
    func tail() {
        var tail = ByteTail(capacity: 64)
        for number in 0..<100 { tail.append(Array("number \(number)\n\n".utf8)) }
        let lines = tail.lines(1000)
        #expect(lines.last == "number 99")
        #expect(lines.allSatisfy { $0.hasPrefix("number ") })
        #expect((5...16).contains(lines.count))
        #expect(tail.lines(0) == [])
    }

    static let texts: [(String, String)] = [
        ("plain", "plain"), ("\u{1b}[1;31mred\u{1b}[0m", "red"), ("\u{1b}cab", "ab"), ("a\u{7}\u{0}b\u{9b}c\r", "abc"), ("a\tb  ", "a b"),
        ("\u{1b}]0;title\u{7}x", "0;titlex"), ("\u{1b}[?7l\u{1b}[2Jx", "x"),
        (String(repeating: "é", count: 999), String(repeating: "é", count: 400)),
    ]

    @Test("what a guest prints does nothing to a terminal", arguments: texts)
    func printable(raw: String, expected: String) { #expect(PrintableText.line(Array(raw.utf8)) == expected) }

    @Test("bytes that are no text become text") func invalid() { #expect(PrintableText.line([0xff, 0x41, 0xc3]) == "\u{fffd}A\u{fffd}") }
}
