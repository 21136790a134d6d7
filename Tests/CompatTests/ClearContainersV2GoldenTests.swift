// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("Clear Containers 2 configurations")
struct ClearContainersV2GoldenTests {
    static let cases = CaseDirectory.all(in: "clear-containers/2.x")

    /// The files of a case where a host has them, in the order of their names.
    static func sources(of directory: CaseDirectory) throws -> [SourceText] {
        try FileSystem.list(directory.path).sorted().compactMap { name in
            if name == "ORIGIN" || name == "release" || name.hasPrefix("expected") { return nil }
            let home: FilePath =
                if name == "config.json" {
                    "/bundle"
                } else if name.hasPrefix("packaged-") {
                    "/usr/share/defaults/cc-oci-runtime"
                } else {
                    "/etc/cc-oci-runtime"
                }
            let plain = name.hasPrefix("packaged-") ? String(name.dropFirst("packaged-".count)) : name
            return SourceText(path: home.appending(plain), bytes: try directory.read(name))
        }
    }

    static func translation(of directory: CaseDirectory) throws -> Translation {
        ClearContainersV2.dialect.translation(
            of: try sources(of: directory), assets: ClearContainersV3GoldenTests.assets, release: try directory.release)
    }

    @Test("each case is translated and reported as recorded", arguments: cases)
    func golden(_ directory: CaseDirectory) throws {
        #expect(directory.has("ORIGIN"))
        let translation = try Self.translation(of: directory)
        let sources = Dictionary(uniqueKeysWithValues: translation.sources.map { ($0.path, $0) })
        let report = render(translation.diagnostics, sources: sources, as: .text, tool: "compat", pages: ClearContainersV2.pages)
        try directory.expect(report, at: "expected-diagnostics.txt")
        try directory.expect(String(decoding: translation.document.emission.rendered, as: UTF8.self), at: "expected.toml")
    }

    @Test("the unified configuration accepts every translation of files that cc-oci-runtime accepted", arguments: cases)
    func accepted(_ directory: CaseDirectory) throws {
        let translation = try Self.translation(of: directory)
        let text = SourceText(path: "translated.toml", bytes: translation.document.emission.rendered)
        let parsed = TOMLDocument.parse(text)
        #expect(parsed.diagnostics.isEmpty)
        guard !translation.hasErrors else { return }
        let resolved = ResolvedConfiguration.resolve([try #require(parsed.value)])
        #expect(resolved.diagnostics.filter { $0.severity == .error } == [])
        #expect(resolved.value != nil)
    }

    @Test("a translation reads back as the values that it was made of", arguments: cases)
    func readsBack(_ directory: CaseDirectory) throws {
        let document = try Self.translation(of: directory).document
        let root = try #require(TOMLDocument.parse(SourceText(path: "t.toml", bytes: document.emission.rendered)).value).root
        let written = document.tables.flatMap(\.entries)
        for entry in written {
            let value = try #require(root.value(at: entry.key.table.path + [entry.key.name]))
            #expect(value.holds(entry.value), "\(entry.key)")
        }
        #expect(root.entries.reduce(0) { $0 + $1.value.keyCount } == written.count, "a key is written twice")
    }

    @Test("every finding has a page with its severity", arguments: cases)
    func pages(_ directory: CaseDirectory) throws {
        let pages = ClearContainersV2.pages + JSONDocument.pages
        for finding in try Self.translation(of: directory).diagnostics {
            let page = pages.first { $0.code == finding.code }
            #expect(page?.severity == finding.severity, "\(finding.code): \(finding.message)")
        }
    }

    @Test("each code that reading or translating can report occurs in a case")
    func everyCode() throws {
        let seen = Set(try Self.cases.flatMap { try Self.translation(of: $0).diagnostics.map(\.code) })
        #expect(ClearContainersV2.pages.map(\.code).filter { !seen.contains($0) } == [])
    }

    @Test("a golden case sets each key, and its fate is the rule's or, as packaged, nothing's")
    func everyKeyHasACase() throws {
        let accounts = try Self.cases.flatMap { try Self.translation(of: $0).provenance }
        for rule in ClearContainersV2.rules {
            let fates = Set(accounts.filter { $0.source == rule.source }.map(\.fate)).subtracting([.refused, .unknown])
            switch rule.fate {
            case .carried, .mapped: #expect(fates.contains(.carried) || fates.contains(.mapped), "\(rule.source)")
            case .replaced: #expect(fates.contains(.replaced), "\(rule.source)")
            case .dropped: #expect(rule.source.name == "kernel-cmdline" || fates == [.dropped], "\(rule.source)")
            }
            #expect(!fates.isEmpty || rule.source.name == "kernel-cmdline", "\(rule.source)")
        }
    }

    @Test("every key that a rule writes is a key of the unified configuration")
    func targetsExist() {
        for rule in ClearContainersV2.rules {
            if let target = rule.fate.target { #expect(target.definition != nil, "\(target)") }
        }
        let keys = ClearContainersV2.rules.map(\.source)
        #expect(Set(keys).count == keys.count)
    }

    @Test("whatever a file holds, its translation is sound TOML", arguments: 0..<20)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for directory in try Self.cases.filter({ try !$0.isOfAnother }) {
            let sources = try Self.sources(of: directory).map { SourceText(path: $0.path, bytes: random.damaged($0.bytes)) }
            for source in sources { _ = Registry.recognise(source) }
            let translation = ClearContainersV2.dialect.translation(of: sources, assets: ClearContainersV3GoldenTests.assets)
            let text = SourceText(path: "translated.toml", bytes: translation.document.emission.rendered)
            #expect(TOMLDocument.parse(text).diagnostics == [], "\(directory.testDescription)")
        }
    }

    @Test("every argument of QEMU is accounted for or its reason is an error", arguments: cases)
    func accounted(_ directory: CaseDirectory) throws {
        let translation = try Self.translation(of: directory)
        for source in translation.sources where source.path.lastComponent == "hypervisor.args" {
            let read = HypervisorArguments(reading: source)
            let places = Set(translation.provenance.filter { $0.file == source.path }.compactMap(\.range?.start.line))
            let spoken = Set(translation.diagnostics.filter { $0.path == source.path }.compactMap(\.range?.start.line))
            for option in read.options {
                let lines = [option.nameRange.start.line, option.value?.range.start.line].compactMap { $0 }
                #expect(lines.contains { places.contains($0) || spoken.contains($0) }, "-\(option.name) at line \(lines)")
            }
        }
    }
}
