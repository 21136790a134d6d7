// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// A manifest under translation: its documents are judged one after the other, then the edits are found together.
struct ManifestDraft {
    /// The changes that one pod asks for, each with the anchors that it would change for others too.
    struct Request {
        struct Change {
            let change: YAMLChange
            /// Where the anchored values on the way to it are written.
            let anchors: Set<Int>
            /// The same for the same change of the same text.
            let identity: String

            init(_ change: YAMLChange, _ anchors: Set<Int>) {
                self.change = change
                self.anchors = anchors
                identity =
                    switch change {
                    case .insert(let key, let value, let node): "+\(key)=\(value)@\(node.definition.offsets)"
                    case .remove(let keys, let node): "-\(keys)@\(node.definition.offsets)"
                    case .replace(let node, let text): "=\(text)@\(node.definition.offsets)"
                    }
            }
        }

        let pod: KubernetesPod
        /// Which of the verdicts is about it.
        let verdict: Int
        var changes: [Change] = []
    }

    let source: SourceText
    let options: ManifestOptions
    var requests: [Request] = []
    private var verdicts: [PodVerdict] = []
    private var hasRuntimeClass = false
    private var seen: Set<Int> = []
    private var silent: [KubernetesPod] = []
    private(set) var diagnostics: [Diagnostic]

    init(source: SourceText, options: ManifestOptions, diagnostics: [Diagnostic]) {
        self.source = source
        self.options = options
        self.diagnostics = diagnostics
    }

    mutating func judge(_ document: YAMLNode) {
        if document["kind"]?.string == "RuntimeClass", document["metadata"]?["name"]?.string == options.runtimeClass {
            hasRuntimeClass = true
        }
        for pod in KubernetesPod.all(in: YAMLTrail(document)) { judge(pod) }
    }

    private mutating func judge(_ pod: KubernetesPod) {
        guard let found = annotations(of: pod) else { return decide(pod, .undecided) }
        let wishes = Set(found.map { $0.annotation.wish($0.value) }).subtracting([.nothing])
        if wishes.contains(.impossible) {
            warn(.unikernel, "\(pod.owner) asks for a unikernel, which no runtime of Kata's runs", at: found[0].trail)
            return decide(pod, .undecided)
        }
        if wishes.count > 1 {
            warn(.contradiction, "the annotations of \(pod.owner) contradict each other", at: found[0].trail)
            return decide(pod, .undecided)
        }
        guard let isolation = isolation(of: pod, wish: wishes.first, found) else { return decide(pod, .undecided) }
        request(pod, isolation, removing: found)
    }

    private mutating func decide(_ pod: KubernetesPod, _ isolation: PodVerdict.Isolation) {
        verdicts.append(PodVerdict(owner: pod.owner, range: pod.spec.node.range, isolation: isolation))
    }

    private typealias Found = (annotation: LegacyAnnotation, value: String, trail: YAMLTrail)

    /// Nil where a value is none that an API server takes.
    private mutating func annotations(of pod: KubernetesPod) -> [Found]? {
        var found: [Found] = []
        var isBroken = false
        for annotation in LegacyAnnotation.allCases {
            guard let trail = pod.annotations?.child(annotation.rawValue) else { continue }
            note(handled: trail)
            if let value = trail.node.string ?? (trail.node.isNull ? "" : nil) {
                found.append((annotation, value, trail))
            } else {
                let message = "\(annotation.rawValue) is \(trail.node.typeName), but annotations are strings; the API server refuses this"
                report(.annotationType, .error, message, trail.node.range)
                isBroken = true
            }
        }
        return isBroken ? nil : found
    }

    /// Nil where nothing of today is what the pod got.
    private mutating func isolation(of pod: KubernetesPod, wish: LegacyAnnotation.Wish?, _ found: [Found]) -> PodVerdict.Isolation? {
        let reachesHost = pod.usesHostNamespace || pod.isPrivileged
        switch wish {
        case .shared: return .shared
        case .sandboxed:
            if found.contains(where: { $0.annotation == .fraktiOSContainer }) { return reachesHost ? .shared : .sandboxed }
            if pod.usesHostNamespace {
                let message =
                    "\(pod.owner) uses a namespace of the host, which a virtual machine has not: "
                    + "containerd refused it, CRI-O ran it on the host's kernel"
                warn(.reachesHost, message, at: found[0].trail)
                return nil
            }
            if pod.isPrivileged {
                let message =
                    "\(pod.owner) has a privileged container: early releases refused it or ran it on the host's kernel, "
                    + "with a runtime class it is privileged in its virtual machine only"
                warn(.privileged, message, at: found[0].trail)
            }
            return .sandboxed
        case .nothing, .impossible, nil:
            if let trusted = found.first(where: { $0.annotation == .crioTrusted }), options.clusterDefault != .shared {
                let message =
                    "TrustedSandbox: \"true\" is what CRI-O took every pod for: where default_workload_trust was untrusted, "
                    + "\(pod.owner) ran in a virtual machine all the same"
                report(.trustedHasNoEffect, .warning, message, trusted.trail.node.range)
            }
            switch options.clusterDefault {
            case .unknown:
                if found.isEmpty, !hasClass(pod) { silent.append(pod) }
                return .clusterDefault
            case .shared: return .shared
            case .sandboxed: return reachesHost ? .shared : .sandboxed
            }
        }
    }

