// SPDX-License-Identifier: Apache-2.0

internal import Compat

/// A container that had ended before the migration, whose exit status is known and stays so.
package struct Ending: Sendable, Equatable {
    package enum Keeper: String, Sendable {
        /// Its record says it; the container can be deleted, and not be started.
        case kataRuntime = "kata-runtime"
        /// Docker's own record says it, which the migration does not touch; docker can start the container again.
        case docker
    }

    package let container: String
    /// As a shell counts it.
    package let status: Int32
    package let keeper: Keeper
}

extension Planner {
    /// What docker will go on saying of containers that ended under an old runtime.
    mutating func noteEndings(of docker: DockerHost) {
        let names = Set(docker.engine.legacyRegistrations.map(\.runtimeName))
        for container in docker.containers where names.contains(container.runtime ?? docker.engine.defaultRuntime) {
            guard let status = container.exitStatus else { continue }
            endings.append(Ending(container: container.name, status: status, keeper: .docker))
        }
    }

    /// What the new runtime will say of those that no engine owns.
    mutating func noteEndings(of sandbox: FoundSandbox) {
        for workload in sandbox.workloads {
            guard let status = workload.exitStatus else { continue }
            endings.append(Ending(container: workload.container.id.rawValue, status: status, keeper: .kataRuntime))
        }
    }

    /// What becomes of a sandbox that no engine owns, container by container where they have not all the same before them.
    func reason(forMoving sandbox: FoundSandbox) -> String {
        let ended = sandbox.workloads.filter { $0.exitStatus != nil }
        let deletion = ended.map { "'\(layout.runtime) delete \($0.container.id)'" }.joined(separator: " and ")
        if ended.isEmpty { return "no engine owns it: it becomes a created container, whose VM boots at '\(start(of: sandbox))'" }
        if sandbox.hasEnded {
            return "no engine owns it, and it has ended: its exit status stays on record until \(deletion)"
        }
        let names = ended.map(\.container.id.rawValue).joined(separator: ", ")
        return "no engine owns it: it becomes a created container, whose VM boots at '\(start(of: sandbox))'; "
            + "\(names) had ended before, with a status that stays on record until \(deletion)"
    }
}
