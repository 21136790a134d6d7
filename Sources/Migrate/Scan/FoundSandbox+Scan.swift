// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

/// What a host has on record of sandboxes, system by system.
struct FoundRecords {
    private(set) var records: [(system: LegacySystem, record: LegacySandbox, roots: [FilePath])] = []
    private(set) var broken: [BrokenRecord] = []
    private(set) var kept: [KeptRecord] = []
    /// Frakti's files on pods that hyperd has on record.
    private(set) var checkpoints: [LegacySandboxID: LegacySandbox] = [:]

    /// - Parameter named: directories of records that engines or configurations name, beside the usual ones.
    init(_ named: (LegacySystem) -> [FilePath], _ progress: ReadingProgress, by survey: inout Survey) {
        let tree = RecordingTree(of: survey.view)
        progress.through(LegacySystem.all, { "read records of \($0.name)" }) { system in
            let roots = named(system)
            let found = system.sandboxes.read(tree, roots)
            survey.report(found.diagnostics)
            broken += found.broken
            let copies = system.sandboxes.stayUntilForgotten && !found.sandboxes.isEmpty ? KeptCopies(by: &survey) : nil
            for record in found.sandboxes {
                if let migration = copies?.migration(keeping: record, by: &survey) {
                    kept.append(KeptRecord(id: record.id, migration: migration))
                } else {
                    records.append((system, record, roots))
                }
            }
        }
        survey.remember(tree.observations)
        let pods = Set(records.filter { $0.record.format == .hyperd }.map(\.record.id))
        for (_, record, _) in records where record.format == .frakti && pods.contains(record.id) { checkpoints[record.id] = record }
        records.removeAll { [pods] in $0.record.format == .frakti && pods.contains($0.record.id) }
    }

    /// The VMs of runV: hyperd's look the same, and only the records tell.
    var runVMachines: Set<String> { Set(records.filter { $0.record.format == .runV }.map(\.record.id.rawValue)) }

    func sandboxes(with evidence: SandboxEvidence, _ progress: ReadingProgress, by survey: inout Survey) -> [FoundSandbox] {
        var sandboxes: [FoundSandbox] = []
        progress.through(records, { _ in "look at sandboxes" }) { system, record, roots in
            sandboxes.append(FoundSandbox(record, of: system, roots, checkpoint: checkpoints[record.id], evidence, &survey))
        }
        return sandboxes
    }
}

