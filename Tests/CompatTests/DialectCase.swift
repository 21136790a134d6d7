// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// Files of one legacy program below `tree` of a case, where they lie on a host, with the translation that is expected of them together.
struct DialectCase: Sendable, CustomTestStringConvertible {
    let dialect: Dialect
    let directory: CaseDirectory

    var testDescription: String { "\(dialect.id): \(directory.testDescription)" }

    static let all =
        cases(RunV.dialect, "runv") + cases(Hyperd.dialect, "hyperd") + cases(Frakti.dialect, "frakti")

    private static func cases(_ dialect: Dialect, _ directory: String) -> [DialectCase] {
        CaseDirectory.all(in: directory).filter { $0.has("tree") }.map { DialectCase(dialect: dialect, directory: $0) }
    }

    /// In the order of their paths.
    func sources() throws -> [SourceText] {
        var found: [SourceText] = []
        var rest: [FilePath] = [""]
        let root = directory.path.appending("tree")
        while let path = rest.popLast() {
            let file = root.pushing(path)
            if try FileSystem.targetStatus(file)?.kind == .directory {
                rest += try FileSystem.list(file).map { path.appending($0) }
            } else {
                found.append(SourceText(path: FilePath("/").pushing(path), bytes: try FileSystem.read(file)))
            }
        }
        return found.sorted { $0.path.string < $1.path.string }
    }

    func translation() throws -> Translation {
        dialect.translation(of: try sources(), assets: ClearContainersV3GoldenTests.assets, release: try directory.release)
    }
}

@Suite("legacy programs without a configuration in TOML")
struct DialectCaseTests {
    @Test("each case is translated and reported as recorded", arguments: DialectCase.all)
    func golden(_ example: DialectCase) throws {
        #expect(example.directory.has("ORIGIN"))
        let translation = try example.translation()
        let texts = Dictionary(uniqueKeysWithValues: translation.sources.map { ($0.path, $0) })
        let report = render(translation.diagnostics, sources: texts, as: .text, tool: "compat", pages: example.dialect.pages)
        try example.directory.expect(report, at: "expected-diagnostics.txt")
        try example.directory.expect(String(decoding: translation.document.emission.rendered, as: UTF8.self), at: "expected.toml")
        guard example.directory.has("expected-targets.txt") else { return }
        try example.directory.expect(
            Registry.targets.map { Self.account(of: translation, for: $0) }.joined(separator: "\n"), at: "expected-targets.txt")
    }

    /// What is written for a target, and what of it was changed or lost.
    private static func account(of translation: Translation, for target: TargetDialect) -> String {
        let projection = target.projection(of: translation)
        let findings = projection.diagnostics.map { "\($0.location ?? ""): \($0.severity.rawValue): \($0.message) [\($0.code)]\n" }
        return "== for \(target.id)\n\(String(decoding: projection.emission.rendered, as: UTF8.self))\(findings.joined())"
    }

