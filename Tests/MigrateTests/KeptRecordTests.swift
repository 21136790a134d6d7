// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// Kata's own records stay in their place until the migration that dealt with them is forgotten.
@Suite(.needs(.root)) struct KeptRecordTests {
    private static let hosts = [HostFixture.kataDocker, .kataCRIO]
    private static let places = ["run/vc", "var/lib/vc"]

    /// With their inodes and times.
    private func records(_ lab: MigrationLab) throws -> [String] {
        try Self.places.flatMap { try fingerprint(of: lab.root.appending($0)) }.map { $0.replacing(lab.root.string, with: "") }
    }

    private func scan(_ lab: MigrationLab) throws -> HostScan { HostScan(of: try HostView(root: lab.root, facts: lab.fixture.facts)) }

    /// The operations of the migration that keep something, as paths in the tree.
    private func kept(_ lab: MigrationLab) throws -> [FilePath] {
        let id = try #require(try lab.migrations.all().last?.id)
        let journal = try #require(try Journal(at: TargetLayout().journals.appending(id), on: lab.host))
        return journal.undertaking.operations.compactMap { if case .keep(let path) = $0 { FilePath(path) } else { nil } }
    }

    @Test(arguments: hosts) func neitherApplyNorRollbackTouchesThem(host: HostFixture) throws {
        try host.withLab { lab in
            let before = try records(lab)
            let all = try scan(lab).sandboxes.count
            try lab.apply()
            #expect(try !kept(lab).isEmpty)
            #expect(try records(lab) == before)

            let applied = try scan(lab)
            #expect(!applied.keptRecords.isEmpty)
            #expect(applied.sandboxes.count + applied.keptRecords.count == all)
            let migration = try lab.migrations.all().last?.id
            #expect(applied.keptRecords.allSatisfy { $0.migration == migration })
            #expect(applied.text.contains("its record stays until 'kata-migrate forget'"))

            try lab.rollBack()
            #expect(try records(lab) == before)
            #expect(try scan(lab).sandboxes.count == all, "what was taken back is there to be moved again")
            #expect(try scan(lab).keptRecords.isEmpty)

            _ = try lab.migrations.forget(nil)
            #expect(try records(lab) == before, "what was taken back is not forgotten's to remove")
        }
    }

    @Test(arguments: hosts) func forgetRemovesThemAtWhateverEffectItIsCutOff(host: HostFixture) throws {
        try host.withLab { lab in
            try lab.apply()
            let kept = try kept(lab)
            let before = try contents(of: lab.root)
            try lab.atEveryEffect(of: { _ = try $0.migrations.forget(nil) }) { [effects = lab.host] copy in
                let forgotten = try copy.migrations.forget(nil)
                #expect(forgotten.changed.isEmpty, "effect \(effects.effects)")
                #expect(try kept.allSatisfy { try copy.host.node(at: $0) == nil }, "effect \(effects.effects)")
                let gone = Set(kept.map(\.string))
                let rest = before.filter { line in
                    let path = String(line.prefix { $0 != " " })
                    return !gone.contains { path == $0 || path.hasPrefix($0 + "/") }
                }
                #expect(difference(rest, try contents(of: copy.root)) == "", "effect \(effects.effects)")
            }
            #expect(try scan(lab).keptRecords.isEmpty)
        }
    }

    /// The old runtime still is there, and somebody used it.
    @Test func oneThatWasChangedSinceIsFoundAgainAndStays() throws {
        try HostFixture.kataDocker.withLab { lab in
            try lab.apply()
            let record: FilePath = "/run/vc/sbs/report/persist.json"
            let place = lab.root.pushing(record.removingRoot())
            let text = String(decoding: try FileSystem.read(place), as: UTF8.self)
            try AtomicFile.write(Array((text + "\n").utf8), to: place, mode: 0o640)

            let scan = try scan(lab)
            #expect(scan.sandboxes.contains { $0.id.rawValue == "report" })
            #expect(!scan.keptRecords.contains { $0.id.rawValue == "report" })
            let findings = try lab.migrations.verify(nil).findings.filter { $0.what == "keep /run/vc/sbs/report" }
            #expect(findings.map(\.verdict) == [.failed])

            #expect(try lab.migrations.forget(nil).changed == ["/run/vc/sbs/report"])
            #expect(String(decoding: try FileSystem.read(place), as: UTF8.self) == text + "\n")
            #expect(try lab.host.node(at: "/var/lib/vc/sbs/old-batch") == nil, "the others go")
        }
    }

    @Test func aRestartOfTheHostTakesNothingThatIsMissed() throws {
        try HostFixture.kataDocker.withLab { lab in
            try lab.apply()
            try FileSystem.removeTree(lab.root.appending("run/vc"))
            let findings = try lab.migrations.verify(nil).findings.filter { $0.what.hasPrefix("keep ") }
            #expect(!findings.isEmpty && findings.allSatisfy { $0.verdict == .passed })
            #expect(try scan(lab).keptRecords.map(\.id.rawValue) == ["old-batch"])
            try lab.rollBack()
            #expect(try lab.host.node(at: "/run/vc") == nil, "nothing is put back that the host itself takes away")
        }
    }
}
