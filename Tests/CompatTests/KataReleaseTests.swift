// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataText
import SystemPackage
import Testing

/// What a word or size meant to one release.
private struct Meaning: Sendable, CustomTestStringConvertible {
    let release: Release
    let text: String
    let key: TargetKey
    let value: ConfigValue?

    var testDescription: String { "\(text) on \(release)" }

    static func memory(_ release: Release, _ asked: Int, _ had: Int64) -> Meaning {
        Meaning(
            release: release, text: "[hypervisor.qemu]\ndefault_memory = \(asked)\n", key: TargetKey(.hypervisor, "default_memory"),
            value: .integer(had))
    }

    static func model(_ release: Release, _ word: String, _ meant: String?) -> Meaning {
        Meaning(
            release: release, text: "[hypervisor.qemu]\n[runtime]\ninternetworking_model = \"\(word)\"\n",
            key: TargetKey(.runtime, "internetworking_model"), value: meant.map { .string($0) })
    }

    static func absent(_ release: Release, _ key: TargetKey, _ value: ConfigValue?) -> Meaning {
        Meaning(release: release, text: "[hypervisor.qemu]\n", key: key, value: value)
    }

    static let all: [Meaning] = [
        .memory(Release(1, 0, 0), 7, 2048), .memory(Release(1, 8, 0), 128, 128), .memory(Release(1, 9, 0), 128, 2048),
        .memory(Release(1, 11, 5), 128, 128), .memory(Release(1, 12, 1), 128, 128), .memory(Release(2, 0, 0), 255, 2048),
        .memory(Release(4, 1, 0), 256, 256),
        .model(Release(1, 6, 0), "default", "macvtap"), .model(Release(1, 7, 0), "default", "default"),
        .model(Release(1, 9, 0), "bridged", "tcfilter"), .model(Release(1, 10, 0), "bridged", nil),
        .model(Release(1, 3, 0), "tcfilter", nil), .model(Release(1, 4, 0), "tcfilter", "tcfilter"),
        .model(Release(4, 1, 0), "enlightened", nil),
        .absent(Release(1, 12, 1), TargetKey(.hypervisor, "machine_type"), .string("pc")),
        .absent(Release(2, 2, 0), TargetKey(.hypervisor, "machine_type"), nil),
        .absent(Release(2, 3, 0), TargetKey(.hypervisor, "shared_fs"), .string("virtio-9p")),
        .absent(Release(2, 4, 0), TargetKey(.hypervisor, "shared_fs"), .string("virtio-fs")),
        .absent(Release(1, 6, 0), TargetKey(.runtime, "internetworking_model"), .string("macvtap")),
        .absent(Release(1, 7, 0), TargetKey(.runtime, "internetworking_model"), nil),
        .absent(Release(4, 1, 0), TargetKey(.agent, "dial_timeout"), .integer(30)),
    ]
}

@Suite("Kata's releases")
struct KataReleaseTests {
    private static func translation(_ text: String, on release: Release) throws -> Translation {
        let dialect = try #require(KataGo.dialects.first { $0.releases.contains(release) })
        return dialect.translation(
            of: SourceText(path: "/c.toml", text: text), assets: ClearContainersV3GoldenTests.assets, release: release...release)
    }

    @Test("a word or a size is translated as the release took it", arguments: Meaning.all)
    private func meaning(_ meaning: Meaning) throws {
        let document = try Self.translation(meaning.text, on: meaning.release).document
        #expect(document.value(of: meaning.key) == meaning.value)
    }

    @Test("a fraction of a vCPU is refused before 3.3", arguments: [(Release(3, 2, 0), true), (Release(3, 3, 0), false)])
    func fractions(_ release: Release, _ isRefused: Bool) throws {
        #expect(try Self.translation("[hypervisor.qemu]\ndefault_vcpus = 1.5\n", on: release).hasErrors == isRefused)
    }

    @Test("a key counts only on a host whose release read it", arguments: KataGo.dialects.indices)
    func counts(_ index: Int) throws {
        let dialect = KataGo.dialects[index]
        for rule in dialect.rules {
            let value =
                switch rule.type {
                case .string: "\"\""
                case .boolean: "true"
                case .integer, .number: "9"
                case .strings, .tables: "[]"
                }
            let text = "[\(rule.source.table.joined(separator: "."))]\n\(rule.source.name) = \(value)\n"
            for release in [dialect.releases.lowerBound, rule.releases.lowerBound, rule.releases.upperBound, dialect.releases.upperBound] {
                let account = try Self.translation(text, on: release).provenance.first { $0.source == rule.source }
                #expect((account?.fate == .unknown) == !rule.releases.contains(release), "\(rule.source) on \(release)")
            }
        }
    }

    @Test("the program and its package tell the release")
    func evidence() throws {
        let last = try #require(KataGo.dialects.last)
        let text = "kata-runtime  : 4.1.0\n   commit   : ddcb1ad8\n   OCI specs: 1.2.0\n"
        #expect(last.release(from: [.versionText(text)])?.releases == Release(4, 1, 0)...Release(4, 1, 0))
        let first = try #require(KataGo.dialects.first)
        #expect(first.release(from: [.versionText(text)]) == nil)
        let package = ReleaseEvidence.package(name: "kata-runtime", version: "1.12.1-17.1")
        #expect(first.release(from: [package])?.releases == Release(1, 12, 1)...Release(1, 12, 1))
    }
}
