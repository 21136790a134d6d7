// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

private func three(_ first: Int, _ last: Int) -> ClosedRange<Release> { Release(3, 0, first)...Release(3, 0, last) }

/// Every key that the packaged file of a release names, set or commented out.
private func packagedText(_ patch: Int) -> String {
    var text = patch < 20 ? "# > 255 \n" : "# > number of physical cores \n"
    var table: [String] = []
    for rule in ClearContainersV3.rules.sorted(by: { $0.source.description < $1.source.description }) {
        // The packaged file went on naming this one in the first release that did not read it.
        let isNamedLonger = rule.source.name == "pause_root_path" && patch == 6
        guard isNamedLonger || rule.releases.contains(Release(3, 0, patch)) else { continue }
        if rule.source.table != table { text += "[\(rule.source.table.joined(separator: "."))]\n" }
        table = rule.source.table
        text += "#\(rule.source.name) = 1\n"
    }
    return text + (patch >= 13 ? "[agent.cc]\n" : "")
}

@Suite("release of Clear Containers 3.0")
struct ClearContainersV3ReleaseTests {
    private func finding(_ evidence: ReleaseEvidence...) -> ReleaseFinding? { ClearContainersV3.dialect.release(from: evidence) }

    private func packaged(_ patch: Int) -> ReleaseEvidence { .packagedFile(SourceText(path: "/p.toml", text: packagedText(patch))) }

    @Test("the program's and the packages' versions are read whatever is added to them")
    func versions() {
        #expect(finding(.versionText("cc-runtime  : 3.0.23\n   commit   : 64d2226\n   OCI specs: 1.0.0-dev"))?.releases == three(23, 23))
        #expect(finding(.versionText("cc-runtime  : 3.0.0-beta.2\n"))?.releases == three(0, 0))
        #expect(finding(.package(name: "cc-runtime", version: "3.0.12+git.3cebe5e-27"))?.releases == three(12, 12))
        #expect(finding(.package(name: "cc-runtime-bin", version: "1:3.0.8-2"))?.releases == three(8, 8))
    }

    @Test("what is no word about this system says nothing")
    func strangers() {
        #expect(finding(.versionText("runc version 1.0.0")) == nil)
        #expect(finding(.versionText("kata-runtime  : 1.12.1")) == nil)
        #expect(finding(.versionText("cc-runtime  : <<unknown>>")) == nil)
        #expect(finding(.versionText("cc-runtime  : 4.0.0")) == nil)
        #expect(finding(.versionText("")) == nil)
        #expect(finding(.package(name: "docker-ce", version: "3.0.1")) == nil)
        #expect(finding(.packagedFile(SourceText(path: "/x", text: "[a]\nb = 1\n"))) == nil)
        #expect(finding() == nil)
    }

    @Test("the keys that a packaged file names tell its release, edited or not", arguments: 0..<24)
    func keys(_ patch: Int) throws {
        let found = try #require(finding(packaged(patch)))
        #expect(found.releases.contains(Release(3, 0, patch)))
        // The widest groups whose files named the same keys are 3.0.0 to 3.0.2, 3.0.10 to 3.0.12 and 3.0.13 to 3.0.17.
        #expect(found.releases.upperBound.patch - found.releases.lowerBound.patch <= 4)
    }

    @Test("evidence that agrees adds up, and of evidence that does not the program's word counts")
    func combined() throws {
        let both = try #require(finding(packaged(11), .package(name: "cc-runtime", version: "3.0.11-1")))
        #expect(both.releases == three(11, 11) && both.reasons.count == 2)
        let torn = try #require(finding(packaged(1), .versionText("cc-runtime  : 3.0.20")))
        #expect(torn.releases == three(20, 20))
        #expect(torn.reasons.contains { $0.hasSuffix("does not agree and is passed over") })
    }

    @Test("a key counts only on a host whose release read it", arguments: ClearContainersV3.rules.indices)
    func counts(_ index: Int) {
        let rule = ClearContainersV3.rules[index]
        let value =
            switch rule.type {
            case .string: "\"\""
            case .boolean: "true"
            case .integer, .number: "9"
            case .strings, .tables: "[]"
            }
        let text = "[\(rule.source.table.joined(separator: "."))]\n\(rule.source.name) = \(value)\n"
        for patch in 0..<24 {
            let release = Release(3, 0, patch)
            let translation = ClearContainersV3.dialect.translation(
                of: SourceText(path: "/c.toml", text: text), assets: ClearContainersV3GoldenTests.assets, release: release...release)
            let account = translation.provenance.first { $0.source == rule.source }
            #expect((account?.fate == .unknown) == !rule.releases.contains(release), "\(rule.source) on \(release)")
        }
    }

    @Test("what releases differed in without a key is named when the release is not known")
    func undecided() {
        let text = "[hypervisor.qemu]\n[proxy.cc]\n[shim.cc]\n"
        let translation = ClearContainersV3.dialect.translation(
            of: SourceText(path: "/c.toml", text: text), assets: ClearContainersV3GoldenTests.assets)
        let notes = translation.diagnostics.flatMap(\.notes)
        #expect(notes.contains { $0.contains("3.0.20") } && notes.contains { $0.contains("3.0.5") })
    }

    @Test("each packaged file tells its release", .needs(.corpus))
    func corpus() throws {
        let directory = Corpus.root.appending("clear-containers").appending("config-3.0")
        let names = try FileSystem.list(directory)
        #expect(!names.isEmpty)
        for name in names {
            let source = SourceText(path: FilePath("/\(name)"), bytes: try FileSystem.read(directory.appending(name)))
            let patch = try #require(name.split(separator: ".").compactMap { Int($0) }.last)
            let found = try #require(finding(.packagedFile(source)), "\(name)")
            #expect(found.releases.contains(Release(3, 0, patch)), "\(name): \(found.releases)")
        }
    }

    @Test("a hostile file is reported, in time that grows with its size", arguments: hostileTOML.indices)
    func hostile(_ index: Int) throws {
        let (title, text) = hostileTOML[index]
        let spent = try processorTime {
            let source = SourceText(path: "/usr/share/defaults/clear-containers/configuration.toml", text: text)
            _ = Registry.recognise(source)
            let made = ClearContainersV3.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets)
            #expect(made.diagnostics.contains { $0.severity != .note && $0.path == source.path }, "\(title)")
            _ = try #require(TOMLDocument.parse(SourceText(path: "t", bytes: made.document.emission.rendered)).value)
        }
        #expect(spent < .seconds(30), "\(title): \(spent)")
    }
}

/// Titles, not texts, are a test's arguments: a runner prints them.
private let hostileTOML: [(title: String, text: String)] = [
    ("deep arrays", "[hypervisor.qemu]\npath = " + String(repeating: "[", count: 100_000)),
    ("deep keys", "[" + String(repeating: "a.", count: 50_000) + "a]\n"),
    ("truncated", "[hypervisor.qemu]\npath = \"/usr"), ("binary", "\u{0}\u{1}\u{2}\u{7F}"),
    ("many unknown keys", "[hypervisor.qemu]\n" + (0..<10_000).map { "k\($0) = 1\n" }.joined()),
    ("many unknown tables", (0..<10_000).map { "[t\($0)]\n" }.joined()),
    ("doubled keys", "[hypervisor.qemu]\r\n" + String(repeating: "path = \"x\"\r\n", count: 1000)),
    ("long parameters", "[hypervisor.qemu]\nkernel_params = \"" + String(repeating: "init=x ", count: 20_000) + "\"\n"),
]
