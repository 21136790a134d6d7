// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// A run that ends at any of its effects can be gone on with, and can be taken back.
@Suite(.needs(.root)) struct CrashTests {
    @Test(arguments: HostFixture.crashed)
    func anApplyThatIsCutOffCanBeResumed(host: HostFixture) throws {
        try host.withLab { lab in
            lab.prepared = try lab.plan()
            var whole: [String] = []
            try lab.withCopy { copy in
                try copy.apply()
                whole = try contents(of: copy.root, times: false)
            }
            try lab.atEveryEffect(of: { try $0.apply() }) { [effects = lab.host] copy in
                try copy.apply()
                #expect(difference(whole, try contents(of: copy.root, times: false)) == "", "effect \(effects.effects)")
                #expect(try copy.migrations.all().map(\.phase) == ["applied"], "effect \(effects.effects)")
            }
            #expect(try contents(of: lab.root, times: false) == whole)
        }
    }

    @Test(arguments: HostFixture.crashed)
    func anApplyThatIsCutOffCanBeTakenBack(host: HostFixture) throws {
        try host.withLab { lab in
            lab.prepared = try lab.plan()
            let before = try contents(of: lab.root)
            try lab.atEveryEffect(of: { try $0.apply() }) { [effects = lab.host] copy in
                // Before the first line of the journal there is nothing to take back.
                if try !copy.migrations.all().isEmpty { try copy.rollBack() }
                #expect(difference(before, try contents(of: copy.root)) == "", "effect \(effects.effects)")
            }
        }
    }

    @Test(arguments: HostFixture.crashed)
    func aRollbackThatIsCutOffCanBeGoneOnWith(host: HostFixture) throws {
        try host.withLab { lab in
            lab.prepared = try lab.plan()
            let before = try contents(of: lab.root)
            try lab.apply()
            try lab.atEveryEffect(of: { try $0.rollBack() }) { [effects = lab.host] copy in
                try copy.rollBack()
                #expect(difference(before, try contents(of: copy.root)) == "", "effect \(effects.effects)")
                #expect(try copy.migrations.all().map(\.phase) == ["rolled back"], "effect \(effects.effects)")
            }
            #expect(try contents(of: lab.root) == before)
        }
    }

    /// A reboot takes /run with it, in which the old system kept half of its records.
    @Test(arguments: HostFixture.crashed)
    func aRebootInTheMiddleIsNoObstacle(host: HostFixture) throws {
        try host.withLab { lab in
            lab.prepared = try lab.plan()
            try lab.atEveryEffect(of: { try $0.apply() }) { [effects = lab.host] copy in
                // The migration is under way when its first line is on disk; before that it is planned anew.
                guard try copy.migrations.all().contains(where: { $0.started != nil }) else { return }
                for name in try FileSystem.list(copy.root.appending("run")) {
                    try FileSystem.removeTree(copy.root.appending("run").appending(name))
                }
                copy.boot = "boot-2"
                copy.host.mounted = []
                try copy.apply()
                #expect(try copy.migrations.all().map(\.phase) == ["applied"], "effect \(effects.effects)")
                try copy.rollBack()
                #expect(try copy.migrations.all().map(\.phase) == ["rolled back"], "effect \(effects.effects)")
            }
        }
    }

    /// A disk that is full or broken ends the run at once, so that what it leaves is what a killed one leaves.
    @Test(arguments: HostFixture.crashed)
    func anEffectThatFailsIsTheLast(host: HostFixture) throws {
        let errors: [Errno] = [.noSpace, .ioError, .readOnlyFileSystem]
        try host.withLab { lab in
            lab.prepared = try lab.plan()
            var effects = 0
            try lab.withCopy { copy in
                try copy.apply()
                effects = copy.host.effects
            }
            for effect in 1...effects {
                try lab.withCopy { copy in
                    copy.host.failing = (effect, errors[effect % 3])
                    #expect(throws: MigrationError.self) { try copy.apply() }
                    #expect(copy.host.effects == effect)
                }
            }
            let before = try contents(of: lab.root)
            try lab.apply()
            // Each attempt comes one effect further than the last, as far as it has that many left.
            var step = 0
            while try lab.migrations.all().contains(where: \.canBeRolledBack) {
                step += 1
                let last = lab.host.effects + step
                lab.host.failing = (last, errors[step % 3])
                if (try? lab.rollBack()) == nil { #expect(lab.host.effects == last) }
            }
            #expect(try contents(of: lab.root) == before)
        }
    }
}
