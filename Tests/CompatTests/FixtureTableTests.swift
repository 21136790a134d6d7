// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// The releases of a dialect that read their files alike, with the four cases that each such group has.
private struct ReleaseGroup: Sendable, CustomTestStringConvertible {
    let dialect: Dialect.ID
    let releases: ClosedRange<Release>
    /// Below fixtures.
    let directory: String
    /// As its makers left it, heavily edited, with every key, with mistakes.
    let cases: [String]
    /// The cases with the keys that no one file can have beside the others: of other commands, or in place of others.
    var others: [String] = []

    var testDescription: String { "\(dialect) \(releases.title)" }

    private static func release(_ text: String) -> Release { Release(text) ?? Release(0, 0, 0) }

    private static func group(
        _ dialect: Dialect, _ first: String, _ last: String? = nil, in directory: String, _ cases: String..., others: [String] = []
    ) -> ReleaseGroup {
        let end = last.map(release) ?? dialect.releases.upperBound
        return ReleaseGroup(dialect: dialect.id, releases: release(first)...end, directory: directory, cases: cases, others: others)
    }

    private static let clear2 = "clear-containers/2.x"
    private static let clear3 = "clear-containers/3.0"

    static let all: [ReleaseGroup] =
        [
            group(ClearContainersV2.dialect, "2.0.0", "2.0.99", in: clear2, "packaged-2.0", "edited-2.0", "every-key-2.0", "mistakes-2.0"),
            group(
                ClearContainersV2.dialect, "2.1.0", "2.1.99", in: clear2, "packaged-2.1.5", "edited-2.1", "every-key-2.1", "mistakes-2.1"),
            group(ClearContainersV2.dialect, "2.2.0", in: clear2, "packaged-2.2", "edited-2.2", "every-key-2.2", "mistakes-2.2"),
            group(
                ClearContainersV3.dialect, "3.0.0", "3.0.9", in: clear3, "packaged-3.0.8", "edited-3.0.9", "every-key-3.0.9",
                "mistakes-3.0.9"),
            group(
                ClearContainersV3.dialect, "3.0.10", "3.0.17", in: clear3, "packaged-3.0.17", "edited-3.0.17", "every-key-3.0.17",
                "mistakes-3.0.17"),
            group(
                ClearContainersV3.dialect, "3.0.18", in: clear3, "packaged-3.0.23", "edited-3.0.23", "every-key-3.0.23", "mistakes-3.0.23"),
            group(
                RunV.dialect, "0.4.0", "0.6.1", in: "runv", "default-0.6.0", "edited-0.6.0", "every-flag-of-containerd-0.6.0",
                "mistakes-0.6.0", others: ["every-flag-0.5"]),
            group(
                RunV.dialect, "0.6.2", "0.8.1", in: "runv", "default-0.8.1", "edited-daemon-json", "every-flag-0.8.1", "mistakes-0.8.1",
                others: ["containerd-0.8.1", "bundle-environment"]),
            group(
                RunV.dialect, "1.0.0", in: "runv", "default-daemon-json", "edited-daemon-json", "every-flag-1.0", "mistakes",
                others: ["coreboot", "containerd-0.8.1", "bundle-environment"]),
            group(
                Hyperd.dialect, "0.2.0", "0.5.99", in: "hyperd", "default-0.5", "edited-0.5", "every-key-0.5", "mistakes-0.5",
                others: ["coreboot-0.7"]),
            group(
                Hyperd.dialect, "0.6.0", "0.7.99", in: "hyperd", "default-0.7", "edited-0.7", "every-key-0.7", "mistakes-0.7",
                others: ["coreboot-0.7"]),
            group(Hyperd.dialect, "0.8.0", in: "hyperd", "default-1.1", "edited-1.1", "every-key-1.1", "mistakes-1.1"),
            group(Frakti.dialect, "0.1.0", "0.2.99", in: "frakti", "default-0.1", "edited-0.1", "every-flag-0.1", "mistakes-0.1"),
            group(Frakti.dialect, "0.3.0", in: "frakti", "default", "edited", "every-flag", "mistakes"),
        ]
        + (KataGo.dialects + [RuntimeRS.dialect]).map { dialect in
            ReleaseGroup(
                dialect: dialect.id, releases: dialect.releases, directory: "kata-dialects/\(dialect.id)",
                cases: ["default", "edited", "every-key", "mistakes"])
        }

