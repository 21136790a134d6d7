// SPDX-License-Identifier: Apache-2.0

import Compat
import CompatTestSupport
import Foundation
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// Files and trees that the legacy system itself left behind.
@Suite("Clear Containers 3.0 corpus", .needs(.corpus, .program("tar")))
struct CorpusTests {
    private static let configurations = Corpus.root.appending("clear-containers").appending("config-3.0")

    @Test("every configuration that was packaged is recognised for its release and translates without error or unknown key")
    func packaged() throws {
        let names = try FileSystem.list(Self.configurations)
        #expect(!names.isEmpty)
        for name in names {
            let source = SourceText(path: FilePath("/a/\(name)"), bytes: try FileSystem.read(Self.configurations.appending(name)))
            let release = try #require(Release(inName: name))
            let found = try #require(Registry.recognise(source).first)
            #expect(found.confidence == .certain, "\(name)")
            #expect(found.releases.contains(release), "\(name): \(found.releases)")
            let translation = ClearContainersV3.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets)
            #expect(!translation.hasErrors, "\(name)")
            #expect(!translation.provenance.contains { $0.fate == .unknown || $0.fate == .refused }, "\(name)")
        }
    }

    @Test("records that each release's own serialiser wrote are read for that release")
    func emitted() throws {
        let root = Corpus.root.appending("clear-containers").appending("state-3.0")
        for name in try FileSystem.list(root) {
            let release = try #require(Release(inName: name))
            let records = Virtcontainers.read(from: try MemoryTree(copyOf: root.appending(name)))
            #expect(records.sandboxes.count == 3 && records.broken.isEmpty)
            #expect(records.diagnostics.map(\.code) == [], "\(records.diagnostics)")
            for sandbox in records.sandboxes {
                #expect(sandbox.releases.contains(release), "\(name): \(sandbox.releases.title)")
                #expect(sandbox.containers.allSatisfy { $0.spec != nil && $0.rootfs != nil && $0.bundle != nil })
            }
            #expect(Set(records.sandboxes.map(\.owner)) == [.docker, .crio])
        }
    }

    @Test("trees that the real runtime left are read as it listed them", arguments: ["3.0.0", "3.0.10"])
    func real(_ version: String) async throws {
        let root = Corpus.root.appending("state").appending("clear-containers-\(version)")
        let release = try #require(Release(inName: version))
        for archive in try FileSystem.list(root) where archive.hasSuffix(".tar") {
            let step = String(archive.dropLast(4))
            let listed = try Listing(root.appending("\(step).list.json"))
            try await withTemporaryDirectory { directory in
                let tar = try #require(findProgram("tar"))
                let unpacked = try await runProgram(
                    tar, ["--no-same-owner", "-xf", root.appending(archive).string, "-C", directory.string, "--exclude=dev"])
                #expect(unpacked.status == .exited(0), "\(unpacked.errorText)")
                let records = Virtcontainers.read(from: try MemoryTree(copyOf: directory))
                #expect(records.broken.isEmpty, "\(version) \(step)")
                #expect(records.diagnostics.filter { $0.severity == .error } == [], "\(version) \(step)")
                #expect(records.sandboxes.allSatisfy { $0.releases.contains(release) }, "\(version) \(step)")
                let containers = records.sandboxes.flatMap(\.containers)
                for item in listed.items {
                    let found = try #require(containers.first { $0.id.rawValue == item.id }, "\(version) \(step): \(item.id)")
                    #expect(found.bundle?.string == item.bundle)
                    #expect(found.rootfs?.string == item.rootfs)
                    let pid = records.sandboxes.flatMap(\.processes).first { $0.container == found.id }?.pid
                    #expect(pid.map(Int.init) ?? 0 == item.pid)
                }
            }
        }
    }
}

/// What `cc-runtime list -f json` printed.
private struct Listing {
    struct Item: Decodable {
        let id: String
        let pid: Int
        let bundle: String
        let rootfs: String
    }

    let items: [Item]

    init(_ path: FilePath) throws {
        let bytes = FileSystem.exists(path) ? try FileSystem.read(path) : []
        items = bytes.isEmpty ? [] : try JSONDecoder().decode([Item]?.self, from: Data(bytes)) ?? []
    }
}

extension Release {
    /// The first version number in a file's name.
    fileprivate init?(inName name: String) {
        let numbers = name.split { !$0.isNumber && $0 != "." }.compactMap { part -> [Int]? in
            let numbers = part.split(separator: ".").compactMap { Int($0) }
            return numbers.count == 3 ? numbers : nil
        }
        guard let first = numbers.first else { return nil }
        self.init(first[0], first[1], first[2])
    }
}
