// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension FoundSandbox {
    /// The sandboxes that have a record on the host, and the records that are too damaged to speak of one.
    static func found(with evidence: SandboxEvidence, by survey: inout Survey) -> (sandboxes: [FoundSandbox], broken: [BrokenRecord]) {
        let tree = RecordingTree(of: survey.view)
        let records = Virtcontainers.read(from: tree)
        survey.report(records.diagnostics)
        survey.remember(tree.observations)
        let sandboxes = records.sandboxes.map { FoundSandbox($0, evidence, &survey) }
        return (sandboxes, records.broken)
    }

    private init(_ record: LegacySandbox, _ evidence: SandboxEvidence, _ survey: inout Survey) {
        let id = record.id.rawValue
        self.record = record
        processes = evidence.processes?[id] ?? []
        mounts = evidence.mounts?[id] ?? []
        heldSockets = evidence.sockets.map { $0[id] ?? [] }
        liveness = evidence.liveness(of: id)
        owner = Self.owner(of: record, evidence.containers[id])
        namespace = record.network.flatMap { network in
            network.isNamespaceOwned ? network.namespace.flatMap { survey.exists($0) ? $0 : nil } : nil
        }
        directories = [Virtcontainers.configurationRoot, Virtcontainers.runRoot].map { $0.appending(id) }.filter { survey.exists($0) }
        observations = record.files.compactMap { survey.observations[$0] ?? survey.look(at: $0) }
    }

    /// Docker makes one sandbox for one container, of the same name.
    private static func owner(of record: LegacySandbox, _ container: DockerContainer?) -> Owner {
        if let container { return .docker(container) }
        return switch record.owner {
        case .docker: .forgottenByDocker
        case .unknown: .nobody
        case .crio, .containerd, .dockershim, .hyperd, .frakti: .engine(record.owner)
        }
    }
}