    @Test("each file of a case is known for what it is, and the case has a translation", arguments: DialectCase.all)
    func recognised(_ example: DialectCase) throws {
        let sources = try example.sources()
        #expect(!sources.isEmpty)
        guard !example.directory.testDescription.hasPrefix("foreign") else {
            #expect(sources.flatMap(Registry.recognise).isEmpty)
            return
        }
        for source in sources { #expect(Registry.recognise(source).first?.dialect == example.dialect.id, "\(source.path)") }
        let text = SourceText(path: "/etc/kata-containers/configuration.toml", bytes: try example.translation().document.emission.rendered)
        #expect(Registry.recognise(text).isEmpty)
    }

    @Test("the unified configuration accepts every translation of what the legacy program accepted", arguments: DialectCase.all)
    func accepted(_ example: DialectCase) throws {
        let translation = try example.translation()
        guard !translation.hasErrors else { return }
        let text = SourceText(path: "translated.toml", bytes: translation.document.emission.rendered)
        let resolved = ResolvedConfiguration.resolve([try #require(TOMLDocument.parse(text).value)])
        #expect(resolved.diagnostics.filter { $0.severity == .error } == [])
        #expect(resolved.value != nil)
    }

    @Test("a translation reads back as the values that it was made of", arguments: DialectCase.all)
    func readsBack(_ example: DialectCase) throws {
        let document = try example.translation().document
        let parsed = TOMLDocument.parse(SourceText(path: "translated.toml", bytes: document.emission.rendered))
        #expect(parsed.diagnostics.isEmpty)
        let root = try #require(parsed.value).root
        let written = document.tables.flatMap(\.entries)
        for entry in written {
            let value = try #require(root.value(at: entry.key.table.path + [entry.key.name]))
            #expect(value.holds(entry.value), "\(entry.key)")
        }
        #expect(root.entries.reduce(0) { $0 + $1.value.keyCount } == written.count)
    }

    @Test("whatever files hold, their translation is sound TOML", arguments: 0..<20)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for example in DialectCase.all {
            let sources = try example.sources().map { SourceText(path: $0.path, bytes: random.damaged($0.bytes)) }
            for source in sources { _ = Registry.recognise(source) }
            let translation = example.dialect.translation(of: sources, assets: ClearContainersV3GoldenTests.assets)
            let text = SourceText(path: "translated.toml", bytes: translation.document.emission.rendered)
            #expect(TOMLDocument.parse(text).diagnostics == [], "\(sources.map { String(decoding: $0.bytes, as: UTF8.self) })")
            for finding in translation.diagnostics {
                guard let range = finding.range, let source = sources.first(where: { $0.path == finding.path }) else { continue }
                #expect(range.offsets.upperBound <= source.bytes.count, "\(finding.code)")
            }
        }
    }

    @Test(
        "every finding has a page with its severity, and every page of a dialect a case", arguments: Set(DialectCase.all.map(\.dialect.id)))
    func pages(_ id: Dialect.ID) throws {
        let own = try #require(Registry.dialect(id)).pages
        let pages = own + TextDiagnostics.pages
        let found = try DialectCase.all.filter { $0.dialect.id == id }.flatMap { try $0.translation().diagnostics }
        for finding in found {
            #expect(pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding.code): \(finding.message)")
        }
        let seen = Set(found.map(\.code))
        #expect(own.map(\.code).filter { !seen.contains($0) } == [])
    }

    @Test("every statement is accounted for exactly once", arguments: DialectCase.all)
    func accounted(_ example: DialectCase) throws {
        let translation = try example.translation()
        let places = translation.provenance.compactMap { account in
            account.range.map { "\(account.file?.string ?? ""):\($0.start.offset):\(account.source?.description ?? "")" }
        }
        #expect(Set(places).count == places.count)
        for account in translation.provenance {
            switch account.fate {
            case .carried: #expect(account.before == account.after && account.target != nil && account.range != nil)
            case .mapped, .replaced: #expect(account.target != nil && account.after != nil)
            case .dropped, .refused, .unknown: #expect(account.target == nil && account.after == nil && account.reason != nil)
            // None of these has tables of another hypervisor.
            case .kept: Issue.record("\(account)")
            case .defaulted: #expect(account.source == nil && account.after != nil && account.reason != nil)
            }
            if let target = account.target { #expect(translation.document.value(of: target) == account.after) }
        }
    }
}

@Suite("rules of legacy programs")
struct DialectRuleTests {
    static let dialects = Registry.dialects.filter { dialect in DialectCase.all.contains { $0.dialect.id == dialect.id } }

    @Test(
        "no two rules are about one key, none writes another's, and each writes a key of the unified configuration",
        arguments: dialects.map(\.id))
    func rules(_ id: Dialect.ID) throws {
        let rules = try #require(Registry.dialect(id)).rules
        #expect(Set(rules.map(\.source)).count == rules.count)
        let targets = rules.compactMap(\.fate.target)
        #expect(Set(targets).count == targets.count)
        for target in targets { #expect(target.definition != nil, "\(target)") }
    }

    @Test("a case sets each key, and its fate is the rule's", arguments: dialects.map(\.id))
    func everyKeyHasACase(_ id: Dialect.ID) throws {
        let accounts = try DialectCase.all.filter { $0.dialect.id == id }.flatMap { try $0.translation().provenance }
        for rule in try #require(Registry.dialect(id)).rules {
            let fates = Set(accounts.filter { $0.source == rule.source }.map(\.fate))
            switch rule.fate {
            case .carried: #expect(fates.contains(.carried), "\(rule.source)")
            case .mapped: #expect(fates.contains(.carried) || fates.contains(.mapped), "\(rule.source)")
            case .replaced: #expect(fates.contains(.replaced), "\(rule.source)")
            case .dropped: #expect(fates.contains(.dropped), "\(rule.source)")
            }
        }
    }

    @Test("each text that a choice allows is one that the unified configuration allows", arguments: dialects.map(\.id))
    func choices(_ id: Dialect.ID) throws {
        for rule in try #require(Registry.dialect(id)).rules {
            guard case .mapped(let target, .foldedChoices(let choices)) = rule.fate else { continue }
            guard case .choice(let allowed) = target.definition?.type else {
                Issue.record("\(target) is no choice")
                continue
            }
            #expect(choices.compactMap(\.to).filter { !allowed.contains($0) } == [], "\(rule.source)")
        }
    }
}
