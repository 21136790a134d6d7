// SPDX-License-Identifier: Apache-2.0

import Compat
import CompatTestSupport
import Foundation
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// Trees that real legacy runtimes left, held against what these runtimes themselves printed of them.
@Suite("sandbox records of the corpus", .needs(.corpus, .program("tar")))
struct RecordCorpusTests {
    struct System: Sendable {
        let name: String
        let format: RecordFormat
        let release: Release
        /// How many trees there are at least, so that the test cannot pass over none.
        let trees: Int
    }

    static let systems = [
        System(name: "kata-1.12.1", format: .kata, release: Release(1, 12, 1), trees: 7),
        System(name: "runv-1.0.0", format: .runV, release: Release(1, 0, 0), trees: 2),
        System(name: "runv-0.8.1", format: .runV, release: Release(0, 8, 1), trees: 2),
        System(name: "clear-containers-2.1.10", format: .ccOCIRuntime, release: Release(2, 1, 10), trees: 31),
    ]

    @Test("every container that the runtime listed is found, with its bundle, pid and the status of its files", arguments: systems)
    func listed(_ system: System) async throws {
        let root = Corpus.root.appending("state").appending(system.name)
        let archives = try FileSystem.list(root).filter { $0.hasSuffix(".tar") }
        #expect(archives.count >= system.trees)
        for archive in archives {
            let step = "\(system.name) \(archive.dropLast(4))"
            let items = try Self.listing(root.appending("\(archive.dropLast(4)).list.json"))
            let running = try Self.processes(root.appending("\(archive.dropLast(4)).processes.txt"))
            try await withTemporaryDirectory { directory in
                let tar = try #require(findProgram("tar"))
                let unpacked = try await runProgram(
                    tar, ["--no-same-owner", "-xf", root.appending(archive).string, "-C", directory.string, "--exclude=dev"])
                #expect(unpacked.status == .exited(0), "\(unpacked.errorText)")
                let records = system.format.read(from: try MemoryTree(copyOf: directory))
                #expect(
                    records.broken.isEmpty && records.diagnostics.filter { $0.severity != .note } == [],
                    "\(step): \(records.diagnostics.map(\.message))")
                #expect(
                    records.sandboxes.allSatisfy { $0.releases.contains(system.release) }, "\(step): \(records.sandboxes.map(\.releases))")
                let containers = records.sandboxes.flatMap(\.containers)
                #expect(containers.count >= items.count)
                for item in items {
                    let found = try #require(containers.first { $0.id.rawValue == item.id }, "\(step): \(item.id)")
                    #expect(found.bundle?.string == item.bundle, "\(step)")
                    let pid = records.sandboxes.flatMap(\.processes).first { $0.container == found.id }?.pid
                    #expect(
                        pid.map(Int.init) ?? 0 == item.pid || item.status == "stopped",
                        "\(step): \(String(describing: pid)) for \(item.pid)")
                    // runV 0.8.1 asked its daemon, and wrote no status down; cc-oci-runtime took a container whose shim was gone for stopped.
                    let isGone = item.status == "stopped" && !running.contains(item.pid)
                    let expected = system.name == "runv-0.8.1" ? .unclear("") : Self.state(item.status)
                    #expect(
                        found.state == expected || isGone && found.state == .running, "\(step) \(item.id): \(found.state), \(item.status)")
                }
            }
        }
    }

    @Test("a state that 2.0 or 2.1 wrote is read, each with what its schema has")
    func schemas() throws {
        let root = Corpus.root.appending("clear-containers").appending("2.x").appending("state")
        let names = try FileSystem.list(root)
        #expect(names.count > 15)
        for name in names {
            let file = CCOCIRuntime.roots[0].appending("foo").appending("state.json")
            let records = CCOCIRuntime.read(from: MemoryTree([file: .file(try FileSystem.read(root.appending(name)))]))
            let sandbox = try #require(records.sandboxes.first, "\(name)")
            // Four of the files end before the status, so that only the directory's name is left of them.
            let isCut = ["bundlePath", "commsPath", "id", "ociVersion"].contains { name == "state-no-\($0).json" }
            #expect(sandbox.state == (isCut ? .unclear("") : .running), "\(name)")
            #expect(name == "state-no-bundlePath.json" ? sandbox.bundle == nil : sandbox.bundle != nil, "\(name)")
        }
    }

    @Test("a database of hyperd that another writer made has its pod, VM and containers", arguments: ["hyperd-0.7-legacy", "hyperd-1.1"])
    func hyperd(_ name: String) throws {
        let root = Corpus.root.appending("runv").appending("written-from-structs").appending(name)
        let records = HyperdRecords.read(from: try MemoryTree(copyOf: root))
        #expect(records.broken.isEmpty && records.diagnostics.isEmpty, "\(records.diagnostics)")
        let pod = try #require(records.sandboxes.first)
        #expect(!pod.containers.isEmpty && pod.hypervisor.uuid?.hasPrefix("vm-") == true && pod.state == .running)
        #expect(pod.processes.map(\.role) == [.hypervisor])
    }

    private struct Item: Decodable {
        let id: String
        let pid: Int
        let status: String
        let bundle: String
    }

    private static func listing(_ path: FilePath) throws -> [Item] {
        let bytes = FileSystem.exists(path) ? try FileSystem.read(path) : []
        return bytes.isEmpty ? [] : try JSONDecoder().decode([Item]?.self, from: Data(bytes)) ?? []
    }

    /// The pids in front of the lines.
    private static func processes(_ path: FilePath) throws -> Set<Int> {
        guard FileSystem.exists(path) else { return [] }
        let lines = String(decoding: try FileSystem.read(path), as: UTF8.self).split(separator: "\n")
        return Set(lines.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } })
    }

    private static func state(_ status: String) -> LegacyState {
        switch status {
        case "created": .ready
        case "running": .running
        case "paused": .paused
        case "stopped": .stopped
        default: .unclear(status)
        }
    }
}