extension FoundSandbox {
    fileprivate init(
        _ record: LegacySandbox, of system: LegacySystem, _ roots: [FilePath], checkpoint: LegacySandbox?, _ evidence: SandboxEvidence,
        _ survey: inout Survey
    ) {
        self.system = system
        var outline = record
        for index in outline.containers.indices { outline.containers[index].spec = nil }
        self.record = outline
        let places = system.sandboxes
        var names = places.names(record)
        var directories: [FilePath] = []
        // Where /var/run leads to /run, what is below both is the same.
        let isLinked = survey.look(at: "/var/run")?.isLink == true
        for root in places.directories + roots where !places.isDatabase && !(isLinked && root.starts(with: "/var/run")) {
            directories += names.map { root.appending($0) }.filter { survey.exists($0) }
        }
        if record.format == .runV {
            let machine = RunVRecords.machineRoot.appending(record.id.rawValue)
            if record.id.rawValue.hasPrefix(SandboxPlaces.machinePrefix), survey.exists(machine) { directories.append(machine) }
            // Up to 0.8.1 the VM's daemon has a directory, to which a link leads.
            let daemons = directories.compactMap { survey.look(at: $0.appending("namespace"))?.target }
                .filter { $0.string.hasPrefix("/run/runv-namespace-") }
            names += daemons.map(\.string)
            directories += Set(daemons).filter { survey.exists($0) }.sorted { $0.string < $1.string }
        }
        self.directories = directories.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        let facts = evidence.facts(of: record, system, names: names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
        processes = facts.processes ?? []
        mounts = facts.mounts ?? []
        heldSockets = facts.sockets
        liveness = facts.liveness
        dockerContainers = ([record.id.rawValue] + record.containers.map(\.id.rawValue)).compactMap { evidence.containers[$0] }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        let isKnown = evidence.dataRoot.map { survey.exists($0.appending("containers").appending(record.id.rawValue)) } ?? false
        owner = Self.owner(of: record, dockerContainers.first, isKnown: isKnown)
        namespace = (checkpoint ?? record).network.flatMap { network in
            network.isNamespaceOwned ? network.namespace.flatMap { survey.exists($0) ? $0 : nil } : nil
        }
        let files = (places.isDatabase ? [] : record.files) + (checkpoint?.files ?? [])
        observations = files.compactMap { survey.observations[$0] ?? survey.look(at: $0) }
        pods = Self.pods(of: record, &survey)
        // What an engine owns it makes itself, and its bundles are its own.
        let isFree = owner == .nobody
        workloads = zip(outline.containers, record.containers).map { container, whole in
            isFree ? Workload(container, whole.spec, &survey) : Workload(container, whole.spec)
        }
    }

    /// Engines say in the bundle whose a container of runV is; of the others each sandbox is named as its pod.
    private static func pods(of record: LegacySandbox, _ survey: inout Survey) -> [String] {
        guard record.format == .runV, record.owner == .crio || record.owner == .containerd else { return [record.id.rawValue] }
        var named: [String] = []
        for container in record.containers {
            guard let bundle = container.bundle, let bytes = survey.read(bundle.appending("config.json")) else { continue }
            let annotations = JSONDocument.parse(SourceText(path: bundle, bytes: bytes)).partial?.root["annotations"]
            func first(_ keys: [String]) -> String? { keys.lazy.compactMap { annotations?[$0]?.string }.first }
            let kind = first(["ocid/container_type", "io.kubernetes.cri-o.ContainerType", "io.kubernetes.cri.container-type"])
            let pod =
                first(["io.kubernetes.cri-o.SandboxID", "io.kubernetes.cri.sandbox-id"])
                ?? (kind == "sandbox" ? container.id.rawValue : nil)
            if let pod, !named.contains(pod) { named.append(pod) }
        }
        return named.isEmpty ? [record.id.rawValue] : named
    }

    /// Docker makes one sandbox for one container, of the same name.
    ///
    /// - Parameter isKnown: whether docker has something of that name, even if it cannot be read.
    private static func owner(of record: LegacySandbox, _ container: DockerContainer?, isKnown: Bool) -> Owner {
        if let container { return .docker(container) }
        return switch record.owner {
        case .docker: isKnown ? .engine(.docker) : .forgottenByDocker
        case .unknown: .nobody
        case .crio, .containerd, .dockershim, .podman, .hyperd, .frakti: .engine(record.owner)
        }
    }
}

extension FoundSandbox.Workload {
    fileprivate init(_ container: LegacyContainer, _ recorded: SourceText?) {
        self.init(container: container, specification: recorded.map(Specification.record), ociVersion: nil, rootfs: container.rootfs)
    }

    fileprivate init(_ container: LegacyContainer, _ recorded: SourceText?, _ survey: inout Survey) {
        self.container = container
        let bundle = container.bundle.flatMap { $0.isAbsolute ? $0 : nil }
        let file = bundle?.appending("config.json")
        let bytes = file.flatMap { survey.read($0, limit: Survey.bundleLimit) }
        let written = file.flatMap { file in bytes.map { SourceText(path: file, bytes: $0) } }
        specification = written == nil ? recorded.map(Specification.record) : .bundle
        let root = (written ?? recorded).flatMap { JSONDocument.parse($0).value?.root }
        ociVersion = root?["ociVersion"]?.string
        let named = written == nil ? nil : root?["root"]?["path"]?.string
        let inBundle = named.flatMap { path in
            path.isEmpty ? nil : bundle.map { FilePath(path).isAbsolute ? FilePath(path) : $0.pushing(FilePath(path)) }
        }
        rootfs = [container.rootfs, inBundle].compactMap(\.self).first { $0.isAbsolute && survey.look(at: $0)?.kind == .directory }
    }
}
