// SPDX-License-Identifier: Apache-2.0
public import KataText

/// Files of the old systems that are no configuration: Kubernetes manifests and pod files of hyperd.
public enum Documents {
    /// What such a file is.
    public enum Kind: String, Sendable, CaseIterable {
        /// Kubernetes manifests, edited in place.
        case manifest
        /// A pod file of hyperd, translated to manifests.
        case hyperPod
    }

    /// What speaks for a file being one.
    public struct Recognition: Sendable {
        /// Which one.
        public let kind: Kind
        /// How sure it is.
        public let confidence: Compat.Recognition.Confidence
        /// What was seen, one clause each.
        public let reasons: [String]
    }

    /// What a file becomes.
    public struct Translation: Sendable {
        /// What it was read as.
        public let kind: Kind
        /// The file.
        public let source: SourceText
        /// The changes of a manifest; empty for a pod file, which becomes a new file.
        public let edits: [TextEdit]
        /// The file after the changes, or the manifests in its place; nil where nothing can be made of it.
        public let result: [UInt8]?
        /// What has to be created in the cluster besides.
        public let addition: YAMLEmission?
        /// Findings in the order of the file.
        public let diagnostics: [Diagnostic]

        /// The result as changes of the file: `edits`, or one that takes all of a pod file; nil where nothing can be made of it.
        public var changes: [TextEdit]? {
            guard let result else { return nil }
            guard kind == .hyperPod else { return edits }
            let whole = SourceRange(start: .start, end: source.position(at: source.bytes.count))
            return [TextEdit(file: source.path, range: whole, replacement: String(decoding: result, as: UTF8.self))]
        }
    }

    /// The codes that translating reports besides those of the text formats.
    public static let pages: [DiagnosticPage] = Kubernetes.pages + HyperPods.pages

    /// What a file may be; nil when it is neither.
    public static func recognise(_ source: SourceText) -> Recognition? {
        if let pod = HyperPods.recognise(source) {
            return Recognition(kind: .hyperPod, confidence: pod.confidence, reasons: pod.reasons)
        }
        return Kubernetes.recognise(source).map { Recognition(kind: .manifest, confidence: $0.confidence, reasons: $0.reasons) }
    }

    /// The file in today's form.
    public static func translation(of source: SourceText, as kind: Kind, options: ManifestOptions = .standard) -> Translation {
        switch kind {
        case .manifest:
            let manifest = Kubernetes.translation(of: source, options: options)
            let isBroken = manifest.diagnostics.contains { $0.severity == .error }
            return Translation(
                kind: kind, source: source, edits: manifest.edits, result: isBroken ? nil : manifest.edited,
                addition: manifest.runtimeClass,
                diagnostics: manifest.diagnostics)
        case .hyperPod:
            let pod = HyperPods.translation(of: source, options: options)
            return Translation(
                kind: kind, source: source, edits: [], result: pod.manifests.isEmpty ? nil : Array(pod.rendered.utf8),
                addition: pod.manifests.isEmpty ? nil : Kubernetes.runtimeClass(options), diagnostics: pod.diagnostics)
        }
    }
}