    func path(of name: String) -> FilePath { Repository.fixtures.pushing(FilePath("\(directory)/\(name)")) }

    func translation(of name: String) throws -> Translation {
        let directory = CaseDirectory(path: path(of: name))
        switch dialect {
        case ClearContainersV2.id: return try ClearContainersV2GoldenTests.translation(of: directory)
        case ClearContainersV3.id: return try ClearContainersV3GoldenTests.translation(of: directory)
        default:
            let dialect = try #require(Registry.dialect(dialect))
            if directory.has("tree") { return try DialectCase(dialect: dialect, directory: directory).translation() }
            return try KataCase(dialect: dialect, directory: directory).translation()
        }
    }
}

/// Each dialect has four cases for each group of its releases; the suites of the dialects hold them against what is expected.
@Suite struct FixtureTableTests {
    @Test func everyReleaseOfEveryDialectIsInAGroup() throws {
        for dialect in Registry.dialects {
            let groups = ReleaseGroup.all.filter { $0.dialect == dialect.id }
            #expect(groups.first?.releases.lowerBound == dialect.releases.lowerBound, "\(dialect.id)")
            #expect(groups.last?.releases.upperBound == dialect.releases.upperBound, "\(dialect.id)")
            for (group, next) in zip(groups, groups.dropFirst()) { #expect(group.releases.upperBound < next.releases.lowerBound) }
        }
    }

    @Test(arguments: ReleaseGroup.all)
    private func everyCellHasItsFilesAndWhatIsExpectedOfThem(group: ReleaseGroup) throws {
        #expect(Set(group.cases).count == 4)
        for name in group.cases {
            let files = try FileSystem.list(group.path(of: name))
            #expect(files.contains("ORIGIN") && files.contains("expected-diagnostics.txt"), "\(name)")
            #expect(files.contains { $0.hasPrefix("expected") && $0.hasSuffix(".toml") }, "\(name)")
            #expect(files.contains { $0 != "ORIGIN" && $0 != "release" && !$0.hasPrefix("expected") }, "\(name) has no source")
        }
    }

    @Test(arguments: ReleaseGroup.all)
    private func aDefaultFileIsTakenWholeAndAnEditedOneSaysMore(group: ReleaseGroup) throws {
        let plain = try group.translation(of: group.cases[0])
        let edited = try group.translation(of: group.cases[1])
        #expect(!plain.hasErrors && !plain.provenance.contains { $0.fate == .refused })
        #expect(!edited.hasErrors)
        let changes = Set(edited.provenance.map { "\($0.source?.description ?? "") \($0.before?.tomlText ?? "")" })
            .subtracting(plain.provenance.map { "\($0.source?.description ?? "") \($0.before?.tomlText ?? "")" })
        #expect(changes.count >= 3, "\(changes)")
    }

    @Test(arguments: ReleaseGroup.all)
    private func theCaseWithEveryKeyHasEachThatTheReleasesRead(group: ReleaseGroup) throws {
        let rules = try #require(Registry.dialect(group.dialect)).rules.filter { $0.releases.common(with: group.releases) != nil }
        let said = Set(try ([group.cases[2]] + group.others).flatMap { try group.translation(of: $0).provenance.compactMap(\.source) })
        let missing = Set(rules.map(\.source)).subtracting(said).filter { key in !said.contains { $0.excludes(key) } }
        #expect(missing.map(\.description).sorted() == [])
    }

    @Test(arguments: ReleaseGroup.all)
    private func mistakesAreFound(group: ReleaseGroup) throws {
        let found = try group.translation(of: group.cases[3]).diagnostics
        #expect(found.contains { $0.severity == .error } && found.contains { $0.severity == .warning })
    }
}

extension LegacyKey {
    /// Whether a file of Kata's that has this key cannot have the other.
    fileprivate func excludes(_ other: LegacyKey) -> Bool {
        guard table == other.table else { return false }
        let pairs: [Set] = [["image", "initrd"], ["enable", "mem_agent_enable"], ["extra_monitor_socket", "dbg_monitor_socket"]]
        return name != other.name && pairs.contains([name, other.name])
    }
}
