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

    private static let translations: [(String, Translation)] = ClearContainersV3GoldenTests.cases.compactMap { directory in
        (try? ClearContainersV3GoldenTests.translation(of: directory)).map { ("clear-containers/3.0/\(directory.testDescription)", $0) }
    }
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
        let text = String(decoding: projection.emission.rendered, as: UTF8.self)
        let lost = Set(projection.losses.map(\.key))
        #expect(lost.count == projection.losses.count)
        for entry in subject.translation.document.tables.flatMap(\.entries) {
            let key = LegacyKey(entry.key.table.path, entry.key.name)
            let isAsset = ["path", "kernel", "initrd", "image"].contains(entry.key.name) && entry.key.table == .hypervisor
            guard !isAsset || subject.target.id.rawValue == "kata-swift" else { continue }
            // The comment above a key goes where the key goes.
            let isWritten = entry.comments.allSatisfy { text.contains("# \($0)\n") } && !entry.comments.isEmpty
            #expect(isWritten != lost.contains(key), "\(key)")
        }
        for loss in projection.losses {
            #expect(projection.diagnostics.contains { $0.message.hasPrefix("\(loss.key) = ") }, "\(loss.key)")
            #expect(!loss.reason.isEmpty)
        }
    }

    @Test("every finding has a page with its severity", arguments: TargetCase.all)
    func pages(_ subject: TargetCase) {
        for finding in subject.target.projection(of: subject.translation).diagnostics {
            #expect(TargetDialect.pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding.message)")
        }
    }

    @Test(
        "for our own runtime a legacy translation is written as it is",
        arguments: TargetCase.all.filter { $0.target.id.rawValue == "kata-swift" })
    func identity(_ subject: TargetCase) {
        let projection = subject.target.projection(of: subject.translation)
        #expect(projection.emission == subject.translation.document.emission)
        #expect(projection.losses == [] && projection.diagnostics == [])
    }
}
