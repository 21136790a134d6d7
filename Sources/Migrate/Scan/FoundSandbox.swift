// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// A sandbox of an old system: its record, held against what the host runs.
package struct FoundSandbox: Sendable {
    /// Whether anything of it runs, judged by processes and held sockets, and not by the record, which the old runtimes seldom corrected.
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

    /// What a container could be made of again.
    package struct Workload: Sendable {
        package enum Specification: Sendable {
            /// The bundle still is one.
            case bundle
            /// The bundle is gone, or an engine's own; the record holds what was in it.
            case record(SourceText)
        }

        package let container: LegacyContainer
        /// Where its OCI configuration is; nil when that is lost.
        package let specification: Specification?
        /// Of that; nil where it does not say, or an engine makes it anew.
        package let ociVersion: String?
        /// A directory that exists.
        package let rootfs: FilePath?
    }

    let system: LegacySystem
    /// Without the specifications of its containers, which are the workloads'.
    package let record: LegacySandbox
    package let liveness: Liveness
    package let owner: Owner
    /// The containers of docker that are in it: those whose namespaces one joined have one VM.
    package let dockerContainers: [DockerContainer]
    /// In the order of the record.
    package let workloads: [Workload]
    /// Processes that name this sandbox in their command lines, and those of its system whose recorded pids they have.
    package let processes: [LegacyProcess]
    /// Mounts of what it shares with its guest.
    package let mounts: [FilePath]
    /// Sockets in its runtime directory that some process holds; nil when the host's sockets are not known.
    package let heldSockets: [FilePath]?
    /// The network namespace that the old runtime made for it and that still has a name.
    package let namespace: FilePath?
    /// What was seen of every file of the record; empty where it is part of a database.
    package let observations: [Observation]

    package var id: LegacySandboxID { record.id }
    package var systemName: String { system.name }

    /// The pods that its engine knows it by: a VM of runV has a name of its own, and may be one container of a pod.
    let pods: [String]

    /// The directories and files of the record that exist and are no other sandbox's.
    package let directories: [FilePath]
}
