// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataText
import SystemPackage
import Testing

/// A translation by each dialect of each of its cases, for each target.
struct TargetCase: Sendable, CustomTestStringConvertible {
    let name: String
    let translation: Translation
    let target: TargetDialect

    var testDescription: String { "\(name) to \(target.id)" }

    static let all: [TargetCase] = translations.flatMap { name, translation in
        Registry.targets.map { TargetCase(name: name, translation: translation, target: $0) }
    }

    private static let translations: [(String, Translation)] =
        ClearContainersV3GoldenTests.cases.compactMap { directory in
            (try? ClearContainersV3GoldenTests.translation(of: directory)).map { ("clear-containers/3.0/\(directory.testDescription)", $0) }
        }
        + ClearContainersV2GoldenTests.cases.compactMap { directory in
            (try? ClearContainersV2GoldenTests.translation(of: directory)).map { ("clear-containers/2.x/\(directory.testDescription)", $0) }
        } + DialectCase.all.compactMap { subject in (try? subject.translation()).map { (subject.testDescription, $0) } }
        + KataCase.all.compactMap { subject in (try? subject.translation()).map { (subject.testDescription, $0) } }

    /// Whether the target is today's format and the translation comes from before it.
    var isIdentity: Bool { target.id.rawValue == "kata-swift" && Registry.dialect(translation.dialect)?.isCurrent == false }
}

/// The keys that name guest files, which a target may have its own of.
private enum UpstreamKeys {
    static let all = ["path", "kernel", "initrd", "image"]
}

@Suite("targets")
struct TargetTests {
    @Test("every target is found by its name, and a name that is also a dialect's means the same file")
    func registry() {
        #expect(Registry.targets.map(\.id.rawValue) == ["kata-swift", "kata-1.12", "kata-4.1", "runtime-rs"])
        for target in Registry.targets {
            #expect(Registry.target(target.id)?.title == target.title)
            if let dialect = Registry.dialect(target.id) { #expect(dialect.searchPaths == target.searchPaths) }
        }
        #expect(Registry.target(Dialect.ID(rawValue: "nobody")) == nil)
    }

    @Test("a projection reads back as TOML", arguments: TargetCase.all)
    func sound(_ subject: TargetCase) throws {
        let projection = subject.target.projection(of: subject.translation)
        #expect(TOMLDocument.parse(SourceText(path: "projected.toml", bytes: projection.emission.rendered)).diagnostics == [])
    }

    @Test("no key vanishes: what a translation says is written, perhaps elsewhere, or lost with a finding", arguments: TargetCase.all)
    func accounted(_ subject: TargetCase) throws {
        let projection = subject.target.projection(of: subject.translation)
        let written = projection.emission.root.entries(at: [])
        let lost = Set(projection.losses.map(\.key))
        #expect(lost.count == projection.losses.count)
        let document = subject.translation.document
        let unified = document.tables.flatMap(\.entries).map { (key: LegacyKey($0.key.table.path, $0.key.name), comments: $0.comments) }
        let places = Set(unified.map(\.key))
        for (key, comments) in unified + document.kept.map({ ($0.key, $0.comments) }) {
            if UpstreamKeys.all.contains(key.name), key.table == ["hypervisor", "qemu"], subject.target.id.rawValue != "kata-swift" {
                continue
            }
            // Elsewhere its comment tells which key it was.
            let isWritten = written.contains { place, above in
                (place == key || !places.contains(place)) && above.starts(with: comments)
            }
            #expect(isWritten != lost.contains(key), "\(key)")
        }
        for loss in projection.losses {
            let isReported = projection.diagnostics.contains { $0.message.hasPrefix("\(loss.key) = ") }
            // What a Kata file says and we lack was reported when it was translated.
            let wasReported = subject.translation.provenance.contains { $0.source == loss.key && $0.fate == .dropped }
            #expect(isReported || wasReported, "\(loss.key)")
            #expect(!loss.reason.isEmpty)
        }
    }

    @Test("a projection is a file that its runtime accepts and reads whole", arguments: TargetCase.all)
    func accepted(_ subject: TargetCase) throws {
        guard !subject.translation.hasErrors else { return }
        let projection = subject.target.projection(of: subject.translation)
        let text = SourceText(path: "projected.toml", bytes: projection.emission.rendered)
        guard let dialect = Registry.dialect(subject.target.id) else {
            let root = try #require(TOMLDocument.parse(text).value)
            guard root.root.value(at: ["hypervisor", "qemu"]) != nil else { return }
            #expect(ResolvedConfiguration.resolve([root]).diagnostics.filter { $0.severity == .error } == [])
            return
        }
        let read = dialect.translation(
            of: text, assets: ClearContainersV3GoldenTests.assets, release: dialect.releases.upperBound...dialect.releases.upperBound)
        #expect(read.diagnostics.filter { $0.severity == .error } == [])
        #expect(read.provenance.filter { $0.fate == .unknown }.compactMap(\.source) == [])
    }

    @Test("every finding has a page with its severity", arguments: TargetCase.all)
    func pages(_ subject: TargetCase) {
        for finding in subject.target.projection(of: subject.translation).diagnostics {
            #expect(TargetDialect.pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding.message)")
        }
    }

    @Test(
        "for our own runtime a legacy translation is written as it is",
        arguments: TargetCase.all.filter(\.isIdentity))
    func identity(_ subject: TargetCase) {
        let projection = subject.target.projection(of: subject.translation)
        #expect(projection.emission == subject.translation.document.emission)
        #expect(projection.losses == [] && projection.diagnostics == [])
    }
}

extension TOMLEmission.Table {
    /// Every key with what is said above it.
    fileprivate func entries(at path: [String]) -> [(LegacyKey, [String])] {
        entries.flatMap { entry in
            if case .table(let table) = entry.value { return table.entries(at: path + [entry.key]) }
            return [(LegacyKey(path, entry.key), entry.above)]
        }
    }
}
