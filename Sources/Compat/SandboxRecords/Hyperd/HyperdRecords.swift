// SPDX-License-Identifier: Apache-2.0
internal import KataText
public import SystemPackage

/// The pods of hyperd, in its LevelDB database.
///
/// Up to 0.7.0 the values are JSON and text, later protobuf messages; the pod's VM is JSON in both. hyperd holds the database's lock while
/// it runs, and its last writes are in the log, which is read as well.
public enum HyperdRecords {
    /// The database, below the `Root` of `/etc/hyper/config`.
    public static let database: FilePath = "/var/lib/hyper/lib/hyper.db"
    static let releases = Release(0, 4, 0)...Release(1, 1, 0)

    /// Reads all pods of a tree; values that are missing, damaged or hostile are reported and never stop it.
    public static func read(from tree: some LegacyTree) -> SandboxRecords {
        read(from: tree, database: database)
    }

    /// As for the usual place.
    public static func read(from tree: some LegacyTree, database: FilePath) -> SandboxRecords {
        var reading = RecordReading(tree: tree)
        return reading.hyperd(database)
    }

    /// The pods of the first database that there is: hyperd has one, and it is where its configuration puts it.
    public static func read(from tree: some LegacyTree, databases: [FilePath]) -> SandboxRecords {
        for place in databases + [database] {
            let records = read(from: tree, database: place)
            if !records.sandboxes.isEmpty || !records.broken.isEmpty || !records.diagnostics.isEmpty { return records }
        }
        return SandboxRecords(sandboxes: [], broken: [], diagnostics: [])
    }
}

/// A pod as either generation stored it.
struct HyperdPod {
    let id: String
    var name = ""
    var hostname = ""
    var labels: [String: String] = [:]
    var vcpus: Int64 = 0
    var memoryMiB: Int64 = 0
    var containers: [LegacyContainer] = []
    var isLegacy = true
}

extension RecordReading {
    mutating func hyperd(_ directory: FilePath) -> SandboxRecords {
        guard let database = LevelDB(in: directory, of: tree) else {
            if list(directory)?.isEmpty == false {
                report(.unreadable, .error, "hyperd's pods cannot be read: the database has neither tables nor logs", directory)
            }
            return SandboxRecords(sandboxes: [], broken: [], diagnostics: diagnostics)
        }
        for problem in database.problems { report(.unreadable, .error, problem.message, problem.file) }
        let values = Dictionary(
            database.values.map { (String(decoding: $0.key, as: UTF8.self), $0.value) }, uniquingKeysWith: { first, _ in first })
        let files = filesAndSockets(in: directory).files
        var sandboxes: [LegacySandbox] = []
        var broken: [BrokenRecord] = []
        for (id, isLegacy) in Self.pods(values).prefix(RecordLimits.sandboxes) {
            if let pod = isLegacy ? legacyPod(id, values, directory) : currentPod(id, values) {
                sandboxes.append(hyperdSandbox(pod, values, directory, files))
            } else {
                let reason = "its value in the database is damaged"
                report(.brokenRecord, .error, "nothing can be said of pod '\(id.prefix(80))': \(reason)", directory)
                broken.append(BrokenRecord(id: LegacySandboxID(rawValue: id), format: .hyperd, files: files, reason: reason))
            }
        }
        return SandboxRecords(sandboxes: sandboxes, broken: broken, diagnostics: diagnostics)
    }

