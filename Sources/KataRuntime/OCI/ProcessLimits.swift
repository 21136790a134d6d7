// SPDX-License-Identifier: Apache-2.0

/// Capability names (`CAP_CHOWN`) by set (capabilities(7)).
package struct LinuxCapabilities: Codable, Hashable, Sendable {
    package var bounding: [String]?
    package var effective: [String]?
    package var inheritable: [String]?
    package var permitted: [String]?
    package var ambient: [String]?

    package init(
        bounding: [String]? = nil, effective: [String]? = nil, inheritable: [String]? = nil,
        permitted: [String]? = nil, ambient: [String]? = nil
    ) {
        self.bounding = bounding
        self.effective = effective
        self.inheritable = inheritable
        self.permitted = permitted
        self.ambient = ambient
    }

    /// What Linux can grant of it, as the specification asks ("SHOULD NOT fail"): names that it has, effective what is permitted, inheritable
    /// what is in the bounding set (capset(2)), ambient what is both permitted and inheritable (capabilities(7)).
    package var grantable: LinuxCapabilities {
        func grantable(_ names: [String]?, in sets: [String]?...) -> [String]? {
            let bounds = sets.map { Set(($0 ?? []).map { $0.uppercased() }) }
            return names?.map { $0.uppercased() }.filter { name in Self.names.contains(name) && bounds.allSatisfy { $0.contains(name) } }
        }
        let inheritable = grantable(inheritable, in: bounding)
        return LinuxCapabilities(
            bounding: grantable(bounding), effective: grantable(effective, in: permitted), inheritable: inheritable,
            permitted: grantable(permitted), ambient: grantable(ambient, in: permitted, inheritable))
    }
}

extension ProcessSpec {
    /// With those capabilities alone that Linux can grant.
    package var grantable: ProcessSpec {
        var result = self
        result.capabilities = capabilities?.grantable
        return result
    }
}

/// A limit of setrlimit(2).
package struct ResourceLimit: Codable, Hashable, Sendable {
    /// `RLIMIT_NOFILE` and the like.
    package var type: String
    package var hard: UInt64
    package var soft: UInt64

    package init(type: String, hard: UInt64, soft: UInt64) {
        self.type = type
        self.hard = hard
        self.soft = soft
    }
}

/// What sched_setattr(2) sets.
package struct Scheduler: Codable, Hashable, Sendable {
    /// `SCHED_OTHER` and the like.
    package var policy: String
    package var nice: Int32?
    package var priority: Int32?
    package var flags: [String]?
    /// Nanoseconds, as are the next two.
    package var runtime: UInt64?
    package var deadline: UInt64?
    package var period: UInt64?

    package init(
        policy: String, nice: Int32? = nil, priority: Int32? = nil, flags: [String]? = nil, runtime: UInt64? = nil,
        deadline: UInt64? = nil, period: UInt64? = nil
    ) {
        self.policy = policy
        self.nice = nice
        self.priority = priority
        self.flags = flags
        self.runtime = runtime
        self.deadline = deadline
        self.period = period
    }
}

/// What ioprio_set(2) sets.
package struct IOPriority: Codable, Hashable, Sendable {
    /// `IOPRIO_CLASS_BE` and the like.
    package var `class`: String
    package var priority: Int

    package init(`class`: String, priority: Int) {
        self.class = `class`
        self.priority = priority
    }
}

/// The processors of an `exec` process, as lists like `0-3,7`.
package struct CPUAffinity: Codable, Hashable, Sendable {
    /// Until the process is in its cgroup.
    package var initial: String?
    package var final: String?

    package init(initial: String? = nil, final: String? = nil) {
        self.initial = initial
        self.final = final
    }
}
