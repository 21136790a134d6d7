// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// Manifests that chose the sandbox by an annotation of CRI-O, containerd or frakti, before Kubernetes had runtime classes.
public enum Kubernetes {
    /// What has to change in a manifest so that each pod asks for what its annotations asked for; JSON or YAML, any number of documents.
    public static func translation(of source: SourceText, options: ManifestOptions = .standard) -> ManifestTranslation {
        let parsed = YAMLStream.parseJSONOrYAML(source)
        var draft = ManifestDraft(source: source, options: options, diagnostics: parsed.diagnostics)
        // After an error of syntax, what was read still tells more problems, but nothing is edited.
        for document in parsed.partial?.documents ?? [] { draft.judge(document) }
        guard let stream = parsed.value else { return draft.finish(edits: []) }
        draft.reportStrays(stream)
        let edits = draft.edits(of: stream)
        return draft.finish(edits: edits)
    }

    /// Whether a text is a manifest; `likely` where its syntax keeps it from being read but a line says so.
    static func recognise(_ source: SourceText) -> Recognised? {
        let documents = YAMLStream.parseJSONOrYAML(source).partial?.documents ?? []
        let kinds = documents.compactMap { $0["apiVersion"] != nil ? $0["kind"]?.string : nil }
        if !kinds.isEmpty {
            return Recognised(confidence: .certain, reasons: ["it has apiVersion and kind: \(kinds.prefix(3).joined(separator: ", "))"])
        }
        let text = source.bytes.prefix(1 << 16).split(separator: 0x0A)
        guard text.contains(where: { $0.starts(with: "apiVersion:".utf8) }), text.contains(where: { $0.starts(with: "kind:".utf8) }) else {
            return nil
        }
        return Recognised(confidence: .likely, reasons: ["lines begin with apiVersion: and kind:"])
    }

    struct Recognised {
        let confidence: Recognition.Confidence
        let reasons: [String]
    }
}

/// What a manifest is translated for.
public struct ManifestOptions: Sendable, Hashable {
    /// What a cluster does with a pod that says nothing.
    public enum ClusterDefault: String, Sendable, CaseIterable {
        /// It cannot be known from the manifest.
        case unknown
        /// A runtime on the host's own kernel: CRI-O's `default_workload_trust = "trusted"`, containerd.
        case shared
        /// A virtual machine: CRI-O's `default_workload_trust = "untrusted"`, frakti.
        case sandboxed
    }

    /// The runtime class that takes the place of the annotations.
    public let runtimeClass: String
    /// The name of the runtime in the configuration of containerd or CRI-O.
    public let handler: String
    /// What the old cluster did with pods that said nothing.
    public let clusterDefault: ClusterDefault

    /// `kata`, for a cluster that is not known.
    public static let standard = ManifestOptions(valid: "kata", "kata", .unknown)

    /// Nil unless class and handler are names that Kubernetes takes.
    public init?(runtimeClass: String = "kata", handler: String? = nil, clusterDefault: ClusterDefault = .unknown) {
        let handler = handler ?? runtimeClass
        guard KubernetesName.isSubdomain(runtimeClass), KubernetesName.isLabel(handler) else { return nil }
        self.init(valid: runtimeClass, handler, clusterDefault)
    }

    private init(valid runtimeClass: String, _ handler: String, _ clusterDefault: ClusterDefault) {
        self.runtimeClass = runtimeClass
        self.handler = handler
        self.clusterDefault = clusterDefault
    }
}

/// A manifest with what has to change in it.
public struct ManifestTranslation: Sendable {
    /// The manifest.
    public let source: SourceText
    /// The changes; without any, it can stay as it is or nothing can be done, which is then reported.
    public let edits: [TextEdit]
    /// What was decided for every pod and pod template, in the order of the file.
    public let pods: [PodVerdict]
    /// The runtime class that the pods ask for, to be created once in the cluster; nil where none does or the file has it.
    public let runtimeClass: YAMLEmission?
    /// Findings in the order of the file.
    public let diagnostics: [Diagnostic]

    /// The manifest after the changes.
    public var edited: [UInt8] {
        guard let bytes = source.applying(edits) else { preconditionFailure("the edits were made for this text and do not overlap") }
        return bytes
    }
}

/// What was decided for a pod.
public struct PodVerdict: Sendable, Hashable {
    /// Where its containers run.
    public enum Isolation: String, Sendable {
        /// In a virtual machine.
        case sandboxed
        /// On the host's own kernel.
        case shared
        /// Wherever the cluster puts pods that say nothing.
        case clusterDefault
        /// What the manifest says cannot be kept, and it was left alone.
        case undecided
    }

    /// `Deployment web`.
    public let owner: String
    /// The specification's key, or the whole document.
    public let range: SourceRange
    /// Where it ran, and is to run.
    public let isolation: Isolation
}
