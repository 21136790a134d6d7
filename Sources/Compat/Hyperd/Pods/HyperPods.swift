// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// Pod files of hyperctl, which described a pod, its files and its volumes at once.
public enum HyperPods {
    /// Manifests for Kubernetes that make the same pod; what has no counterpart is reported.
    public static func translation(of source: SourceText, options: ManifestOptions = .standard) -> PodFileTranslation {
        let parsed = YAMLStream.parseJSONOrYAML(source)
        var reading = PodReading(source: source, diagnostics: parsed.diagnostics)
        guard let root = parsed.value?.documents.first else {
            if !parsed.hasErrors { reading.report(.podRefused, .error, "the file is empty; hyperctl refused it", nil) }
            return PodFileTranslation(source: source, manifests: [], diagnostics: reading.diagnostics)
        }
        for other in parsed.value?.documents.dropFirst() ?? [] {
            reading.report(.unknownPodKey, .warning, "hyperctl read the first document only", other.range)
        }
        let isKubernetes = isKubernetesPod(root)
        guard let pod = isKubernetes ? reading.kubernetesPod(root) : reading.pod(root) else {
            return PodFileTranslation(source: source, manifests: [], diagnostics: reading.diagnostics)
        }
        var draft = PodDraft(pod: pod, isKubernetes: isKubernetes, source: source, options: options, diagnostics: reading.diagnostics)
        let manifests = draft.translate(SourceRange(at: root.range.start))
        let order = draft.diagnostics.enumerated().sorted {
            ($0.element.range?.start.offset ?? .max, $0.offset) < ($1.element.range?.start.offset ?? .max, $1.offset)
        }
        return PodFileTranslation(source: source, manifests: manifests, diagnostics: order.map(\.element))
    }

    /// Whether a text is a pod file.
    static func recognise(_ source: SourceText) -> Kubernetes.Recognised? {
        guard let root = YAMLStream.parseJSONOrYAML(source).partial?.documents.first else { return nil }
        if isKubernetesPod(root) {
            return Kubernetes.Recognised(confidence: .certain, reasons: ["it is a pod of Kubernetes before 1.0, as hyperctl -k took it"])
        }
        guard let members = root.mapping, root["kind"] == nil, root["apiVersion"] == nil else { return nil }
        let keys = Set(members.compactMap { $0.key.string?.lowercased() })
        let known = Set(PodKeys.pod.keys.keys.map { $0.lowercased() })
        guard members.contains(where: { $0.key.string?.lowercased() == "containers" && $0.value.sequence?.isEmpty == false }),
            keys.count <= 2 * keys.intersection(known).count
        else { return nil }
        let isSure = keys.subtracting(known.union(["name"])).isEmpty
        return Kubernetes.Recognised(confidence: isSure ? .certain : .likely, reasons: ["it has containers without apiVersion and kind"])
    }

    private static func isKubernetesPod(_ root: YAMLNode) -> Bool {
        guard root["kind"]?.string == "Pod", let version = root["apiVersion"]?.string?.lowercased() else { return false }
        return ["v1beta1", "v1beta2", "v1beta3"].contains(version)
    }
}

/// A pod file in the form of Kubernetes.
public struct PodFileTranslation: Sendable {
    /// The pod file.
    public let source: SourceText
    /// What to create, in this order; empty when hyperd refused the file.
    public let manifests: [YAMLEmission]
    /// Findings in the order of the file.
    public let diagnostics: [Diagnostic]

    /// The manifests as one file.
    public var rendered: String { YAMLEmission.rendered(manifests) }
}
