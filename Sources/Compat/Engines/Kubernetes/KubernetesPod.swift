// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A way from a document down to one of its values, which knows the anchors that it passes.
struct YAMLTrail {
    let nodes: [YAMLNode]

    init(_ root: YAMLNode) { nodes = [root] }

    private init(nodes: [YAMLNode]) { self.nodes = nodes }

    var node: YAMLNode { nodes[nodes.count - 1] }

    /// The mapping that the last value stands in, which may be one that is merged into another.
    var holder: YAMLNode? { nodes.count > 1 ? nodes[nodes.count - 2] : nil }

    func child(_ key: String) -> YAMLTrail? {
        guard let members = node.mapping else { return nil }
        if let own = members.last(where: { $0.key.string == key }) { return YAMLTrail(nodes: nodes + [own.value]) }
        for source in members.filter(\.isMerge).flatMap({ $0.value.sequence ?? [$0.value] }) {
            if let merged = YAMLTrail(nodes: nodes + [source]).child(key) { return merged }
        }
        return nil
    }

    func elements() -> [YAMLTrail] { (node.sequence ?? []).map { YAMLTrail(nodes: nodes + [$0]) } }

    /// Where the anchored values on the way are written.
    var anchors: Set<Int> { Set(nodes.filter { $0.anchor != nil || $0.alias != nil }.map(\.definition.start.offset)) }
}

/// A pod, or the template of pods, in a manifest.
struct KubernetesPod {
    /// `Deployment web`.
    let owner: String
    /// What has the metadata and the specification.
    let trail: YAMLTrail
    let metadata: YAMLTrail?
    let spec: YAMLTrail

    /// Kinds and the way from their root to a pod template; the empty way is a pod itself.
    private static let kinds: [String: [String]] = [
        "Pod": [], "PodTemplate": ["template"], "Deployment": ["spec", "template"], "DaemonSet": ["spec", "template"],
        "StatefulSet": ["spec", "template"], "ReplicaSet": ["spec", "template"], "ReplicationController": ["spec", "template"],
        "Job": ["spec", "template"], "CronJob": ["spec", "jobTemplate", "spec", "template"],
        // OpenShift's, which CRI-O came with.
        "DeploymentConfig": ["spec", "template"],
    ]

    /// All of a document, those of lists included.
    static func all(in document: YAMLTrail, kind assumed: String? = nil) -> [KubernetesPod] {
        guard let kind = document.node["kind"]?.string ?? assumed else { return [] }
        if let way = kinds[kind] {
            let name = document.node["metadata"]?["name"] ?? document.node["metadata"]?["generateName"]
            var trail = document
            for step in way {
                guard let next = trail.child(step) else { return [] }
                trail = next
            }
            guard let spec = trail.child("spec"), spec.node.mapping != nil else { return [] }
            let owner = [kind, name?.scalarText].compactMap(\.self).joined(separator: " ")
            return [KubernetesPod(owner: owner, trail: trail, metadata: trail.child("metadata"), spec: spec)]
        }
        guard kind.hasSuffix("List"), let items = document.child("items") else { return [] }
        // The items of a typed list need not say their kind.
        let single = String(kind.dropLast(4))
        return items.elements().flatMap { all(in: $0, kind: single.isEmpty ? nil : single) }
    }

    var annotations: YAMLTrail? { metadata?.child("annotations") }

    /// It shares a namespace with the host.
    var usesHostNamespace: Bool { ["hostNetwork", "hostPID", "hostIPC"].contains { spec.node[$0]?.boolean == true } }

    /// kubelet makes a sandbox privileged as soon as one of its containers is.
    var isPrivileged: Bool {
        ["containers", "initContainers"].flatMap { spec.node[$0]?.sequence ?? [] }
            .contains { $0["securityContext"]?["privileged"]?.boolean == true }
    }
}
