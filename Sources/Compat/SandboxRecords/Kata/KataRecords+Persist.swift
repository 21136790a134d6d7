// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// `persist.json`, in which the names of Go's fields are the keys.
extension RecordReading {
    mutating func persistedSandbox(_ place: Place, _ record: Part, _ contents: Contents) -> LegacySandbox {
        let configuration = part("Config", of: record)
        let machine = part("HypervisorState", of: record)
        let agent = part("AgentState", of: record)
        var processes = [
            process(.hypervisor, "Pid", of: machine), process(.virtiofsd, "VirtiofsdPid", of: machine),
            process(.virtiofsd, "VirtiofsDaemonPid", of: machine), process(.proxy, "ProxyPid", of: agent),
        ].compactMap { $0 }
        let containers = persistedContainers(place, record, configuration, contents, &processes)
        let own =
            containers.first { $0.id.rawValue == text("SandboxContainer", of: record) } ?? containers.first(where: \.isSandboxContainer)
        let machineDirectory = KataRecords.machineRoot.appending(place.id.rawValue)
        let sockets = (list(machineDirectory) ?? []).prefix(RecordLimits.containers).filter { $0.kind == .socket }
            .compactMap { component($0.name, in: machineDirectory).map { machineDirectory.appending($0) } }
        return LegacySandbox(
            format: .kata, id: place.id, releases: persistReleases(record), state: state("State", of: record), hostname: "",
            hypervisor: persistedHypervisor(configuration, machine), containers: containers,
            network: persistedNetwork(record, configuration),
            hooks: [], annotations: own?.annotations ?? [:], processes: processes, proxyURL: text("URL", of: agent),
            sockets: contents.sockets + sockets, files: contents.files, bundle: own?.bundle, owner: owner(containers, [], own?.bundle))
    }

    private mutating func persistedContainers(
        _ place: Place, _ record: Part, _ configuration: Part?, _ contents: Contents, _ processes: inout [RecordedProcess]
    ) -> [LegacyContainer] {
        var containers: [LegacyContainer] = []
        var seen: Set<FilePath.Component> = []
        for listed in parts("ContainerConfigs", of: configuration) {
            guard let text = text("ID", of: listed), let name = component(text, in: listed.file, listed.value["ID"]?.range) else {
                continue
            }
            if seen.insert(name).inserted {
                containers.append(persistedContainer(name, place, record, listed, &processes))
            }
        }
        for name in contents.containers where !seen.contains(name) {
            let file = place.run.appending(name).appending(KataRecords.persistFile)
            report(.leftOver, .warning, "container '\(name.string)' of sandbox \(place.id) has a directory and no configuration", file)
            containers.append(persistedContainer(name, place, record, nil, &processes))
        }
        return containers
    }

    private mutating func persistedContainer(
        _ name: FilePath.Component, _ place: Place, _ sandbox: Part, _ listed: Part?, _ processes: inout [RecordedProcess]
    ) -> LegacyContainer {
        let id = LegacyContainerID(rawValue: name.string)
        let own = record(place.run.appending(name).appending(KataRecords.persistFile))
        let process = part("Process", of: own)
        if let shim = self.process(.shim, "Pid", of: process, container: id, noted: text("StartTime", of: process)) {
            processes.append(shim)
        }
        let annotations = table("Annotations", of: listed)
        let recorded = path("BundlePath", of: own)
        return LegacyContainer(
            id: id, state: state("State", of: own),
            isSandboxContainer: Virtcontainers.find(.containerType, in: annotations) == "pod_sandbox",
            bundle: Virtcontainers.find(.bundle, in: annotations).flatMap(usablePath) ?? recorded, rootfs: path("RootFs", of: listed),
            isRootfsReadOnly: false, spec: nil, annotations: annotations, mounts: mounts(parts("Mounts", of: own)),
            devices: persistedDevices(own, sandbox))
    }

    /// A container maps devices by the ids under which the sandbox has them.
    private mutating func persistedDevices(_ own: Part?, _ sandbox: Part) -> [LegacyDevice] {
        let maps = parts("DeviceMaps", of: own)
        guard !maps.isEmpty else { return [] }
        let devices = parts("Devices", of: sandbox)
        return maps.compactMap { map in
            guard let id = text("ID", of: map), let containerPath = path("ContainerPath", of: map),
                let device = devices.first(where: { $0.value["ID"]?.string == id })
            else { return nil }
            return LegacyDevice(
                type: text("Type", of: device) ?? "", hostPath: path("File", of: part("BlockDrive", of: device)) ?? containerPath,
                containerPath: containerPath, major: number("Major", of: device) ?? 0, minor: number("Minor", of: device) ?? 0)
        }
    }

    private mutating func persistedHypervisor(_ configuration: Part?, _ machine: Part?) -> LegacyHypervisor {
        let part = part("HypervisorConfig", of: configuration)
        // Since 3.3 a fraction, of which the VM had the next whole number.
        let fraction = part?.value["NumVCPUsF"]?.double.flatMap { Int64(exactly: $0.rounded(.up)) }
        return LegacyHypervisor(
            type: text("HypervisorType", of: configuration) ?? text("Type", of: machine) ?? "", path: path("HypervisorPath", of: part),
            kernel: path("KernelPath", of: part), image: path("ImagePath", of: part), initrd: path("InitrdPath", of: part),
            machineType: text("HypervisorMachineType", of: part) ?? "", vcpus: fraction ?? number("NumVCPUs", of: part) ?? 0,
            memoryMiB: number("MemorySize", of: part) ?? 0, kernelParameters: [], uuid: text("UUID", of: machine))
    }

