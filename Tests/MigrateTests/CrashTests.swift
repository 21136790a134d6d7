// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// A run that ends at any of its effects can be gone on with, and can be taken back.
///
/// After each effect it is enough to go on to the end of one operation: what is there then is what a run has there that nothing disturbs,
/// and from there on both do the same.
@Suite(.needs(.root)) struct CrashTests {
    @Test(arguments: HostFixture.all)
    func anApplyThatIsCutOffCanBeResumed(host: HostFixture) throws {
        try host.withLab { lab in
            let milestones = try lab.prepare()
            try lab.atEveryEffect(of: { try $0.apply() }) { [effects = lab.host] copy in
                let reached = try copy.applyOne()
                let now = try contents(of: copy.root, times: false)
                #expect(difference(milestones.written[reached] ?? [], now) == "", "effect \(effects.effects)")
            }
            #expect(difference(milestones.written[milestones.count] ?? [], try contents(of: lab.root, times: false)) == "")
            #expect(try lab.migrations.all().map(\.phase) == ["applied"])
        }
    }

    @Test(arguments: HostFixture.all)
    func anApplyThatIsCutOffCanBeTakenBack(host: HostFixture) throws {
        try host.withLab { lab in
            let milestones = try lab.prepare()
            try lab.atEveryEffect(of: { try $0.apply() }) { [effects = lab.host] copy in
                let operations = try copy.journal().undertaking.operations
                copy.between.ask = { [copy] in try copy.journal().state.undone.contains { operations[$0].path != nil } }
                try copy.untilInterrupted { try $0.rollBack() }
                let last = try copy.journal().state.undone.filter { operations[$0].path != nil }.min()
                // Without one, no file was touched yet.
                let former = milestones.written[last ?? 0] ?? []
                #expect(difference(former, try contents(of: copy.root, times: false)) == "", "effect \(effects.effects)")
            }
        }
    }

    @Test(arguments: HostFixture.all)
    func aRollbackThatIsCutOffCanBeGoneOnWith(host: HostFixture) throws {
        try host.withLab { lab in
            lab.prepared = try lab.plan()
            let before = try contents(of: lab.root)
            try lab.apply()
            var milestones: [Int: [String]] = [:]
            try lab.withCopy { copy in
                copy.between.ask = { [copy] in
                    milestones[try copy.journal().state.undone.count] = try contents(of: copy.root, times: false)
                    return false
                }
                try copy.rollBack()
                milestones[try copy.journal().state.undone.count] = try contents(of: copy.root, times: false)
            }
            try lab.atEveryEffect(of: { try $0.rollBack() }) { [effects = lab.host] copy in
                copy.between.once()
                try copy.untilInterrupted { try $0.rollBack() }
                let former = milestones[try copy.journal().state.undone.count] ?? []
                #expect(difference(former, try contents(of: copy.root, times: false)) == "", "effect \(effects.effects)")
            }
            #expect(difference(before, try contents(of: lab.root)) == "")
            #expect(try lab.migrations.all().map(\.phase) == ["rolled back"])
        }
    }

    /// A reboot takes /run with it, in which the old systems kept half of their records.
    @Test(arguments: [
        HostFixture.clearContainersDocker, .clearContainersCRIO, .clearContainers2Docker, .runVDocker, .runVByHand, .kataDocker, .kataCRIO,
        .mixed, .hyperd, .halfMigrated,
    ])
    func aRebootInTheMiddleIsNoObstacle(host: HostFixture) throws {
        try host.withLab { lab in
            let milestones = try lab.prepare()
            try lab.atEveryEffect(of: { try $0.apply() }) { [effects = lab.host] copy in
                let state = try copy.journal().state
                for name in try FileSystem.list(copy.root.appending("run")) {
                    try FileSystem.removeTree(copy.root.appending("run").appending(name))
                }
                copy.boot = "boot-2"
                copy.host.mounted = []
                // The migration is under way when its first line is on disk; before that it is planned anew.
                guard state.started != nil else { return }
                let reached = try copy.applyOne()
                let lasting = { (lines: [String]) in lines.filter { !$0.hasPrefix("/run/") } }
                let now = lasting(try contents(of: copy.root, times: false))
                #expect(difference(lasting(milestones.written[reached] ?? []), now) == "", "effect \(effects.effects)")
                guard state.begun.count == state.done.count, reached % 8 == 0, reached < milestones.count else { return }
                copy.between.ask = { false }
                try copy.apply()
                #expect(try copy.migrations.all().map(\.phase) == ["applied"], "effect \(effects.effects)")
                try copy.rollBack()
                #expect(try copy.migrations.all().map(\.phase) == ["rolled back"], "effect \(effects.effects)")
            }
        }
    }

    /// Who takes a migration back after a reboot has what outlives one as it was.
    @Test(arguments: [HostFixture.clearContainersCRIO, .clearContainers2Docker, .runVDocker, .kataDocker])
    func aRebootInTheMiddleIsNoObstacleToTheWayBack(host: HostFixture) throws {
        try host.withLab { lab in
            lab.prepared = try lab.plan()
            let lasting = { (lines: [String]) in lines.filter { !$0.hasPrefix("/run/") && !$0.hasPrefix("/run ") } }
            let before = lasting(try contents(of: lab.root))
            var begun = 0
            try lab.atEveryEffect(of: { try $0.apply() }) { [effects = lab.host] copy in
                // Within one operation every effect is met by the tests without a reboot.
                let state = try copy.journal().state
                guard state.started != nil, state.begun.count > begun else { return }
                begun = state.begun.count
                for name in try FileSystem.list(copy.root.appending("run")) {
                    try FileSystem.removeTree(copy.root.appending("run").appending(name))
                }
                copy.boot = "boot-2"
                copy.host.mounted = []
                try copy.rollBack()
                #expect(difference(before, lasting(try contents(of: copy.root))) == "", "effect \(effects.effects)")
                #expect(try copy.migrations.all().map(\.phase) == ["rolled back"])
            }
            #expect(begun > 1)
        }
    }

    /// A disk that gives nothing back for once ends the run where it is, and what cannot be read is not taken for gone.
    @Test(arguments: [HostFixture.clearContainersDocker, .clearContainersCRIO, .kataDocker, .runVByHand])
    func aReadThatFailsChangesNothing(host: HostFixture) throws {
        try host.withLab { lab in
            let milestones = try lab.prepare()
            let before = try contents(of: lab.root)
            var calls: Set<Substring> = []
            for act in [{ try $0.apply() }, { try $0.rollBack() }] as [(MigrationLab) throws -> Void] {
                lab.host.failsEachReadOnce = []
                while true {
                    lab.host.failed = nil
                    if (try? act(lab)) != nil { break }
                    #expect(lab.host.failed == lab.host.effects, "nothing is done after it")
                }
                calls.formUnion((lab.host.failsEachReadOnce ?? []).map { $0.prefix { $0 != " " } })
                lab.host.failsEachReadOnce = nil
                let phase = try lab.migrations.all().map(\.phase)
                let now = try contents(of: lab.root, times: false)
                if phase == ["applied"] { #expect(difference(milestones.written[milestones.count] ?? [], now) == "") }
                #expect([["applied"], ["rolled back"]].contains(phase))
            }
            // What Kata keeps is compared by forget.
            let isKept = try lab.plan().steps.contains { $0.changes.contains { if case .keep = $0 { true } else { false } } }
            #expect(calls == (isKept ? ["stat", "read", "list"] : ["stat", "read", "list", "compare"]))
            #expect(difference(before, try contents(of: lab.root)) == "")
        }
    }

    /// A disk that is full or broken ends the run at once, so that what it leaves is what a killed one leaves. Each effect fails once.
    @Test(arguments: HostFixture.all)
    func anEffectThatFailsIsTheLast(host: HostFixture) throws {
        try host.withLab { lab in
            let milestones = try lab.prepare()
            let before = try contents(of: lab.root)
            for act in [{ try $0.apply() }, { try $0.rollBack() }] as [(MigrationLab) throws -> Void] {
                lab.host.failsEachOnce = []
                var attempts = 0
                while true {
                    attempts += 1
                    lab.host.failed = nil
                    if (try? act(lab)) != nil { break }
                    #expect(lab.host.failed == lab.host.effects, "nothing is done after it")
                }
                #expect(attempts > milestones.count)
                lab.host.failsEachOnce = nil
            }
            #expect(difference(before, try contents(of: lab.root)) == "")
        }
    }
}

/// What a host looks like between two operations of an apply that nothing disturbs, by the number of the operation to come.
struct Milestones {
    /// Without the times of files: each run writes its own.
    var written: [Int: [String]] = [:]
    var count = 0
}

extension MigrationLab {
    /// Plans, and sees on a copy what an apply comes by.
    mutating func prepare() throws -> Milestones {
        prepared = try plan()
        var milestones = Milestones()
        try withCopy { copy in
            let look = { [copy] in
                let number = try copy.next()
                milestones.written[number] = try contents(of: copy.root, times: false)
                milestones.count = number
            }
            copy.between.ask = {
                try look()
                return false
            }
            try copy.apply()
            try look()
        }
        return milestones
    }

    /// Of the plan that was made before.
    func journal() throws -> Journal {
        let plan = try #require(prepared)
        return try #require(try Journal(at: plan.journal, on: host))
    }

    /// The number of the operation that an apply comes to next.
    func next() throws -> Int {
        let journal = try journal()
        let operations = journal.undertaking.operations
        return operations.indices.first { !journal.state.isSettled($0) } ?? operations.count
    }

    /// Goes on until one operation more is settled.
    ///
    /// - Returns: the number of the next.
    func applyOne() throws -> Int {
        between.once()
        try untilInterrupted { try $0.apply() }
        return try next()
    }

    func untilInterrupted(_ act: (MigrationLab) throws -> Void) throws {
        do {
            try act(self)
        } catch MigrationError.interrupted {
            return
        }
    }
}
