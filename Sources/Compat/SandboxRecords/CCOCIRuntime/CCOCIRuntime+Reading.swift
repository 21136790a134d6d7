// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// A container with what is said of it in the record of its sandbox.
struct SingleRecord {
    let container: LegacyContainer
    let part: RecordPart
    let directory: FilePath
    let files: [FilePath]
    let sockets: [FilePath]
}

extension RecordReading {
    mutating func ccOCIRuntime(_ roots: [FilePath]) -> SandboxRecords {
        var records: [SingleRecord] = []
        var broken: [BrokenRecord] = []
        var seen: Set<String> = []
        for root in roots {
            for name in directories(in: root, limit: RecordLimits.sandboxes) where seen.insert(name.string).inserted {
                let directory = root.appending(name)
                let (files, sockets) = filesAndSockets(in: directory)
                let file = directory.appending("state.json")
                if let part = record(file, limit: RecordLimits.state) {
                    checkName(name.string, "id", part)
                    let container = ccContainer(name, part)
                    records.append(SingleRecord(container: container, part: part, directory: directory, files: files, sockets: sockets))
                } else {
                    broken.append(self.broken(LegacySandboxID(rawValue: name.string), .ccOCIRuntime, files, file))
                }
            }
        }
        let groups = Dictionary(grouping: records) { ccSandboxName($0) }
        let sandboxes = groups.keys.sorted().map { ccSandbox($0, groups[$0] ?? []) }
        return SandboxRecords(sandboxes: sandboxes, broken: broken, diagnostics: diagnostics)
    }

    /// The directory's name counts, because the runtimes looked containers up by it.
    mutating func checkName(_ name: String, _ key: String, _ part: Part) {
        guard let recorded = text(key, of: part), recorded != name else { return }
        report(
            .otherName, .warning, "the record is of \"\(recorded.prefix(80))\", its directory of \(name)", part.file, part.value[key]?.range
        )
    }

    /// The container in whose VM one runs: itself, or the one that its pod is named for.
    ///
    /// Only the runtime's own `pod` object tells: annotations name pods also where the release did not know them and gave each container a VM.
    private mutating func ccSandboxName(_ record: SingleRecord) -> String {
        text("sandbox_name", of: part("pod", of: record.part)).flatMap { $0.isEmpty ? nil : $0 } ?? record.container.id.rawValue
    }

    private mutating func ccContainer(_ name: FilePath.Component, _ part: Part) -> LegacyContainer {
        let pod = self.part("pod", of: part)
        let annotations = table("annotations", of: part)
        let bundle = path("bundlePath", of: part)
        let mounts = parts("mounts", of: part).compactMap { mount -> LegacyMount? in
            guard let destination = path("destination", of: mount) else { return nil }
            return LegacyMount(
                source: text("mnt_dir", of: mount) ?? "", destination: destination, type: "bind", options: [],
                hostPath: path("host_path", of: mount), isReadOnly: false)
        }
        return LegacyContainer(
            id: LegacyContainerID(rawValue: name.string), state: state("status", of: part),
            isSandboxContainer: pod == nil || flag("sandbox", of: pod),
            bundle: bundle, rootfs: nil, isRootfsReadOnly: false, spec: nil, annotations: annotations, mounts: mounts, devices: [])
    }

    private mutating func ccSandbox(_ name: String, _ members: [SingleRecord]) -> LegacySandbox {
        // A pod whose own record is gone is spoken for by what is left of it.
        let own = members.first { $0.container.id.rawValue == name }
        if own == nil, let file = members.first?.part.file {
            report(.leftOver, .warning, "the record of sandbox '\(name.prefix(80))', in whose VM this container ran, is gone", file)
        }
        let vm = (own ?? members.first).flatMap { part("vm", of: $0.part) }
        var processes: [RecordedProcess] = []
        if let machine = process(.hypervisor, "pid", of: vm) { processes.append(machine) }
        let releases = ccReleases(members)
        for member in members {
            // 2.0 had no shims: what its caller was told to watch was the hypervisor, of which `vm` said nothing.
            let role: RecordedProcess.Role = releases.upperBound < Release(2, 1, 0) ? .hypervisor : .shim
            if let watched = process(role, "pid", of: member.part, container: member.container.id) { processes.append(watched) }
        }
        let hypervisor = LegacyHypervisor(
            type: "qemu", path: path("hypervisor_path", of: vm), kernel: path("kernel_path", of: vm), image: path("image_path", of: vm),
            initrd: nil, machineType: "", vcpus: 0, memoryMiB: 0,
            kernelParameters: (text("kernel_params", of: vm) ?? "").split(separator: " ").map(String.init), uuid: nil)
        let annotations = own?.container.annotations ?? [:]
        return LegacySandbox(
            format: .ccOCIRuntime, id: LegacySandboxID(rawValue: name), releases: releases,
            state: own?.container.state ?? .lost, hostname: "", hypervisor: hypervisor, containers: members.map(\.container), network: nil,
            hooks: [], annotations: annotations, processes: processes, proxyURL: nil, sockets: members.flatMap(\.sockets),
            files: members.flatMap(\.files), bundle: own?.container.bundle, owner: ccOwner(members))
    }

    /// 2.0 had no proxy and no `process`; 2.2 added `workloadDir`.
    private func ccReleases(_ members: [SingleRecord]) -> ClosedRange<Release> {
        let has = { (key: String) in members.contains { $0.part.value.member(key) != nil } }
        let (first, last) = (CCOCIRuntime.releases.lowerBound, CCOCIRuntime.releases.upperBound)
        if has("workloadDir") { return Release(2, 2, 0)...last }
        if has("proxy") { return Release(2, 1, 0)...last }
        return first...Release(2, 0, 9)
    }

    private func ccOwner(_ members: [SingleRecord]) -> LegacyOwner {
        for member in members {
            let keys = member.container.annotations.keys
            if member.part.value.member("pod") != nil
                || keys.contains(where: { $0.hasPrefix("ocid/") || $0.hasPrefix("io.kubernetes.cri-o.") })
            {
                return .crio
            }
        }
        return members.lazy.compactMap { $0.container.bundle.flatMap { LegacyOwner(bundle: $0) } }.first ?? .unknown
    }
}
