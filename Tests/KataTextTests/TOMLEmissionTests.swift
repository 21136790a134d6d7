// SPDX-License-Identifier: Apache-2.0
import KataText
import SystemPackage
import Testing

/// Documents of every shape that an author can ask for.
private struct EmissionGenerator {
    var random: SeededGenerator

    private static let texts = [
        "", "a", "key", "a b", "a.b", "\"", "'", "\\", "\n", "\r\n", "\t", "\u{0}", "\u{7F}", "\u{1B}[31m", "é", "e\u{301}", "😀", "#", "=",
        "[x]", "1", "true", "\u{2028}", "\u{FEFF}", "'''", "\"\"\"", " blank ", "C:\\new\\table",
    ]

    mutating func text() -> String {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in random.pick(Self.texts) }.joined()
    }

    mutating func comments() -> [String] {
        random.chance(30) ? (0..<Int.random(in: 1...2, using: &random)).map { _ in text() } : []
    }

    mutating func table(depth: Int) -> TOMLEmission.Table {
        var table = TOMLEmission.Table(above: comments())
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let value = value(depth: depth)
            table.set(text(), value, above: comments(), behind: random.chance(20) ? text() : nil)
        }
        return table
    }

    mutating func value(depth: Int) -> TOMLEmission.Value {
        switch Int.random(in: 0..<(depth > 3 ? 8 : 12), using: &random) {
        case 0: .string(text())
        case 1: .integer(random.pick([0, 1, -1, .min, .max, Int64(truncatingIfNeeded: random.next())]))
        case 2:
            .float(
                random.pick([
                    0, -0.0, 1, 1e22, 1e-7, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, .nan, 0.1, 1 / 3,
                ]))
        case 3: .boolean(random.chance(50))
        case 4: TOMLDate(year: 2024, month: 2, day: 29).map { .localDate($0) } ?? .boolean(false)
        case 5: TOMLTime(hour: 23, minute: 59, second: 60, nanosecond: 120_000_000).map { .localTime($0) } ?? .boolean(false)
        case 6: dateTime()
        case 7, 8: .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth + 1) })
        case 9: .inline(table(depth: depth + 1))
        case 10: .table(table(depth: depth + 1))
        default: .tables((0..<Int.random(in: 0...3, using: &random)).map { _ in table(depth: depth + 1) })
        }
    }

    private mutating func dateTime() -> TOMLEmission.Value {
        guard let date = TOMLDate(year: 1, month: 1, day: 1), let time = TOMLTime(hour: 0, minute: 0, second: 0, nanosecond: 1) else {
            return .boolean(false)
        }
        let local = TOMLDateTime(date: date, time: time)
        guard random.chance(50) else { return .localDateTime(local) }
        return TOMLOffsetDateTime(local: local, offsetMinutes: random.pick([0, 60, -450, 1439, -1439])).map { .offsetDateTime($0) }
            ?? .boolean(false)
    }
}

/// Whether a value that was read is the one that was written.
private func isSame(_ read: TOMLValue, _ written: TOMLEmission.Value) -> Bool {
    switch (read.kind, written) {
    case (.string(let a), .string(let b)): a.unicodeScalars.elementsEqual(b.unicodeScalars)
    case (.integer(let a), .integer(let b)): a == b
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
    case (.boolean(let a), .boolean(let b)): a == b
    case (.offsetDateTime(let a), .offsetDateTime(let b)): a == b
    case (.localDateTime(let a), .localDateTime(let b)): a == b
    case (.localDate(let a), .localDate(let b)): a == b
    case (.localTime(let a), .localTime(let b)): a == b
    case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
    case (.array(let a), .tables(let b)): a.count == b.count && zip(a, b).allSatisfy { isSame($0, .table($1)) }
    case (.table(let a), .inline(let b)), (.table(let a), .table(let b)):
        a.entries.count == b.entries.count && b.entries.allSatisfy { entry in a[entry.key].map { isSame($0, entry.value) } ?? false }
    default: false
    }
}

@Suite("TOML emission")
struct TOMLEmissionTests {
    @Test("whatever is written reads back as the same keys and values, without a finding", arguments: 0..<400)
    func roundTrip(seed: Int) throws {
        var generator = EmissionGenerator(random: SeededGenerator(seed: UInt64(seed)))
        let document = TOMLEmission(root: generator.table(depth: 0), preface: generator.comments())
        let text = String(decoding: document.rendered, as: UTF8.self)
        let parsed = TOMLDocument.parse(SourceText(path: "t", bytes: document.rendered))
        let root = try #require(parsed.value?.root, "seed \(seed): \(parsed.diagnostics)\n\(text)")
        #expect(isSame(TOMLValue(.table(root), range: root.range), .table(document.root)), "seed \(seed):\n\(text)")
    }

    @Test("what was read, written and read again has the same content")
    func rewritten() throws {
        for (path, _) in TOMLConformanceSuite.ours.valid {
            let first = try #require(TOMLDocument.parse(try source(path)).value).root
            let bytes = TOMLEmission(root: TOMLEmission.Table(first)).rendered
            let second = try #require(TOMLDocument.parse(SourceText(path: path, bytes: bytes)).value, "\(path)").root
            #expect(first.hasSameContent(as: second), "\(path)")
        }
    }

    @Test("keys keep their order, headers follow plain keys, comments stand above and behind")
    func layout() {
        var document = TOMLEmission(preface: ["written by a test"])
        document.root.set(at: ["hypervisor", "qemu"], .init("path", .string("/usr/bin/qemu"), above: ["from /etc/x:3", "", "b\u{7}ell"]))
        document.root.set(at: ["hypervisor", "qemu"], .init("default_vcpus", .integer(1), behind: "was\n0"))
        document.root.set("version", .integer(2))
        document.root.set(at: ["hypervisor", "qemu"], .init("path", .string("/opt/qemu")))
        document.root.set(
            "share", .tables([.init([.init("a b", .array([.string("x"), .inline(.init([.init("y", .float(1))]))]))]), .init()]))
        let text = String(decoding: document.rendered, as: UTF8.self)
        #expect(
            text == """
                # written by a test

                version = 2

                [hypervisor]

                [hypervisor.qemu]
                path = "/opt/qemu"
                default_vcpus = 1  # was 0

                [[share]]
                "a b" = ["x", { y = 1.0 }]

                [[share]]

                """)
    }

    @Test("setting a key again keeps its place, removing one leaves the others where they are")
    func replacing() {
        var table = TOMLEmission.Table([.init("a", .integer(1)), .init("b", .integer(2)), .init("c", .integer(3)), .init("a", .integer(4))])
        #expect(table.entries.map(\.key) == ["a", "b", "c"])
        #expect(table["a"] == .integer(4))
        table.remove("b")
        table.remove("not there")
        table.set("c", .integer(5))
        #expect(table == TOMLEmission.Table([.init("a", .integer(4)), .init("c", .integer(5))]))
        table.set(at: ["c", "d"], .init("e", .boolean(true)))
        #expect(table["c"] == .table(.init([.init("d", .table(.init([.init("e", .boolean(true))])))])))
    }

    @Test("an array too wide for a line has one element on each")
    func wideArray() {
        let long = String(repeating: "x", count: 60)
        let document = TOMLEmission(root: .init([.init("a", .array([.string(long), .string("y"), .string(long)]), behind: "c")]))
        #expect(String(decoding: document.rendered, as: UTF8.self) == "a = [\n    \"\(long)\",\n    \"y\",\n    \"\(long)\",\n]  # c\n")
    }
}