    private func hasClass(_ pod: KubernetesPod) -> Bool {
        pod.spec.node["runtimeClassName"].map { !$0.isNull && $0.string != "" } ?? false
    }

    private mutating func request(_ pod: KubernetesPod, _ isolation: PodVerdict.Isolation, removing found: [Found]) {
        var request = Request(pod: pod, verdict: verdicts.count)
        if let present = pod.spec.child("runtimeClassName"), hasClass(pod) {
            let isOurs = present.node.string == options.runtimeClass
            if isolation == .sandboxed && !isOurs && !found.isEmpty || isolation == .shared && isOurs && !found.isEmpty {
                let name = present.node.scalarText ?? present.node.typeName
                let message =
                    "\(pod.owner) has runtimeClassName '\(name)', but its annotations ask for "
                    + (isolation == .sandboxed ? "'\(options.runtimeClass)'" : "none")
                warn(.classConflict, message, at: present)
                return decide(pod, .undecided)
            }
        } else if isolation == .sandboxed {
            if let empty = pod.spec.child("runtimeClassName") {
                request.changes.append(.init(.replace(empty.node, with: options.runtimeClass), empty.anchors))
            } else {
                let change = YAMLChange.insert(key: "runtimeClassName", value: options.runtimeClass, into: pod.spec.node)
                request.changes.append(.init(change, pod.spec.anchors))
            }
        }
        // frakti's mark of pods outside of its machines harms nothing, and tells them from those that say nothing.
        request.changes += removals(found.filter { $0.annotation.wish($0.value) != .shared }, pod)
        decide(pod, isolation)
        if !request.changes.isEmpty { requests.append(request) }
    }

    /// The annotations go, and with the last of them the key `annotations`.
    private func removals(_ found: [Found], _ pod: KubernetesPod) -> [Request.Change] {
        var holders: [(node: YAMLNode, keys: [String], anchors: Set<Int>)] = []
        for entry in found {
            guard let holder = entry.trail.holder else { continue }
            if let index = holders.firstIndex(where: { $0.node.definition == holder.definition }) {
                holders[index].keys.append(entry.annotation.rawValue)
            } else {
                holders.append((holder, [entry.annotation.rawValue], entry.trail.anchors))
            }
        }
        return holders.map { holder in
            let isWhole = holder.node.mapping?.count == holder.keys.count
            if isWhole, let annotations = pod.annotations, annotations.node.definition == holder.node.definition,
                annotations.node.anchor == nil, annotations.node.alias == nil, let metadata = annotations.holder
            {
                return .init(.remove(keys: ["annotations"], from: metadata), annotations.anchors)
            }
            return .init(.remove(keys: holder.keys, from: holder.node), holder.anchors)
        }
    }

    // MARK: Findings

    private mutating func note(handled trail: YAMLTrail) {
        let members = trail.holder?.mapping ?? []
        guard let own = members.first(where: { $0.value.definition == trail.node.definition })?.key.string else { return }
        // With one that occurs twice, both are accounted for.
        for member in members where member.key.string == own { seen.insert(member.key.range.start.offset) }
    }

    mutating func warn(_ code: DiagnosticCode, _ message: String, at trail: YAMLTrail) {
        report(code, .warning, message, trail.node.range)
    }

    mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }

    /// Annotations where no engine looked, and texts that name one.
    mutating func reportStrays(_ stream: YAMLStream) {
        let names = Set(LegacyAnnotation.allCases.map(\.rawValue))
        var pending = stream.documents
        while let node = pending.popLast() {
            if node.alias != nil { continue }
            if let text = node.scalarText, let name = LegacyAnnotation.allCases.first(where: { text.contains($0.rawValue) }) {
                report(.namedInText, .note, "this text names \(name.rawValue), and is left alone", node.range)
            }
            pending += node.sequence ?? []
            for member in node.mapping ?? [] {
                if let key = member.key.string, names.contains(key), !seen.contains(member.key.range.start.offset) {
                    report(.stray, .warning, "\(key) stands where no engine looked for it, not in the metadata of a pod", member.key.range)
                }
                pending.append(member.value)
            }
        }
    }

    func finish(edits: [TextEdit]) -> ManifestTranslation {
        var diagnostics = self.diagnostics
        if let first = silent.first {
            let others = silent.count == 1 ? "" : " and \(silent.count - 1) more"
            let message =
                "\(first.owner)\(others) say\(silent.count == 1 ? "s" : "") nothing of a runtime; the cluster decided"
            diagnostics.append(
                Diagnostic(severity: .note, code: .silent, message: message, path: source.path, range: first.spec.node.range))
        }
        let order = diagnostics.enumerated().sorted {
            ($0.element.range?.start.offset ?? .max, $0.offset) < ($1.element.range?.start.offset ?? .max, $1.offset)
        }
        let needsClass = verdicts.contains { $0.isolation == .sandboxed } && !hasRuntimeClass
        return ManifestTranslation(
            source: source, edits: edits, pods: verdicts, runtimeClass: needsClass ? Kubernetes.runtimeClass(options) : nil,
            diagnostics: order.map(\.element))
    }

    /// A pod that cannot be edited is not decided either.
    mutating func giveUp(_ request: Request, _ code: DiagnosticCode, _ message: String) {
        warn(code, message, at: request.pod.spec)
        let verdict = verdicts[request.verdict]
        verdicts[request.verdict] = PodVerdict(owner: verdict.owner, range: verdict.range, isolation: .undecided)
    }
}
