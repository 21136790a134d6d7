// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("Clear Containers 3.0 configurations")
struct ClearContainersV3GoldenTests {
    static let cases = CaseDirectory.all(in: "clear-containers/3.0")
    static let path: FilePath = "/etc/clear-containers/configuration.toml"
    static let packagedPath: FilePath = "/usr/share/defaults/clear-containers/configuration.toml"
    static let assets = TargetAssets(
        hypervisor: "/usr/bin/qemu-system-x86_64", kernel: "/usr/local/share/kata-swift/vmlinuz",
        initrd: "/usr/local/share/kata-swift/initrd.img")

    static func translation(of directory: CaseDirectory) throws -> Translation {
        let source = SourceText(path: directory.has("in-etc") ? path : packagedPath, bytes: try directory.read("configuration.toml"))
        return ClearContainersV3.dialect.translation(of: source, assets: assets, release: try directory.release)
    }

    @Test("each case is translated and reported as recorded", arguments: cases)
    func golden(_ directory: CaseDirectory) throws {
        #expect(directory.has("ORIGIN"))
        let translation = try Self.translation(of: directory)
        let report = render(
            translation.diagnostics, sources: [translation.sources[0].path: translation.sources[0]], as: .text, tool: "compat",
            pages: ClearContainersV3.pages)
        try directory.expect(report, at: "expected-diagnostics.txt")
        try directory.expect(String(decoding: translation.document.emission.rendered, as: UTF8.self), at: "expected.toml")
    }

    @Test("a translation reads back as the values that it was made of", arguments: cases)
    func readsBack(_ directory: CaseDirectory) throws {
        let document = try Self.translation(of: directory).document
        let parsed = TOMLDocument.parse(SourceText(path: "translated.toml", bytes: document.emission.rendered))
        #expect(parsed.diagnostics.isEmpty)
        let root = try #require(parsed.value).root
        let written = document.tables.flatMap(\.entries)
        for entry in written {
            let value = try #require(root.value(at: entry.key.table.path + [entry.key.name]))
            #expect(value.holds(entry.value), "\(entry.key)")
        }
        let read = root.entries.reduce(0) { $0 + $1.value.keyCount }
        #expect(read == written.count, "the text has other keys than the document")
    }

    @Test("the unified configuration accepts every translation of a file that cc-runtime accepted", arguments: cases)
    func accepted(_ directory: CaseDirectory) throws {
        let translation = try Self.translation(of: directory)
        guard !translation.hasErrors else { return }
        let text = SourceText(path: "translated.toml", bytes: translation.document.emission.rendered)
        let document = try #require(TOMLDocument.parse(text).value)
        let resolved = ResolvedConfiguration.resolve([document])
        #expect(resolved.diagnostics.filter { $0.severity == .error } == [])
        #expect(resolved.value != nil)
    }

    @Test("whatever a file holds, its translation is sound TOML", arguments: 0..<30)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for directory in try Self.cases.filter({ try !$0.isOfAnother }) {
            let source = SourceText(path: Self.path, bytes: random.damaged(try directory.read("configuration.toml")))
            _ = Registry.recognise(source)
            let translation = ClearContainersV3.dialect.translation(of: source, assets: Self.assets)
            let text = SourceText(path: "translated.toml", bytes: translation.document.emission.rendered)
            #expect(TOMLDocument.parse(text).diagnostics == [], "\(String(decoding: source.bytes, as: UTF8.self))")
        }
    }

    @Test("every finding has a page with its severity", arguments: cases)
    func pages(_ directory: CaseDirectory) throws {
        let pages = ClearContainersV3.pages + TOMLDocument.pages
        for finding in try Self.translation(of: directory).diagnostics {
            let page = pages.first { $0.code == finding.code }
            #expect(page?.severity == finding.severity, "\(finding.code): \(finding.message)")
        }
    }

    @Test("each code that reading or translating can report occurs in a case")
    func everyCode() throws {
        let seen = Set(try Self.cases.flatMap { try Self.translation(of: $0).diagnostics.map(\.code) })
        #expect(ClearContainersV3.pages.map(\.code).filter { !seen.contains($0) } == [])
    }

    @Test("every key that a file sets is accounted for exactly once", arguments: cases)
    func accounted(_ directory: CaseDirectory) throws {
        let translation = try Self.translation(of: directory)
        let places = translation.provenance.compactMap(\.range).map(\.start.offset)
        #expect(Set(places).count == places.count)
        let root = TOMLDocument.parse(translation.sources[0]).partial?.root
        #expect(root?.unaccounted(by: Set(places)) ?? [] == [])
        for account in translation.provenance {
            switch account.fate {
            case .carried: #expect(account.before == account.after && account.target != nil && account.range != nil)
            case .mapped, .replaced: #expect(account.target != nil && account.after != nil && account.reason != nil)
            case .dropped, .refused, .unknown: #expect(account.target == nil && account.after == nil && account.reason != nil)
            case .kept: Issue.record("Clear Containers has no table that Kata has and we have not")
            case .defaulted: #expect(account.source == nil && account.after != nil && account.reason != nil)
            }
            if let target = account.target { #expect(translation.document.value(of: target) == account.after) }
        }
    }
}

extension TOMLTable {
    /// The keys with values that neither stand at one of the places nor in a table that does.
    func unaccounted(by places: Set<Int>) -> [String] {
        entries.flatMap { entry -> [String] in
            if places.contains(entry.keyRange.start.offset) { return [] }
            return entry.value.table?.unaccounted(by: places) ?? [entry.key]
        }
    }
}

extension TOMLValue {
    func holds(_ value: ConfigValue) -> Bool {
        switch value {
        case .boolean(let wanted): boolean == wanted
        case .string(let wanted): string == wanted
        case .integer(let wanted): integer == wanted
        case .number, .strings, .tables: false
        }
    }

    /// How many keys with values stand below; 1 for a value itself.
    var keyCount: Int { table.map { $0.entries.reduce(0) { $0 + $1.value.keyCount } } ?? 1 }
}
