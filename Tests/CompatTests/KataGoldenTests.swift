// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// A case below fixtures/kata-dialects: a file, perhaps with drop-ins and the release that ran, and what becomes of it for each target.
struct KataCase: Sendable, CustomTestStringConvertible {
    let dialect: Dialect
    let directory: CaseDirectory

    static let all: [KataCase] = (KataGo.dialects + [RuntimeRS.dialect]).flatMap { dialect in
        CaseDirectory.all(in: "kata-dialects/\(dialect.id)").map { KataCase(dialect: dialect, directory: $0) }
    }

    var testDescription: String { "\(dialect.id)/\(directory.testDescription)" }

    func sources() throws -> [SourceText] {
        let path: FilePath = dialect.id == RuntimeRS.id ? "/etc/kata-containers/runtime-rs" : "/etc/kata-containers"
        let dropIns = directory.has("config.d") ? try FileSystem.list(directory.path.appending("config.d")).map { "config.d/\($0)" } : []
        return try (["configuration.toml"] + dropIns).map { SourceText(path: path.pushing(FilePath($0)), bytes: try directory.read($0)) }
    }

    func translation() throws -> Translation {
        let release = directory.has("release") ? try directory.read("release") : []
        let known = Release(String(decoding: release.prefix { $0 != 0x0A }, as: UTF8.self))
        return dialect.translation(of: try sources(), assets: ClearContainersV3GoldenTests.assets, release: known.map { $0...$0 })
    }
}

@Suite("Kata configurations")
struct KataGoldenTests {
    private static let pages = TargetDialect.pages + KataGo.pages + RuntimeRS.pages + TOMLDocument.pages

    @Test("each generation has a default file, an edited one, one with every key and one with mistakes")
    func complete() {
        for dialect in KataGo.dialects + [RuntimeRS.dialect] {
            let names = Set(KataCase.all.filter { $0.dialect.id == dialect.id }.map(\.directory.testDescription))
            #expect(names.isSuperset(of: ["default", "edited", "every-key", "mistakes"]), "\(dialect.id)")
        }
    }

    @Test("each case is translated, written for each target and reported as recorded", arguments: KataCase.all)
    func golden(_ subject: KataCase) throws {
        #expect(subject.directory.has("ORIGIN"))
        let translation = try subject.translation()
        let sources = Dictionary(translation.sources.map { ($0.path, $0) }) { first, _ in first }
        var report = render(translation.diagnostics, sources: sources, as: .text, tool: "compat", pages: Self.pages)
        for target in Registry.targets {
            let projection = target.projection(of: translation)
            try subject.directory.expect(String(decoding: projection.emission.rendered, as: UTF8.self), at: "expected-\(target.id).toml")
            report += "\n== for \(target.id)\n"
            for finding in projection.diagnostics {
                report += "\(finding.location ?? ""): \(finding.severity.rawValue): \(finding.message) [\(finding.code)]\n"
            }
        }
        try subject.directory.expect(report, at: "expected-diagnostics.txt")
    }

    @Test("every finding has a page with its severity", arguments: KataCase.all)
    func severities(_ subject: KataCase) throws {
        for finding in try subject.translation().diagnostics {
            #expect(Self.pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding.code): \(finding.message)")
        }
    }

    @Test("each code that reading, translating or writing for a target can report occurs in a case")
    func everyCode() throws {
        let seen = Set(
            try KataCase.all.flatMap { subject in
                let translation = try subject.translation()
                return translation.diagnostics.map(\.code)
                    + Registry.targets.flatMap { $0.projection(of: translation).diagnostics.map(\.code) }
            })
        #expect((TargetDialect.pages + KataGo.pages + RuntimeRS.pages).map(\.code).filter { !seen.contains($0) } == [])
    }

    @Test("every key that a file sets is accounted for", arguments: KataCase.all)
    func accounted(_ subject: KataCase) throws {
        let translation = try subject.translation()
        for source in translation.sources {
            let places = Set(translation.provenance.filter { $0.file == source.path }.compactMap(\.range).map(\.start.offset))
            #expect(TOMLDocument.parse(source).partial?.root.unaccounted(by: places) ?? [] == [])
        }
        for account in translation.provenance where account.fate == .carried { #expect(account.before == account.after) }
    }

    @Test("a file is told from those of the other dialects by its keys", arguments: KataCase.all)
    func identified(_ subject: KataCase) throws {
        let source = try subject.sources()[0]
        #expect(Registry.recognise(source).isEmpty, "today's files are not translated unasked")
        let found = Registry.identify(source)
        #expect(found.contains { $0.dialect == subject.dialect.id && !$0.reasons.isEmpty })
        guard ["default", "every-key"].contains(subject.directory.testDescription) else { return }
        #expect(found.first?.dialect == subject.dialect.id || found.first?.confidence == .likely, "\(found)")
    }

    @Test("written for its own kind, a file keeps every known key and value", arguments: KataCase.all)
    func roundTrip(_ subject: KataCase) throws {
        guard let target = Registry.target(subject.dialect.id), subject.directory.testDescription == "default" else { return }
        let projection = target.projection(of: try subject.translation())
        #expect(projection.losses == [])
        let written = try #require(TOMLDocument.parse(SourceText(path: "p.toml", bytes: projection.emission.rendered)).value).root
        let source = try #require(TOMLDocument.parse(try subject.sources()[0]).value).root
        #expect(written.missing(from: source) == [])
    }

    @Test("whatever a file holds, what is written of it is sound TOML", arguments: 0..<6)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for subject in KataCase.all {
            let source = SourceText(path: "/a.toml", bytes: random.damaged(try subject.directory.read("configuration.toml")))
            _ = Registry.identify(source)
            let translation = subject.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets)
            for target in Registry.targets {
                let text = SourceText(path: "p.toml", bytes: target.projection(of: translation).emission.rendered)
                #expect(TOMLDocument.parse(text).diagnostics == [], "\(String(decoding: source.bytes, as: UTF8.self))")
            }
        }
    }

    @Test("each key of the Go runtime has one rule in each generation that read it", arguments: KataGo.dialects.indices)
    func rules(_ index: Int) {
        let dialect = KataGo.dialects[index]
        let keys = dialect.rules.map(\.source)
        #expect(Set(keys).count == keys.count)
        for rule in dialect.rules {
            #expect(dialect.releases.common(with: rule.releases) == rule.releases, "\(rule.source)")
            if let target = rule.fate.target { #expect(target.definition != nil, "\(target)") }
        }
        for key in ConfigKey.all {
            guard let since = key.since.flatMap({ Release($0) }), since <= dialect.releases.upperBound else { continue }
            if case .retired(let last, _) = key.availability, let last = Release(last), last < dialect.releases.lowerBound { continue }
            if ["ctlpath", "valid_ctlpaths"].contains(key.name), dialect.releases.lowerBound.major == 4 { continue }
            #expect(keys.contains(LegacyKey(key.table.path, key.name)), "\(key)")
        }
    }
}

extension TOMLTable {
    /// The keys of another table that this one lacks or has with other values.
    fileprivate func missing(from other: TOMLTable, at path: [String] = []) -> [String] {
        other.entries.flatMap { entry -> [String] in
            let key = (path + [entry.key]).joined(separator: ".")
            guard let own = self[entry.key] else { return entry.value.table?.entries.isEmpty == true ? [] : [key] }
            if let table = entry.value.table, let mine = own.table { return mine.missing(from: table, at: path + [entry.key]) }
            return own.hasSameContent(as: entry.value) ? [] : [key]
        }
    }
}
