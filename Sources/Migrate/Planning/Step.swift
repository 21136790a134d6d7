// SPDX-License-Identifier: Apache-2.0

package import Compat
package import SystemPackage

/// One act of a plan, small enough to be undone as a whole.
package struct Step: Sendable {
    package enum Kind: String, Sendable {
        case checkConfiguration = "check configuration of"
        case writeConfiguration = "write configuration"
        case registerRuntime = "register runtime"
        case restartEngine = "restart engine"
        case drainSandbox = "drain sandbox"
        case retireRecords = "retire records"
        case moveSandbox = "move sandbox"
        case startContainer = "start container"
        case retireUnit = "retire unit"
        case endLeftovers = "end leftovers of"
        case holdKubelet = "hold kubelet"
        case releaseKubelet = "release kubelet"
        case pointKubelet = "point kubelet at"
        case stopContainers = "stop containers of"
    }

    /// Says the same in every plan for the same host: `docker-registration`.
    package struct ID: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) { self.rawValue = rawValue }
    }

    /// Why it must not come earlier.
    package struct Predecessor: Sendable, Equatable {
        package let step: ID
        package let why: String
    }

    package let id: ID
    package let kind: Kind
    /// What it is about: a path, a sandbox, a unit.
    package let object: String
    package let reason: String
    package let hazards: [Hazard]
    /// What must still be so when it is carried out.
    package let reliesOn: [Observation]
    package let changes: [Change]
    package let after: [Predecessor]
}

/// What somebody may notice while a step is carried out.
package enum Hazard: Sendable, Equatable {
    /// Containers that stop; those that docker starts again by itself are told apart.
    case stopsContainers([String], comeBack: Bool)
    case stopsSandbox(LegacySandboxID)
    case restartsEngine(Engine)
    /// VMs that cannot be started again, by their pids.
    case endsMachines([Int32])
}

/// An effect on the host.
package enum Change: Sendable, Equatable {
    /// A file that was not there.
    case create(FilePath, bytes: [UInt8], mode: UInt32)
    /// Other bytes under the same name, mode and owner.
    case replace(FilePath, before: [UInt8], after: [UInt8])
    /// The engine is asked whether it would start with a file's new content; nothing changes.
    case check(Engine, FilePath, [UInt8])
    /// Into the backup, with all that is below.
    case moveAway(FilePath)
    /// Stays where it is until the migration is forgotten, with a copy in the backup to know it by.
    case keep(FilePath)
    case removeLink(FilePath)
    case reloadUnits
    case restartUnit(String)
    case stopUnit(String)
    case startUnit(String)
    case stopContainer(Engine, id: String)
    case startContainer(Engine, id: String)
    /// A pod, through the one that made it; with the address at which that listens, if it is not the usual one.
    case stopPod(PodKeeper, id: String, endpoint: String?)
    /// What a sandbox whose VM is gone left mounted inside its own directories.
    case unmount(FilePath)
    /// Its workload is asked to end, then its VM; for sandboxes that no engine owns.
    case stopSandbox(LegacySandboxID, [ExpectedProcess])
    case startSandbox(LegacySandboxID)
    /// Processes that are to end by themselves, and are ended when they do not.
    case endLeftovers([ExpectedProcess])

    /// The path whose former state goes into the backup.
    package var backedUp: FilePath? {
        switch self {
        case .replace(let path, _, _), .moveAway(let path), .keep(let path), .removeLink(let path): path
        default: nil
        }
    }
}
