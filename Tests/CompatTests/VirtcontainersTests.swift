// SPDX-License-Identifier: Apache-2.0

import Compat
import CompatTestSupport
import KataSystem
import KataText
import SystemPackage
import Testing

@Suite("virtcontainers records")
struct VirtcontainersTests {
    static let cases = CaseDirectory.all(in: "clear-containers/records-3.0")

    static func tree(_ name: String) throws -> MemoryTree {
        let directory = try #require(cases.first { $0.testDescription == name })
        return try MemoryTree(copyOf: directory.path.appending("tree"))
    }

    @Test("each case is read and reported as recorded", arguments: cases)
    func golden(_ directory: CaseDirectory) throws {
        #expect(directory.has("ORIGIN"))
        let records = Virtcontainers.read(from: try MemoryTree(copyOf: directory.path.appending("tree")))
        try directory.expect(records.text, at: "expected.txt")
        try directory.expect(render(records.diagnostics, as: .text, tool: "compat"), at: "expected-diagnostics.txt")
    }

    @Test("every finding has a page with its severity")
    func pages() throws {
        let pages = Virtcontainers.pages + JSONDocument.pages
        for directory in Self.cases {
            for finding in Virtcontainers.read(from: try MemoryTree(copyOf: directory.path.appending("tree"))).diagnostics {
                #expect(pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding)")
            }
        }
    }

    @Test("nothing outside of the two record directories is asked for, whatever names a record holds", arguments: cases)
    func staysInside(_ directory: CaseDirectory) throws {
        let tree = try MemoryTree(copyOf: directory.path.appending("tree"))
        _ = Virtcontainers.read(from: tree)
        #expect(!tree.askedFor.isEmpty)
        for path in tree.askedFor {
            #expect(path.starts(with: Virtcontainers.configurationRoot) || path.starts(with: Virtcontainers.runRoot), "\(path)")
            #expect(path.components.allSatisfy { $0.kind == .regular }, "\(path)")
        }
    }

    @Test("an empty host has no sandboxes and no findings")
    func nothing() {
        let records = Virtcontainers.read(from: MemoryTree([:]))
        #expect(records.sandboxes.isEmpty && records.broken.isEmpty && records.diagnostics.isEmpty)
    }

    @Test("the secret token of a shim is in nothing that is read")
    func token() throws {
        let records = Virtcontainers.read(from: try Self.tree("docker-running-3.0.23"))
        var text = ""
        dump(records, to: &text)
        #expect(records.sandboxes.count == 1)
        #expect(!text.contains("c2VjcmV0"))
    }

    @Test("sockets are named, links and other entries are not followed")
    func sockets() throws {
        let run = Virtcontainers.runRoot.appending("old-1")
        var nodes = try Self.tree("rebooted").nodes
        nodes[run.appending("lock")] = .file([])
        nodes[run.appending("state.json")] = .link
        nodes[run.appending("mon-0f7d9c2e-5b1a")] = .socket
        let records = Virtcontainers.read(from: MemoryTree(nodes))
        let sandbox = try #require(records.sandboxes.first)
        #expect(sandbox.sockets == [run.appending("mon-0f7d9c2e-5b1a")])
        #expect(!sandbox.files.contains(run.appending("state.json")))
        #expect(sandbox.state == .unclear(""))
        #expect(records.diagnostics.map(\.code) == ["VC001"])
    }

    @Test("a file that cannot be read costs what it holds and is reported with the cause")
    func locked() throws {
        let whole = try Self.tree("docker-running-3.0.23").nodes
        for path in whole.keys where path.extension == "json" {
            var nodes = whole
            nodes[path] = .locked
            let records = Virtcontainers.read(from: MemoryTree(nodes))
            #expect(records.sandboxes.count + records.broken.count == 1, "\(path)")
            #expect(records.diagnostics.contains { $0.code == "VC001" && $0.path == path && $0.message.contains("ermission") }, "\(path)")
        }
    }

    @Test("a configuration longer than any that was written is refused")
    func tooLong() throws {
        let file = Virtcontainers.configurationRoot.appending("big").appending("config.json")
        let bytes = [UInt8](repeating: UInt8(ascii: " "), count: 16 << 20) + Array("{}".utf8)
        let records = Virtcontainers.read(from: MemoryTree([file: .file(bytes)]))
        #expect(records.broken.map(\.id.rawValue) == ["big"])
        #expect(records.diagnostics.map(\.code) == ["VC001", "VC009"])
    }

    @Test("of a list longer than any host can have had, a bounded part is read")
    func tooMany() throws {
        let file = Virtcontainers.configurationRoot.appending("many").appending("config.json")
        let list = (0..<1_200).map { "{\"ID\":\"c\($0)\"}" }.joined(separator: ",")
        let records = Virtcontainers.read(from: MemoryTree([file: .file(Array("{\"ID\":\"many\",\"Containers\":[\(list)]}".utf8))]))
        #expect(records.sandboxes.first?.containers.count == 1_000)
        #expect(records.diagnostics.contains { $0.code == "VC008" })
    }

    @Test("damage anywhere in a record never hides the sandbox", arguments: 0..<16)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for directory in Self.cases {
            let whole = try MemoryTree(copyOf: directory.path.appending("tree"))
            let names = Self.names(Virtcontainers.read(from: whole))
            var nodes = whole.nodes
            for (path, node) in nodes.sorted(by: { $0.key.string < $1.key.string }) {
                guard case .file(let bytes) = node else { continue }
                nodes[path] = .file(random.damaged(bytes))
            }
            #expect(Self.names(Virtcontainers.read(from: MemoryTree(nodes))) == names)
        }
    }

    private static func names(_ records: SandboxRecords) -> [String] {
        (records.sandboxes.map(\.id.rawValue) + records.broken.map(\.id.rawValue)).sorted()
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct Mulberry: RandomNumberGenerator {
    private var state: UInt32

    init(seed: UInt32) { state = seed }

    mutating func next() -> UInt64 { UInt64(half()) << 32 | UInt64(half()) }

    private mutating func half() -> UInt32 {
        state &+= 0x6D2B_79F5
        var mixed = (state ^ state >> 15) &* (state | 1)
        mixed ^= mixed &+ (mixed ^ mixed >> 7) &* (mixed | 61)
        return mixed ^ mixed >> 14
    }

    /// Cut, overwritten, doubled, or left alone.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return bytes }
        let place = Int.random(in: 0..<bytes.count, using: &self)
        switch Int.random(in: 0..<5, using: &self) {
        case 0: return Array(bytes[..<place])
        case 1: return bytes[..<place] + [UInt8.random(in: 0...255, using: &self)] + bytes[(place + 1)...]
        case 2: return bytes[..<place] + Array("[{\"".utf8) + bytes[place...]
        case 3: return bytes + bytes[place...]
        default: return bytes
        }
    }
}
