// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// What runs on a host, as far as it is known; nil is "not known", which is not "none".
package struct HostFacts: Sendable {
    package var processes: [HostProcess]?
    package var mounts: [HostMount]?
    /// Paths of unix sockets that some process holds.
    package var sockets: [FilePath]?
    package var units: UnitStates?
    /// Network devices of the host's own namespace.
    package var links: [HostLink]?
    /// Of processes of old systems.
    package var cgroups: [ProcessCgroup]?
    /// How large it is.
    package var hardware: LegacyMachine.Host?
    /// Where they were saved; nil for what was seen here.
    package var directory: FilePath?
    /// Problems with the source of the facts.
    package var diagnostics: [Diagnostic]

    package init(
        processes: [HostProcess]? = nil, mounts: [HostMount]? = nil, sockets: [FilePath]? = nil, units: UnitStates? = nil,
        hardware: LegacyMachine.Host? = nil, diagnostics: [Diagnostic] = []
    ) {
        self.processes = processes
        self.mounts = mounts
        self.sockets = sockets
        self.units = units
        self.hardware = hardware
        self.diagnostics = diagnostics
    }

    /// Of a copied tree that came without facts.
    package static let unknown = HostFacts()
}

/// A process that cannot be taken for a later one with the same pid.
package struct HostProcess: Hashable, Sendable {
    package let pid: Int32
    package let parent: Int32
    /// Clock ticks after boot, field 22 of /proc/PID/stat.
    package let startTime: UInt64
    /// What /proc/PID/exe leads to, without the kernel's " (deleted)"; empty when it may not be read.
    package let executable: FilePath
    package let arguments: [String]
}

/// A line of /proc/mounts.
package struct HostMount: Hashable, Sendable {
    package let source: String
    package let point: FilePath
    package let type: String
}

/// Which systemd units are active.
package struct UnitStates: Hashable, Sendable {
    package enum State: String, Sendable { case active, inactive, failed, unknown }

    package var known: [String: State]
    /// What a service means that is not among `known`.
    package var otherServices: State

    package func state(of unit: String) -> State {
        known[unit] ?? (unit.hasSuffix(".service") ? otherServices : .unknown)
    }
}
