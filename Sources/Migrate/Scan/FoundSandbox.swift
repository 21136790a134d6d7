// SPDX-License-Identifier: Apache-2.0

package import Compat
package import SystemPackage

/// A sandbox of the old system: its record, held against what the host runs.
package struct FoundSandbox: Sendable {
    /// Whether anything of it runs, judged by processes and held sockets, and not by the record, which the old runtime seldom corrected.
    package enum Liveness: String, Sendable {
        case running
        case stopped
        /// Neither the host's processes nor its sockets are known.
        case unknown
    }

    /// Who starts it again.
    package enum Owner: Sendable, Equatable {
        case docker(DockerContainer)
        /// The record says docker, but docker does not know the container any more.
        case forgottenByDocker
        /// Another engine, whose containers are not looked at here.
        case engine(LegacyOwner)
        case nobody
    }

    package let record: LegacySandbox
    package let liveness: Liveness
    package let owner: Owner
    /// Processes that name this sandbox in their command lines.
    package let processes: [LegacyProcess]
    /// Mounts below its shared directory.
    package let mounts: [FilePath]
    /// Sockets in its runtime directory that some process holds; nil when the host's sockets are not known.
    package let heldSockets: [FilePath]?
    /// The network namespace that the old runtime made for it and that still has a name.
    package let namespace: FilePath?
    /// What was seen of every file of the record.
    package let observations: [Observation]

    package var id: LegacySandboxID { record.id }

    /// The directories of the record that exist.
    package let directories: [FilePath]
}
