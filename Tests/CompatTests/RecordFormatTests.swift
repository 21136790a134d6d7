// SPDX-License-Identifier: Apache-2.0

import Compat
import CompatTestSupport
import KataSystem
import KataText
import SystemPackage
import Testing

/// A tree with records of one format, and what is to be read from it.
struct RecordCase: Sendable, CustomTestStringConvertible {
    let format: RecordFormat
    let directory: CaseDirectory

    var testDescription: String { "\(format.rawValue) \(directory.testDescription)" }

    /// Those of Clear Containers 3.0 have tests of their own.
    static let all: [RecordCase] = RecordFormat.allCases.filter { $0 != .virtcontainers }.flatMap { format in
        CaseDirectory.all(in: format.fixtures).map { RecordCase(format: format, directory: $0) }
    }

    func tree() throws -> MemoryTree { try MemoryTree(copyOf: directory.path.appending("tree")) }
}

@Suite("sandbox records")
struct RecordFormatTests {
    @Test("each case is read and reported as recorded", arguments: RecordCase.all)
    func golden(_ item: RecordCase) throws {
        #expect(item.directory.has("ORIGIN"))
        let records = item.format.read(from: try item.tree())
        try item.directory.expect(records.text, at: "expected.txt")
        try item.directory.expect(render(records.diagnostics, as: .text, tool: "compat"), at: "expected-diagnostics.txt")
    }

    @Test("every format has cases, and of every case something is found")
    func everyFormat() throws {
        let formats = Set(RecordCase.all.map(\.format))
        #expect(formats.union([.virtcontainers]) == Set(RecordFormat.allCases))
        for item in RecordCase.all {
            let records = item.format.read(from: try item.tree())
            #expect(!records.sandboxes.isEmpty || !records.broken.isEmpty, "\(item)")
            #expect(records.sandboxes.allSatisfy { $0.format == item.format } && records.broken.allSatisfy { $0.format == item.format })
        }
    }

    @Test("a host without records of a format has neither sandboxes nor findings", arguments: RecordFormat.allCases)
    func nothing(_ format: RecordFormat) {
        let records = format.read(from: MemoryTree([:]))
        #expect(records.sandboxes.isEmpty && records.broken.isEmpty && records.diagnostics.isEmpty)
    }

    @Test("every finding has a page with its severity", arguments: RecordCase.all)
    func pages(_ item: RecordCase) throws {
        let pages = Virtcontainers.pages + JSONDocument.pages
        for finding in item.format.read(from: try item.tree()).diagnostics {
            #expect(pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding)")
        }
    }

    @Test("nothing outside of a format's own directories is asked for, whatever names a record holds", arguments: RecordCase.all)
    func staysInside(_ item: RecordCase) throws {
        let roots: [FilePath] =
            switch item.format {
            case .virtcontainers: [Virtcontainers.configurationRoot, Virtcontainers.runRoot]
            case .kata: [KataRecords.configurationRoot, KataRecords.runRoot, KataRecords.machineRoot, KataRecords.rustRoot]
            case .ccOCIRuntime: CCOCIRuntime.roots
            case .runV: [RunVRecords.root, RunVRecords.oldestRoot, RunVRecords.machineRoot, RunVRecords.daemonRoot]
            case .hyperd: [HyperdRecords.database]
            case .frakti: [FraktiRecords.root]
            }
        let tree = try item.tree()
        _ = item.format.read(from: tree)
        #expect(!tree.askedFor.isEmpty)
        for path in tree.askedFor {
            // Each daemon has a directory of its own.
            let isDaemons = item.format == .runV && path.string.hasPrefix(RunVRecords.namespacePrefix)
            #expect(isDaemons || roots.contains { path.starts(with: $0) }, "\(path)")
            #expect(path.components.allSatisfy { $0.kind == .regular }, "\(path)")
        }
    }

    @Test("the secret token of a process is in nothing that is read", arguments: RecordCase.all.filter { $0.format == .kata })
    func token(_ item: RecordCase) throws {
        var text = ""
        dump(item.format.read(from: try item.tree()), to: &text)
        #expect(!text.contains("c2VjcmV0"))
    }

    @Test("a file that cannot be read costs what it holds and is reported with the cause", arguments: RecordCase.all)
    func locked(_ item: RecordCase) throws {
        let whole = try item.tree()
        _ = item.format.read(from: whole)
        let asked = Set(whole.askedFor)
        for case (let path, .file) in whole.nodes where asked.contains(path) {
            var nodes = whole.nodes
            nodes[path] = .locked
            let records = item.format.read(from: MemoryTree(nodes))
            #expect(records.diagnostics.contains { $0.path == path && $0.message.contains("ermission") }, "\(path)")
        }
    }

    @Test("damage anywhere in a record never hides what has a directory of its own", arguments: 0..<8)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for item in RecordCase.all where item.format != .hyperd {
            let whole = try item.tree()
            let names = Self.found(item, whole)
            var nodes = whole.nodes
            for (path, node) in nodes.sorted(by: { $0.key.string < $1.key.string }) {
                guard case .file(let bytes) = node else { continue }
                nodes[path] = .file(random.damaged(bytes))
            }
            let missing = names.subtracting(Self.found(item, MemoryTree(nodes)))
            #expect(missing.isEmpty, "\(item), seed \(seed): \(missing)")
        }
    }

    /// Of the names that stand directly in a directory of records those that are found, as a sandbox or as a container.
    private static func found(_ item: RecordCase, _ tree: MemoryTree) -> Set<String> {
        let records = item.format.read(from: tree)
        let roots: [FilePath] = [
            KataRecords.configurationRoot, KataRecords.runRoot, KataRecords.rustRoot, RunVRecords.root, FraktiRecords.root,
        ]
        let names = tree.nodes.keys.flatMap { path in
            (roots + CCOCIRuntime.roots).compactMap { root in
                path.starts(with: root) ? path.components.dropFirst(root.components.count).first?.string : nil
            }
        }
        let sandboxes = records.sandboxes.map(\.id.rawValue) + records.broken.map(\.id.rawValue)
        return Set(sandboxes + records.sandboxes.flatMap { $0.containers.map(\.id.rawValue) }).intersection(names)
    }
}
