// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension RecordReading {
    mutating func runV(_ roots: [FilePath]) -> SandboxRecords {
        let machines = runVMachines()
        var groups: [String: [SingleRecord]] = [:]
        var broken: [BrokenRecord] = []
        var seen: Set<String> = []
        var logs: [FilePath: [String: Int32]] = [:]
        for directory in roots.flatMap({ root in directories(in: root, limit: RecordLimits.sandboxes).map { root.appending($0) } }) {
            guard let name = directory.lastComponent else { continue }
            let (files, sockets) = filesAndSockets(in: directory)
            // runV alone made this socket there; without it the directory is runc's.
            let isShared = directory.removingLastComponent() == RunVRecords.oldestRoot
            if isShared, !sockets.contains(directory.appending("runv.sock")) { continue }
            guard seen.insert(name.string).inserted else { continue }
            let file = directory.appending("state.json")
            guard let part = record(file) else {
                // runV itself lists nothing at all while such a directory is there.
                broken.append(self.broken(LegacySandboxID(rawValue: name.string), .runV, files, file))
                continue
            }
            checkName(name.string, "id", part)
            let links = Dictionary(
                (list(directory) ?? []).compactMap { entry in entry.target.map { (entry.name, $0) } },
                uniquingKeysWith: { first, _ in first })
            let machine = runVMachine(of: name, links, machines, directory)
            let group = machine ?? links["namespace"] ?? name.string
            let log = runVLog(links, directory)
            if let log, logs[log] == nil { logs[log] = runVEnds(in: log) }
            let end = log.flatMap { logs[$0]?[name.string] }
            // That of a daemon for all containers goes on being written to by the others.
            let evidence = end != nil && !isDaemon(directory) ? log.map { [$0] } ?? [] : []
            let record = SingleRecord(
                container: runVContainer(name, part, end), part: part, directory: directory, files: files + evidence, sockets: sockets)
            groups[group, default: []].append(record)
        }
        let sandboxes = groups.sorted { $0.key < $1.key }.map { runVSandbox($0.value, machine: machines[$0.key] != nil ? $0.key : nil) }
        return SandboxRecords(
            sandboxes: sandboxes.sorted { $0.id < $1.id }, broken: broken, diagnostics: diagnostics)
    }

    /// The containers that each VM shares files with; it is the one trace of older releases, which named the VM nowhere else.
    private mutating func runVMachines() -> [String: Set<String>] {
        var machines: [String: Set<String>] = [:]
        for name in directories(in: RunVRecords.machineRoot, limit: RecordLimits.sandboxes) where name.string.hasPrefix("vm-") {
            let shared = RunVRecords.machineRoot.appending(name).appending("share_dir")
            machines[name.string] = Set(directories(in: shared, limit: RecordLimits.containers).map(\.string))
        }
        return machines
    }

    private mutating func runVMachine(
        of container: FilePath.Component, _ links: [String: String], _ machines: [String: Set<String>], _ directory: FilePath
    ) -> String? {
        if let target = links["sandbox"], let name = FilePath(target).lastComponent?.string {
            if machines[name] == nil {
                report(.lostState, .note, "the directory of VM \(name.prefix(80)), in which '\(container.string)' ran, is gone", directory)
            }
            return name
        }
        return machines.filter { $0.value.contains(container.string) }.map(\.key).min()
    }

    private mutating func runVContainer(_ name: FilePath.Component, _ part: Part, _ end: Int32?) -> LegacyContainer {
        let annotations = table("annotations", of: part)
        // A relative path was taken from wherever runV was run.
        let bundle = path("bundle", of: part) ?? path("bundlePath", of: part)
        return LegacyContainer(
            id: LegacyContainerID(rawValue: name.string), state: end.map(LegacyState.ended) ?? state("status", of: part),
            isSandboxContainer: false, bundle: bundle, rootfs: nil, isRootfsReadOnly: false, spec: nil, annotations: annotations,
            mounts: [], devices: [])
    }

    private mutating func runVSandbox(_ members: [SingleRecord], machine: String?) -> LegacySandbox {
        let directory = machine.map { RunVRecords.machineRoot.appending($0) }
        let (files, sockets) = directory.map { filesAndSockets(in: $0) } ?? ([], [])
        let persisted = directory.flatMap { record($0.appending("persist.json")) }
        let isNew = members.contains { $0.part.value.member("shim_create_time") != nil }
        var processes: [RecordedProcess] = []
        if let pid = process(.hypervisor, "pid", of: part("DriverInfo", of: persisted))
            ?? directory.flatMap({ pidFile(.hypervisor, $0.appending("pidfile")) })
        {
            processes.append(pid)
        }
        for member in members {
            // Up to 0.8.1 it is the holder of the network namespace.
            let role: RecordedProcess.Role = isNew || persisted != nil ? .shim : .namespace
            let noted = number("shim_create_time", of: member.part).map { "\($0) ticks" }
            if let pid = process(role, "pid", of: member.part, container: member.container.id, noted: noted) { processes.append(pid) }
        }
        let own = members.first
        let id = machine ?? own?.container.id.rawValue ?? ""
        let spec = part("VmSpec", of: persisted) ?? part("SandboxConfig", of: persisted)
        // The log of a daemon speaks for several of them.
        var seen: Set<FilePath> = []
        return LegacySandbox(
            format: .runV, id: LegacySandboxID(rawValue: id), releases: runVReleases(members, persisted),
            state: flag("Paused", of: persisted) ? .paused : runVState(members),
            hostname: text("hostname", of: spec) ?? text("Hostname", of: spec) ?? "", hypervisor: runVHypervisor(persisted),
            containers: members.map(\.container), network: runVNetwork(persisted), hooks: [],
            annotations: own?.container.annotations ?? [:],
            processes: processes, proxyURL: nil, sockets: sockets + members.flatMap(\.sockets),
            files: (files + members.flatMap(\.files)).filter { seen.insert($0).inserted },
            bundle: own?.container.bundle,
            owner: members.lazy.compactMap { $0.container.bundle.flatMap { LegacyOwner(bundle: $0) } }.first ?? .unknown)
    }

    /// That of its containers where they have one in common; a container that has ended keeps no VM.
    private func runVState(_ members: [SingleRecord]) -> LegacyState {
        let states = Set(
            members.map { member -> LegacyState in if case .ended = member.container.state { .stopped } else { member.container.state } })
        return states.count == 1 ? states.first ?? .unclear("") : .unclear("")
    }

    private mutating func runVHypervisor(_ persisted: Part?) -> LegacyHypervisor {
        LegacyHypervisor(
            type: text("hypervisor", of: part("DriverInfo", of: persisted)) ?? "", path: nil, kernel: nil, image: nil, initrd: nil,
            machineType: "", vcpus: 0, memoryMiB: 0, kernelParameters: [], uuid: nil)
    }

    private mutating func runVNetwork(_ persisted: Part?) -> LegacyNetwork? {
        let interfaces = parts("NetworkList", of: persisted).compactMap { entry -> LegacyInterface? in
            let name = text("NewName", of: entry) ?? text("DeviceName", of: entry) ?? ""
            guard name != "lo" else { return nil }
            return LegacyInterface(
                type: "", name: name, hardwareAddress: text("Mac", of: entry) ?? "", tap: text("HostDevice", of: entry), bridge: nil,
                addresses: (text("IpAddr", of: entry) ?? "").split(separator: ",").map(String.init))
        }
        guard !interfaces.isEmpty else { return nil }
        return LegacyNetwork(namespace: nil, isNamespaceOwned: false, interworking: .unrecorded, interfaces: interfaces)
    }

    /// The names of the keys changed with the version of the OCI specification that was built in.
    private mutating func runVReleases(_ members: [SingleRecord], _ persisted: Part?) -> ClosedRange<Release> {
        let has = { (key: String) in members.contains { $0.part.value.member(key) != nil } }
        let last = RunVRecords.releases.upperBound
        switch number("PersistVersion", of: persisted) {
        case 20_171_210?: return last...last
        case 20_170_611?: return Release(1, 0, 0)...Release(1, 0, 9)
        default: break
        }
        if has("shim_create_time") { return Release(1, 0, 0)...last }
        if has("ociVersion") { return Release(0, 8, 0)...Release(1, 0, 0) }
        if has("status") { return Release(0, 7, 0)...Release(0, 7, 0) }
        let isOldest = members.contains { $0.part.value["pid"]?.integer == -1 }
        return isOldest ? Release(0, 5, 0)...Release(0, 5, 0) : Release(0, 6, 0)...Release(0, 6, 2)
    }
}
