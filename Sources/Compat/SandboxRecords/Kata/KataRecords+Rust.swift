// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// `state.json` of the runtime in Rust, which says what the sandbox needs to be cleaned up, and neither its state nor its containers.
extension RecordReading {
    mutating func rustSandboxes() -> (sandboxes: [LegacySandbox], broken: [BrokenRecord]) {
        var sandboxes: [LegacySandbox] = []
        var broken: [BrokenRecord] = []
        for name in directories(in: KataRecords.rustRoot, limit: RecordLimits.sandboxes) {
            let directory = KataRecords.rustRoot.appending(name)
            let (files, sockets) = filesAndSockets(in: directory)
            let id = LegacySandboxID(rawValue: name.string)
            let file = directory.appending("state.json")
            // Without it the directory is one of those that containerd's shim makes for its sockets only.
            guard files.contains(file) else { continue }
            guard let record = record(file) else {
                broken.append(self.broken(id, .kata, files, file))
                continue
            }
            sandboxes.append(rustSandbox(id, record, files, sockets))
        }
        return (sandboxes, broken)
    }

    private mutating func rustSandbox(
        _ id: LegacySandboxID, _ record: Part, _ files: [FilePath], _ sockets: [FilePath]
    ) -> LegacySandbox {
        let machine = part("hypervisor", of: record)
        let configuration = part("config", of: machine)
        let boot = part("boot_info", of: configuration)
        let vcpus = part("cpu_info", of: configuration)?.value["default_vcpus"]?.double.flatMap { Int64(exactly: $0.rounded(.up)) }
        let hypervisor = LegacyHypervisor(
            type: text("hypervisor_type", of: machine) ?? "", path: path("path", of: configuration), kernel: path("kernel", of: boot),
            image: path("image", of: boot), initrd: path("initrd", of: boot),
            machineType: text("machine_type", of: part("machine_info", of: configuration)) ?? "", vcpus: vcpus ?? 0,
            memoryMiB: number("default_memory", of: part("memory_info", of: configuration)) ?? 0, kernelParameters: [],
            uuid: text("uuid", of: machine))
        let processes = [process(.hypervisor, "pid", of: machine), process(.virtiofsd, "virtiofs_daemon_pid", of: machine)]
        let namespace = path("netns", of: machine)
        return LegacySandbox(
            format: .kata, id: id, releases: Release(3, 0, 0)...Release(4, 1, 0), state: .unclear(""), hostname: "",
            hypervisor: hypervisor, containers: [],
            network: namespace.map { LegacyNetwork(namespace: $0, isNamespaceOwned: false, interworking: .unrecorded, interfaces: []) },
            hooks: [], annotations: [:], processes: processes.compactMap { $0 }, proxyURL: nil, sockets: sockets, files: files, bundle: nil,
            owner: .containerd)
    }
}