    /// The ids of the pods; a database that was migrated half may have one in both forms, of which the later counts.
    private static func pods(_ values: [String: [UInt8]]) -> [(id: String, isLegacy: Bool)] {
        var pods: [String: Bool] = [:]
        for key in values.keys {
            if key.hasPrefix("PL-") {
                pods[String(key.dropFirst(3))] = false
            } else if key.hasPrefix("pod-"), !key.hasPrefix("pod-container-") {
                let id = String(key.dropFirst(4))
                if pods[id] == nil { pods[id] = true }
            }
        }
        return pods.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private mutating func legacyPod(_ id: String, _ values: [String: [UInt8]], _ directory: FilePath) -> HyperdPod? {
        guard let bytes = values["pod-\(id)"], let root = json(bytes, key: "pod-\(id)", directory) else { return nil }
        var pod = HyperdPod(id: id)
        pod.name = text("id", of: root) ?? ""
        pod.hostname = text("hostname", of: root) ?? ""
        pod.labels = table("labels", of: root)
        let resource = part("resource", of: root)
        (pod.vcpus, pod.memoryMiB) = (number("vcpu", of: resource) ?? 0, number("memory", of: resource) ?? 0)
        let ids = String(decoding: values["pod-container-\(id)"] ?? [], as: UTF8.self).split(separator: ":").map(String.init)
        let sources = Dictionary(
            parts("volumes", of: root).compactMap { volume in text("name", of: volume).map { ($0, text("source", of: volume) ?? "") } },
            uniquingKeysWith: { first, _ in first })
        // The ids stand in the order of the specification's containers.
        for (index, container) in parts("containers", of: root).enumerated() {
            let mounts = parts("volumes", of: container).compactMap { volume -> LegacyMount? in
                guard let path = path("path", of: volume) else { return nil }
                return hyperdMount(path, text("volume", of: volume) ?? "", sources, isReadOnly: flag("readOnly", of: volume))
            }
            let name = text("name", of: container) ?? ""
            pod.containers.append(
                hyperdContainer(
                    index < ids.count ? ids[index] : name, name: name, image: text("image", of: container) ?? "",
                    labels: table("labels", of: container), mounts: mounts))
        }
        return pod
    }

    private func currentPod(_ id: String, _ values: [String: [UInt8]]) -> HyperdPod? {
        guard let layout = values["PL-\(id)"].flatMap({ ProtobufMessage($0[...]) }),
            let spec = values["PS-\(id)"].flatMap({ ProtobufMessage($0[...]) })
        else { return nil }
        let meta = values["PM-\(id)"].flatMap { ProtobufMessage($0[...]) }
        var pod = HyperdPod(id: id, name: spec.text(1) ?? "", hostname: spec.text(2) ?? "", isLegacy: false)
        pod.labels = meta?.table(12) ?? spec.table(6)
        let resource = spec.message(7)
        pod.vcpus = Int64(truncatingIfNeeded: resource?.number(1) ?? 0)
        pod.memoryMiB = Int64(truncatingIfNeeded: resource?.number(2) ?? 0)
        var sources: [String: String] = [:]
        for name in layout.texts(22) {
            let volume = values["VX-\(id)-\(name)"].flatMap { ProtobufMessage($0[...]) }
            sources[name] = volume?.message(11)?.text(2) ?? volume?.message(12)?.text(2) ?? ""
        }
        for container in layout.texts(21).prefix(RecordLimits.containers) {
            let message = values["CX-\(container)"].flatMap { ProtobufMessage($0[...]) }?.message(11)
            let mounts = (message?.messages(11) ?? []).compactMap { volume -> LegacyMount? in
                guard let path = volume.text(1).flatMap(usablePath) else { return nil }
                return hyperdMount(path, volume.text(2) ?? "", sources, isReadOnly: volume.number(3) == 1)
            }
            pod.containers.append(
                hyperdContainer(
                    container, name: message?.text(1) ?? "", image: message?.text(2) ?? "", labels: message?.table(14) ?? [:],
                    mounts: mounts))
        }
        return pod
    }

    private func hyperdMount(_ path: FilePath, _ volume: String, _ sources: [String: String], isReadOnly: Bool) -> LegacyMount {
        LegacyMount(
            source: sources[volume] ?? volume, destination: path, type: "bind", options: [], hostPath: nil, isReadOnly: isReadOnly)
    }

    private func hyperdContainer(
        _ id: String, name: String, image: String, labels: [String: String], mounts: [LegacyMount]
    ) -> LegacyContainer {
        // hyperd stored no state of containers, and no bundles: their root file systems are images of its own graph.
        LegacyContainer(
            id: LegacyContainerID(rawValue: id), state: .unclear(""), isSandboxContainer: false, bundle: nil, rootfs: nil,
            isRootfsReadOnly: false, spec: nil,
            annotations: labels.merging(["hyperd.container.name": name, "hyperd.container.image": image]) { own, _ in own }, mounts: mounts,
            devices: [])
    }

    /// A pod has a VM as long as the database says how to find it again.
    private mutating func hyperdSandbox(
        _ pod: HyperdPod, _ values: [String: [UInt8]], _ directory: FilePath, _ files: [FilePath]
    ) -> LegacySandbox {
        var machine: Part?
        var vm = ""
        if pod.isLegacy {
            vm = String(decoding: values["vm-\(pod.id)"] ?? [], as: UTF8.self)
            machine = values["vmdata-\(vm)"].flatMap { json($0, key: "vmdata-\(vm)", directory) }
        } else if let stored = values["SB-\(pod.id)"].flatMap({ ProtobufMessage($0[...]) }) {
            vm = stored.text(1) ?? ""
            machine = stored.bytes(2).flatMap { json(Array($0), key: "SB-\(pod.id)", directory) }
        }
        let driver = part("DriverInfo", of: machine)
        let process = process(.hypervisor, "pid", of: driver)
        let hypervisor = LegacyHypervisor(
            type: text("hypervisor", of: driver) ?? "", path: nil, kernel: nil, image: nil, initrd: nil, machineType: "", vcpus: pod.vcpus,
            memoryMiB: pod.memoryMiB, kernelParameters: [], uuid: vm.isEmpty ? nil : vm)
        var annotations = pod.labels
        annotations["hyperd.pod.name"] = pod.name
        return LegacySandbox(
            format: .hyperd, id: LegacySandboxID(rawValue: pod.id), releases: hyperdReleases(pod, machine),
            state: vm.isEmpty ? .stopped : flag("Paused", of: machine) ? .paused : .running, hostname: pod.hostname, hypervisor: hypervisor,
            containers: pod.containers, network: nil, hooks: [], annotations: annotations, processes: process.map { [$0] } ?? [],
            proxyURL: nil, sockets: [], files: files, bundle: nil,
            owner: pod.labels.keys.contains("io.kubernetes.frakti.annotations") ? .frakti : .hyperd)
    }

    private mutating func hyperdReleases(_ pod: HyperdPod, _ machine: Part?) -> ClosedRange<Release> {
        if pod.isLegacy { return HyperdRecords.releases.lowerBound...Release(0, 7, 0) }
        switch number("PersistVersion", of: machine) {
        case 20_170_224?: return Release(0, 8, 0)...Release(0, 8, 1)
        case 20_170_611?: return Release(1, 0, 0)...HyperdRecords.releases.upperBound
        default: return Release(0, 8, 0)...HyperdRecords.releases.upperBound
        }
    }

    private mutating func json(_ bytes: [UInt8], key: String, _ directory: FilePath) -> Part? {
        let file = FilePath("\(directory.string)#\(key)")
        let parsed = JSONDocument.parse(SourceText(path: file, bytes: bytes))
        diagnostics += parsed.diagnostics
        guard let root = parsed.partial?.root, root.object != nil else { return nil }
        return Part(value: root, file: file)
    }
}
