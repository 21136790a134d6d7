// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// The end of the way back.
@Suite(.needs(.root)) struct ForgetTests {
    private static let gone = ["backup", "content", "edited", "gathering", "verify"]

    private func left(_ lab: MigrationLab) throws -> [String] {
        let journals = lab.root.pushing(TargetLayout().journals.removingRoot())
        let id = try #require(try lab.migrations.all().first?.id)
        return try FileSystem.list(journals.appending(id)).filter(Self.gone.contains)
    }

    @Test(arguments: [HostFixture.clearContainersDocker, .runVByHand])
    func oneThatIsCutOffIsFinishedByTheNext(host: HostFixture) throws {
        try host.withLab { lab in
            let before = try contents(of: lab.root)
            try lab.apply()
            let after = try contents(of: lab.root)
            var phases: Set<String> = []
            try lab.atEveryEffect(of: { _ = try $0.migrations.forget(nil) }) { [effects = lab.host] copy in
                let phase = try #require(try copy.migrations.all().first?.phase)
                phases.insert(phase)
                try copy.withCopy { other in
                    if phase == "applied" {
                        try other.rollBack()
                        #expect(difference(before, try contents(of: other.root)) == "", "effect \(effects.effects)")
                    } else {
                        #expect(throws: MigrationError.self) { try other.rollBack() }
                        #expect(difference(after, try contents(of: other.root)) == "", "effect \(effects.effects)")
                    }
                }
                _ = try copy.migrations.forget(nil)
                #expect(try copy.migrations.all().map(\.phase) == ["forgotten"])
                #expect(try left(copy) == [], "effect \(effects.effects)")
                #expect(difference(after, try contents(of: copy.root)) == "", "effect \(effects.effects)")
            }
            #expect(phases == ["applied", "interrupted while it was forgotten"])
            #expect(try left(lab) == [])
            _ = try lab.migrations.forget(nil)
            #expect(try lab.migrations.all().map(\.phase) == ["forgotten"], "a second one has nothing to do")
        }
    }

    @Test func whatAForcedRollbackKeptAsideGoesToo() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            try lab.apply()
            let written: FilePath = "/etc/kata-containers/configuration.toml"
            try AtomicFile.write([], to: FilePath(lab.root.string + written.string), mode: 0o644)
            try lab.rollBack(forced: [written])
            #expect(try left(lab).contains("edited"))
            _ = try lab.migrations.forget(nil)
            #expect(try left(lab) == [])
        }
    }

    @Test func aHostWithAHalfForgottenMigrationCanBeMigratedAgain() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            try lab.apply()
            try lab.rollBack()
            lab.host.failing = (lab.host.effects + 3, .ioError)
            #expect(throws: MigrationError.self) { _ = try lab.migrations.forget(nil) }
            lab.host.failing = nil
            #expect(try lab.migrations.all().map(\.isUnfinished) == [true])
            let first = try #require(try lab.migrations.all().first?.id)
            try lab.apply()
            #expect(try lab.migrations.all().map(\.phase) == ["interrupted while it was forgotten", "applied"])
            _ = try lab.migrations.forget("\(first).1")
            #expect(try lab.migrations.all().map(\.phase) == ["forgotten", "applied"])
            try lab.rollBack()
        }
    }
}
