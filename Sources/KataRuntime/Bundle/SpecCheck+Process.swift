// SPDX-License-Identifier: Apache-2.0

internal import KataOCI

extension SpecCheck {
    mutating func check(_ process: ProcessSpec, _ base: [Step]) {
        require(process.cwd.hasPrefix("/"), base + ["cwd"], "'\(process.cwd)' is not an absolute path")
        // Without a terminal the size MUST be ignored; struct winsize (tty_ioctl(4)) has 16 bits for each.
        if process.terminal ?? false {
            number(process.consoleSize?.height, 0...65535, base + ["consoleSize", "height"])
            number(process.consoleSize?.width, 0...65535, base + ["consoleSize", "width"])
        }
        check(process.user, base + ["user"])
        for (index, variable) in (process.env ?? []).enumerated() {
            let isAssigned = variable.utf8.contains(UInt8(ascii: "=")) && variable.utf8.first != UInt8(ascii: "=")
            require(isAssigned, base + ["env", .element(index)], "'\(variable)' is not NAME=value")
        }
        number(process.oomScoreAdj, -1000...1000, base + ["oomScoreAdj"])
        var seen: Set<String> = []
        for (index, limit) in (process.rlimits ?? []).enumerated() {
            let path: [Step] = base + ["rlimits", .element(index)]
            oneOf(ResourceLimit.names, limit.type, path + ["type"])
            require(seen.insert(limit.type).inserted, path + ["type"], "'\(limit.type)' is there twice")
            require(limit.soft <= limit.hard, path + ["soft"], "\(limit.soft) is above the hard limit \(limit.hard)")
        }
        if let scheduler = process.scheduler { check(scheduler, base + ["scheduler"]) }
        if let priority = process.ioPriority {
            oneOf(IOPriority.classes, priority.class, base + ["ioPriority", "class"])
            number(priority.priority, 0...7, base + ["ioPriority", "priority"])
        }
        list(process.execCPUAffinity?.initial, base + ["execCPUAffinity", "initial"])
        list(process.execCPUAffinity?.final, base + ["execCPUAffinity", "final"])
    }

    private mutating func check(_ user: UserSpec, _ base: [Step]) {
        id(user.uid, base + ["uid"])
        id(user.gid, base + ["gid"])
        for (index, group) in (user.additionalGids ?? []).enumerated() { id(group, base + ["additionalGids", .element(index)]) }
        if let umask = user.umask { require(umask <= 0o777, base + ["umask"], "\(umask) is above 511") }
    }

    /// What the kernel takes (sched_setattr(2); kernel/sched/deadline.c for the last).
    private mutating func check(_ scheduler: Scheduler, _ base: [Step]) {
        oneOf(Scheduler.policies.keys.sorted(), scheduler.policy, base + ["policy"])
        require(scheduler.policy != "SCHED_ISO", base + ["policy"], "'SCHED_ISO' is a name that no kernel has made a policy of")
        for (index, flag) in (scheduler.flags ?? []).enumerated() {
            oneOf(Scheduler.knownFlags, flag, base + ["flags", .element(index)])
        }
        number(scheduler.nice, -20...19, base + ["nice"])
        let priority = scheduler.priority ?? 0
        if ["SCHED_FIFO", "SCHED_RR"].contains(scheduler.policy) {
            require((1...99).contains(priority), base + ["priority"], "\(priority) is not from 1 to 99, which '\(scheduler.policy)' needs")
        } else {
            require(priority == 0, base + ["priority"], "\(priority) is not 0, and '\(scheduler.policy)' has no priorities")
        }
        guard scheduler.policy == "SCHED_DEADLINE" else { return }
        let (runtime, deadline) = (scheduler.runtime ?? 0, scheduler.deadline ?? 0)
        let period = scheduler.period.flatMap { $0 == 0 ? nil : $0 } ?? deadline
        require(runtime >= 1024, base + ["runtime"], "\(runtime) is below 1024 nanoseconds")
        require(deadline >= runtime, base + ["deadline"], "\(deadline) is below the runtime \(runtime)")
        require(period >= deadline, base + ["period"], "\(period) is below the deadline \(deadline)")
        require(
            Self.deadlinePeriods.contains(period), base + ["period"],
            "\(period) is not from \(Self.deadlinePeriods.lowerBound) to \(Self.deadlinePeriods.upperBound) nanoseconds")
    }

    /// sched_deadline_period_min_us and _max_us as the kernel has them from the start.
    private static var deadlinePeriods: ClosedRange<UInt64> { 100_000...4_194_304_000 }
}
