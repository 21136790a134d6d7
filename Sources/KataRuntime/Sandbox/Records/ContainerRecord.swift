// SPDX-License-Identifier: Apache-2.0

package import KataOCI
package import KataSystem
package import SystemPackage

/// What is known of a container between two commands: the file `record.json` of its directory below the root.
///
/// The shim writes it at every transition, so that `state` and `list` read a file and ask nobody.
package struct ContainerRecord: Codable, Sendable, Hashable {
    package static let currentVersion = 1

    /// Where the container is in its life, and the processes that exist then.
    package enum Life: Codable, Sendable, Hashable {
        /// `created` by another system, named here; it has no VM and no process before `start`. Only a `ColdRecord` says so.
        case cold(origin: String)
        /// Ended under another system, named here, with a status as a shell counts it. Only a `ColdRecord` says so.
        case ended(status: Int32, origin: String)
        /// `creator` is the command that makes it; with it gone the attempt has failed.
        case creating(creator: ProcessIdentity)
        case created(Processes)
        case running(Processes)
        /// Its processes are stopped where they were.
        case paused(Processes)
        /// `status` as a shell counts it.
        case stopped(status: Int32, shim: ProcessIdentity)
    }

    package struct Processes: Codable, Sendable, Hashable {
        package var shim: ProcessIdentity
        package var stub: ProcessIdentity
        package var machine: ProcessIdentity

        package init(shim: ProcessIdentity, stub: ProcessIdentity, machine: ProcessIdentity) {
            self.shim = shim
            self.stub = stub
            self.machine = machine
        }
    }

    package var version: Int
    package var id: String
    /// Absolute path of the OCI bundle.
    package var bundle: String
    /// Absolute path of the root file system on the host; nil until the bundle has been read.
    package var rootfs: String?
    /// Absolute path of the sandbox's directory.
    package var sandbox: String
    /// Absolute path of the configuration file that it was created with; nil until that is known.
    package var configuration: String?
    /// `linux.cgroupsPath` of its specification.
    package var cgroup: String?
    package var created: Timestamp
    package var annotations: [String: String]
    package var life: Life

    package init(
        id: String, bundle: FilePath, sandbox: FilePath, configuration: FilePath?, created: Timestamp, annotations: [String: String],
        life: Life
    ) {
        version = Self.currentVersion
        self.id = id
        self.bundle = bundle.string
        self.sandbox = sandbox.string
        self.configuration = configuration?.string
        self.created = created
        self.annotations = annotations
        self.life = life
    }

    /// Whether it waits for its first VM.
    package var isCold: Bool { if case .cold = life { true } else { false } }

    package var sandboxDirectory: FilePath { FilePath(sandbox) }

    /// What a command may assume now: the record says what was, the processes say whether it still is.
    ///
    /// - Parameter isAlive: whether that very process runs.
    package func status(isAlive: (ProcessIdentity) -> Bool = \.isAlive) -> ContainerStatus {
        switch life {
        case .cold: .created
        case .creating(let creator): isAlive(creator) ? .creating : .stopped
        case .created(let processes): isAlive(processes.shim) ? .created : .stopped
        case .running(let processes): isAlive(processes.shim) && isAlive(processes.machine) ? .running : .stopped
        case .paused(let processes): isAlive(processes.shim) && isAlive(processes.machine) ? .paused : .stopped
        case .ended, .stopped: .stopped
        }
    }

    /// The process that an engine knows the workload by; 0 where there is none (runtime-spec, State).
    package func pid(isAlive: (ProcessIdentity) -> Bool = \.isAlive) -> Int32 {
        guard status(isAlive: isAlive) != .stopped else { return 0 }
        return switch life {
        case .created(let processes), .running(let processes), .paused(let processes): processes.stub.pid
        case .cold, .ended, .creating, .stopped: 0
        }
    }

    /// With which it ended, as a shell counts it; nil when it has not, or nobody is left who knows.
    package var exitStatus: Int32? {
        switch life {
        case .ended(let status, _), .stopped(let status, _): status
        case .cold, .creating, .created, .running, .paused: nil
        }
    }

    /// The shim, if there has been one.
    package var shim: ProcessIdentity? {
        switch life {
        case .cold, .ended, .creating: nil
        case .created(let processes), .running(let processes), .paused(let processes): processes.shim
        case .stopped(_, let shim): shim
        }
    }

    /// The process that stands for the workload, while there is one.
    package var stub: ProcessIdentity? {
        switch life {
        case .created(let processes), .running(let processes), .paused(let processes): processes.stub
        case .cold, .ended, .creating, .stopped: nil
        }
    }

    /// Every process that belongs to the container, most important first.
    package var processes: [ProcessIdentity] {
        switch life {
        case .cold, .ended, .creating: []
        case .created(let all), .running(let all), .paused(let all): [all.shim, all.machine, all.stub]
        case .stopped(_, let shim): [shim]
        }
    }
}
