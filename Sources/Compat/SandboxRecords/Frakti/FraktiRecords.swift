// SPDX-License-Identifier: Apache-2.0
internal import KataText
public import SystemPackage

/// The checkpoints of frakti: one JSON file for each pod sandbox, with what frakti needed to take its network down again.
///
/// The pods themselves were hyperd's; frakti's sandbox has the id of hyperd's pod.
public enum FraktiRecords {
    /// Where the files lie; names that end in `.tmp` were being written.
    public static let root: FilePath = "/var/lib/frakti/sandbox"
    static let releases = Release(1, 0, 0)...Release(1, 14, 0)

    /// Reads all sandboxes of a tree; files that are missing, damaged or hostile are reported and never stop it.
    public static func read(from tree: some LegacyTree) -> SandboxRecords {
        var reading = RecordReading(tree: tree)
        return reading.frakti()
    }
}

extension RecordReading {
    fileprivate mutating func frakti() -> SandboxRecords {
        var sandboxes: [LegacySandbox] = []
        var broken: [BrokenRecord] = []
        let files = filesAndSockets(in: FraktiRecords.root, limit: RecordLimits.sandboxes).files
        for file in files where file.extension != "tmp" {
            let id = LegacySandboxID(rawValue: file.lastComponent?.string ?? "")
            if let record = record(file) {
                sandboxes.append(fraktiSandbox(id, record, file))
            } else {
                broken.append(self.broken(id, .frakti, [file], file))
            }
        }
        return SandboxRecords(sandboxes: sandboxes, broken: broken, diagnostics: diagnostics)
    }

    private mutating func fraktiSandbox(_ id: LegacySandboxID, _ record: Part, _ file: FilePath) -> LegacySandbox {
        let data = part("data", of: record)
        var annotations: [String: String] = [:]
        // What Kubernetes calls the pod, under the names that other engines give it.
        if let name = text("name", of: record) { annotations["io.kubernetes.pod.name"] = name }
        if let namespace = text("namespace", of: record) { annotations["io.kubernetes.pod.namespace"] = namespace }
        let interfaces = parts("interfaces", of: data).map { entry -> LegacyInterface in
            let address = part("addr", of: entry)
            let length = text("Mask", of: address).flatMap(prefixLength(ofMask:))
            let ip = text("IP", of: address)
            return LegacyInterface(
                type: "", name: text("name", of: entry) ?? "", hardwareAddress: "", tap: nil, bridge: text("hostBridge", of: record),
                addresses: ip.map { ip in [length.map { "\(ip)/\($0)" } ?? ip] } ?? [])
        }
        let network = LegacyNetwork(
            namespace: path("netnspath", of: record), isNamespaceOwned: true, interworking: .bridged, interfaces: interfaces)
        let hypervisor = LegacyHypervisor(
            type: "", path: nil, kernel: nil, image: nil, initrd: nil, machineType: "", vcpus: 0, memoryMiB: 0, kernelParameters: [],
            uuid: nil)
        return LegacySandbox(
            format: .frakti, id: id, releases: FraktiRecords.releases, state: .unclear(""), hostname: "", hypervisor: hypervisor,
            containers: [], network: network, hooks: [], annotations: annotations, processes: [], proxyURL: nil, sockets: [], files: [file],
            bundle: nil, owner: .frakti)
    }
}