    private mutating func persistedNetwork(_ record: Part, _ configuration: Part?) -> LegacyNetwork? {
        guard let network = part("Network", of: record) else { return nil }
        let models = KataRecords.models(configuration?.value ?? record.value)
        let number = number("InterworkingModel", of: part("NetworkConfig", of: configuration)).flatMap { Int(exactly: $0) }
        // Two of the names changed in 2.4.
        let isOwned = flag("NetNsCreated", of: network) || flag("NetworkCreated", of: network)
        return LegacyNetwork(
            namespace: path("NetNsPath", of: network) ?? path("NetworkID", of: network), isNamespaceOwned: isOwned,
            interworking: number.flatMap { models.indices.contains($0) ? models[$0] : nil } ?? .unrecorded,
            interfaces: parts("Endpoints", of: network).map { endpoint in
                let kinds = ["Veth", "BridgedMacvlan", "Macvlan", "IPVlan"]
                let inner = kinds.lazy.compactMap { endpoint.value[$0] }.first { $0.object != nil }
                let pair = interface(Part(value: inner ?? endpoint.value, file: endpoint.file))
                return LegacyInterface(
                    type: text("Type", of: endpoint) ?? "", name: pair.name, hardwareAddress: pair.hardwareAddress, tap: pair.tap,
                    bridge: pair.bridge, addresses: pair.addresses)
            })
    }

    /// The releases that write these keys; each of them has every key always.
    private mutating func persistReleases(_ record: Part) -> ClosedRange<Release> {
        let (first, last) = (Release(1, 7, 0), Release(4, 1, 0))
        var range = first...last as ClosedRange<Release>?
        for mark in PersistMark.all {
            let parent = mark.parent.reduce(record.value as JSONValue?) { $0?[$1] }
            guard let parent, parent.object != nil else { continue }
            range = range?.common(with: parent.member(mark.key) == nil ? first...mark.before : mark.since...last)
        }
        if let range { return range }
        report(.mixedReleases, .note, "the record has keys of releases that do not go together", record.file)
        return first...last
    }

    mutating func machineProcess(of place: Place) -> RecordedProcess? {
        let file = KataRecords.machineRoot.appending(place.id.rawValue).appending("pid")
        return pidFile(.hypervisor, file)
    }

    /// A file that holds a number and nothing else; nil when there is none.
    mutating func pidFile(_ role: RecordedProcess.Role, _ file: FilePath) -> RecordedProcess? {
        guard let text = plainText(file, limit: 64)?.filter({ !$0.isWhitespace }) else { return nil }
        guard let pid = Int32(text), (2...4_194_304).contains(pid) else {
            report(.badPid, .warning, "the file holds no pid", file)
            return nil
        }
        return RecordedProcess(role: role, pid: pid, noted: nil, container: nil, file: file)
    }
}

/// A key that was added to `persist.json`.
private struct PersistMark {
    let parent: [String]
    let key: String
    let before: Release
    let since: Release

    private static let hypervisor = ["Config", "HypervisorConfig"]

    static let all: [PersistMark] = [
        .init(parent: [], key: "AgentState", before: Release(1, 8, 9), since: Release(1, 9, 0)),
        .init(parent: ["Config"], key: "ContainerConfigs", before: Release(1, 9, 9), since: Release(1, 10, 0)),
        .init(parent: [], key: "CgroupPaths", before: Release(1, 10, 8), since: Release(1, 11, 0)),
        .init(parent: hypervisor, key: "CPUFeatures", before: Release(1, 11, 5), since: Release(1, 12, 0)),
        .init(parent: hypervisor, key: "RxRateLimiterMaxRate", before: Release(1, 13, 0), since: Release(2, 0, 0)),
        .init(parent: hypervisor, key: "SGXEPCSize", before: Release(2, 0, 9), since: Release(2, 1, 0)),
        .init(parent: ["Config"], key: "SandboxBindMounts", before: Release(2, 1, 9), since: Release(2, 2, 0)),
        .init(parent: [], key: "SandboxCgroupPath", before: Release(2, 2, 9), since: Release(2, 3, 0)),
        .init(parent: ["Network"], key: "NetworkID", before: Release(2, 3, 9), since: Release(2, 4, 0)),
        .init(parent: hypervisor, key: "SeccompSandbox", before: Release(2, 4, 9), since: Release(2, 5, 0)),
        .init(parent: ["Config"], key: "GuestSeLinuxLabel", before: Release(3, 0, 9), since: Release(3, 1, 0)),
        .init(parent: hypervisor, key: "ColdPlugVFIO", before: Release(3, 1, 9), since: Release(3, 2, 0)),
        .init(parent: hypervisor, key: "NumVCPUsF", before: Release(3, 2, 9), since: Release(3, 3, 0)),
        .init(parent: hypervisor, key: "IndepIOThreads", before: Release(3, 23, 9), since: Release(3, 24, 0)),
        .init(parent: hypervisor, key: "BlockDeviceLogicalSectorSize", before: Release(3, 28, 9), since: Release(3, 29, 0)),
    ]
}
