// SPDX-License-Identifier: Apache-2.0

import Compat
import CompatTestSupport
import KataText
import SystemPackage
import Testing

@Suite("hyperd's database")
struct HyperdRecordsTests {
    private static func tree(_ name: String) throws -> MemoryTree {
        try #require(RecordCase.all.first { $0.format == .hyperd && $0.directory.testDescription == name }).tree()
    }

    private static func text(_ tree: MemoryTree) -> String { HyperdRecords.read(from: tree).text }

    @Test("a changed byte of a table, log or manifest never passes unnoticed", arguments: ["legacy", "current"])
    func oneByte(_ name: String) throws {
        let whole = try Self.tree(name)
        let known = HyperdRecords.read(from: whole)
        var random = Mulberry(seed: 7)
        for (path, node) in whole.nodes.sorted(by: { $0.key.string < $1.key.string }) {
            guard case .file(let bytes) = node else { continue }
            for _ in 0..<6 {
                var changed = bytes
                changed[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
                var nodes = whole.nodes
                nodes[path] = .file(changed)
                let found = HyperdRecords.read(from: MemoryTree(nodes))
                #expect(found.text == known.text || found.diagnostics.contains { $0.code == "VC001" }, "\(path)")
            }
        }
    }

    @Test("a database cut anywhere keeps what lies before the cut", arguments: ["legacy", "current"])
    func cut(_ name: String) throws {
        let whole = try Self.tree(name)
        let log = try #require(whole.nodes.keys.first { $0.extension == "log" })
        guard case .file(let bytes)? = whole.nodes[log] else { return }
        var nodes = whole.nodes
        var counts: [Int] = []
        for part in 0...8 {
            nodes[log] = .file(Array(bytes[..<(bytes.count * part / 8)]))
            let found = HyperdRecords.read(from: MemoryTree(nodes))
            counts.append(found.sandboxes.count + found.broken.count)
        }
        #expect(name == "legacy" ? counts == counts.sorted() && counts.last == 3 : counts.allSatisfy { $0 >= 3 }, "\(counts)")
    }

    @Test("without a manifest every table and log is read, and that is said")
    func noManifest() throws {
        let whole = try Self.tree("current")
        let nodes = whole.nodes.filter { $0.key.lastComponent?.string != "CURRENT" }
        let found = HyperdRecords.read(from: MemoryTree(nodes))
        #expect(found.sandboxes.map(\.id) == HyperdRecords.read(from: whole).sandboxes.map(\.id))
        #expect(found.diagnostics.contains { $0.code == "VC001" && $0.path?.lastComponent?.string == "CURRENT" })
    }

    @Test("what was overwritten or deleted is not there, whether it lies in a table or in the log")
    func newest() throws {
        let found = HyperdRecords.read(from: try Self.tree("current"))
        #expect(found.sandboxes.flatMap(\.processes).map(\.pid) == [601])
        #expect(!found.sandboxes.contains { $0.id.rawValue == "gone" } && !found.broken.contains { $0.id.rawValue == "gone" })
    }

    @Test("garbage under a database's names is reported, in bounded time and memory", arguments: 0..<8)
    func garbage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        var nodes: [FilePath: MemoryTree.Node] = [:]
        for name in ["CURRENT", "MANIFEST-000000", "000001.log", "000002.ldb", "000003.sst"] {
            nodes[HyperdRecords.database.appending(name)] = .file((0..<4_000).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        nodes[HyperdRecords.database.appending("CURRENT")] = .file(Array("MANIFEST-000000\n".utf8))
        let found = HyperdRecords.read(from: MemoryTree(nodes))
        #expect(found.sandboxes.isEmpty && found.broken.isEmpty)
        #expect(found.diagnostics.count >= 3)
    }

    @Test("a name in CURRENT that leads elsewhere is not followed")
    func elsewhere() throws {
        var nodes = try Self.tree("current").nodes
        nodes[HyperdRecords.database.appending("CURRENT")] = .file(Array("MANIFEST-/../../../../etc/passwd\n".utf8))
        let tree = MemoryTree(nodes)
        #expect(!HyperdRecords.read(from: tree).sandboxes.isEmpty)
        #expect(tree.askedFor.allSatisfy { $0.starts(with: HyperdRecords.database) && $0.components.allSatisfy { $0.kind == .regular } })
    }
}
