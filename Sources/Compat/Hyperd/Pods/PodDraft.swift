// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// Manifests in the making, out of one pod.
struct PodDraft {
    typealias Entry = YAMLEmission.Entry

    let pod: HyperPod
    let isKubernetes: Bool
    let source: SourceText
    let options: ManifestOptions
    var diagnostics: [Diagnostic]
    var name = ""
    /// The volumes of the pod, those of files included.
    var volumes: [YAMLEmission.Item] = []
    let volumesByName: [String: HyperPod.Volume]
    let filesByName: [String: HyperPod.File]
    /// What each name of a volume was made for.
    private var owners: [String: String] = [:]
    /// The name that was made for each thing.
    private var names: [String: String] = [:]
    private var lastSuffix: [String: Int] = [:]
    /// Volumes, and keys of the ConfigMap, that are written or reported already.
    var done: Set<String> = []
    var fileKeys: [Entry] = []
    var binaryFileKeys: [Entry] = []
    var fileBytes = 0

    init(pod: HyperPod, isKubernetes: Bool, source: SourceText, options: ManifestOptions, diagnostics: [Diagnostic]) {
        self.pod = pod
        volumesByName = Dictionary(pod.volumes.map { ($0.name.value, $0) }) { first, _ in first }
        filesByName = Dictionary(pod.files.map { ($0.name.value, $0) }) { first, _ in first }
        self.isKubernetes = isKubernetes
        self.source = source
        self.options = options
        self.diagnostics = diagnostics
    }

    mutating func translate(_ whole: SourceRange) -> [YAMLEmission] {
        check(whole)
        name = podName(whole)
        // Containers first: they make the volumes of their files.
        let containers = self.containers(whole)
        let spec = self.spec(containers)
        var metadata = [Entry("name", .string(name), beside: pod.name.map(origin))]
        let labels = self.labels()
        if !labels.isEmpty { metadata.append(Entry("labels", .mapping(labels))) }
        let document = YAMLEmission(
            preface: configMaps().isEmpty ? preface : [],
            root: [Entry("apiVersion", .string("v1")), Entry("kind", .string("Pod")), Entry("metadata", .mapping(metadata)), spec])
        if diagnostics.contains(where: { $0.severity == .error }) { return [] }
        return configMaps() + [document] + services() + networkPolicies()
    }

    private var preface: [String] {
        ["Translated from \(source.path.string), a pod file of hyperd.", "What was lost on the way was reported."]
    }

    /// What hyperd refused besides values of wrong types.
    private mutating func check(_ whole: SourceRange) {
        if pod.containers.isEmpty { report(.podRefused, .error, "a pod needs a container; hyperd refused it", whole) }
        for container in pod.containers where container.image == nil {
            report(.podRefused, .error, "\(container.path) needs an image; hyperd refused it", container.range)
        }
        if let hostname = pod.hostname {
            if hostname.value.utf8.count > 63 {
                report(.podRefused, .error, "the hostname has more than 63 characters; hyperd refused it", hostname.range)
            } else if !KubernetesName.isSubdomain(hostname.value) {
                report(.podRefused, .error, "the hostname is no name of DNS; hyperd refused it", hostname.range)
            }
        }
        for (what, names) in [("volumes", pod.volumes.map(\.name)), ("files", pod.files.map(\.name))] {
            var seen: Set<String> = []
            for name in names where !seen.insert(name.value).inserted {
                report(.podRefused, .error, "two \(what) are named '\(name.value)'; hyperd refused it", name.range)
            }
        }
    }

    private mutating func podName(_ whole: SourceRange) -> String {
        let stem = source.path.lastComponent?.stem ?? "pod"
        guard let given = pod.name else {
            let name = KubernetesName.label(from: stem) ?? "pod"
            report(.podRenamed, .warning, "the pod has no id; hyperd made one up, '\(name)' is taken from the file's name", whole)
            return name
        }
        if KubernetesName.isLabel(given.value) { return given.value }
        let name = KubernetesName.label(from: given.value) ?? "pod"
        report(.podRenamed, .warning, "the pod is named '\(name)': Kubernetes takes lower case letters, digits and '-'", given.range)
        return name
    }

    private mutating func labels() -> [Entry] {
        var entries: [Entry] = []
        for (key, value) in pod.labels {
            if KubernetesName.isQualified(key), KubernetesName.isLabelValue(value.value) {
                entries.append(Entry(key, .string(value.value), beside: origin(value)))
            } else {
                report(.lostPodKey, .warning, "label '\(key)' is not carried over: Kubernetes takes no such label", value.range)
            }
        }
        // The policy that takes the place of the white lists finds the pod by it.
        if !pod.internalNetworks.isEmpty || !pod.externalNetworks.isEmpty, !entries.contains(where: { $0.key == Self.nameLabel }) {
            entries.append(Entry(Self.nameLabel, .string(name), beside: "for the NetworkPolicy below"))
        }
        return entries
    }

    static let nameLabel = "app.kubernetes.io/name"

    private mutating func spec(_ containers: [YAMLEmission.Item]) -> Entry {
        var entries = [
            Entry("runtimeClassName", .string(options.runtimeClass), beside: "hyperd ran every pod in a virtual machine"),
            Entry(
                "restartPolicy", .string(restartPolicy()),
                beside: pod.restartPolicy.map(origin) ?? "what hyperd did, Kubernetes' default is Always"),
        ]
        if let hostname = pod.hostname {
            if KubernetesName.isLabel(hostname.value) {
                entries.append(Entry("hostname", .string(hostname.value), beside: origin(hostname)))
            } else {
                report(.lostPodKey, .warning, "hostname is not carried over: Kubernetes takes no dots in it", hostname.range)
            }
        }
        entries += resolver()
        entries.append(Entry("automountServiceAccountToken", .boolean(false), beside: "hyperd gave none"))
        entries.append(Entry("enableServiceLinks", .boolean(false), beside: "hyperd set no variables of its own"))
        entries += podSecurity()
        entries.append(Entry("containers", .list(containers)))
        let volumes = self.volumes
        if !volumes.isEmpty { entries.append(Entry("volumes", .list(volumes))) }
        return Entry("spec", .mapping(entries))
    }

    private mutating func restartPolicy() -> String {
        guard let given = pod.restartPolicy else { return "Never" }
        switch given.value.lowercased() {
        case "always": return "Always"
        case "onfailure": return "OnFailure"
        case "never": return "Never"
        default:
            report(.podRestart, .warning, "hyperd knew no restart policy '\(given.value)' and restarted nothing", given.range)
            return "Never"
        }
    }

    private func resolver() -> [Entry] {
        // Without dns, hyperd copied the host's resolv.conf.
        let policy = pod.nameservers.isEmpty ? "Default" : "None"
        let reason = pod.nameservers.first.map(origin) ?? "hyperd took the host's resolv.conf, Kubernetes' default is ClusterFirst"
        var config: [Entry] = []
        func strings(_ key: String, _ list: [Sourced<String>]) {
            if !list.isEmpty { config.append(Entry(key, .list(list.map { .init(.string($0.value), beside: origin($0)) }))) }
        }
        strings("nameservers", pod.nameservers)
        strings("searches", pod.searchDomains)
        if !pod.resolverOptions.isEmpty {
            let options = pod.resolverOptions.map { option -> YAMLEmission.Item in
                let parts = option.value.split(separator: ":", maxSplits: 1)
                var entries = [Entry("name", .string(parts.first.map(String.init) ?? option.value), beside: origin(option))]
                if parts.count == 2 { entries.append(Entry("value", .string(String(parts[1])))) }
                return .init(.mapping(entries))
            }
            config.append(Entry("options", .list(options)))
        }
        let entry = Entry("dnsPolicy", .string(policy), beside: reason)
        return config.isEmpty ? [entry] : [entry, Entry("dnsConfig", .mapping(config))]
    }

    /// What Kubernetes says once for all containers.
    private mutating func podSecurity() -> [Entry] {
        var entries: [Entry] = []
        var groups: [YAMLEmission.Item] = []
        var sysctls: [String: Sourced<String>] = [:]
        for container in pod.containers {
            for group in container.additionalGroups {
                if let number = Int64(group.value) {
                    if !groups.contains(where: { $0.value == .integer(number) }) {
                        groups.append(.init(.integer(number), beside: origin(group)))
                    }
                } else {
                    report(
                        .podUser, .warning, "\(group.path): Kubernetes takes groups by number, '\(group.value)' is left out", group.range)
                }
            }
            for (key, value) in container.sysctls {
                if let earlier = sysctls.updateValue(value, forKey: key), earlier.value != value.value {
                    report(.podSysctl, .warning, "\(value.path): a pod has one value, the last one is taken", value.range)
                }
            }
        }
        if !groups.isEmpty { entries.append(Entry("supplementalGroups", .list(groups))) }
        if let first = sysctls.values.min(by: { $0.range.start < $1.range.start }) {
            let message = "sysctls belong to the whole pod; kubelet allows all but a few only with --allowed-unsafe-sysctls"
            report(.podSysctl, .warning, message, first.range)
            let items = sysctls.sorted { $0.value.range.start < $1.value.range.start }.map { key, value in
                YAMLEmission.Item(.mapping([Entry("name", .string(key), beside: origin(value)), Entry("value", .string(value.value))]))
            }
            entries.append(Entry("sysctls", .list(items)))
        }
        return entries.isEmpty ? [] : [Entry("securityContext", .mapping(entries))]
    }

    // MARK: Words

    /// `web.pod:3 containers[0].image`.
    func origin(_ sourced: Sourced<some Sendable>) -> String { origin(sourced.range, sourced.path) }

    func origin(_ range: SourceRange, _ way: String) -> String {
        "\(source.path.lastComponent?.string ?? ""):\(range.start.line) \(way)"
    }

    mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }

    /// A label for `text` that no other text of this pod has.
    mutating func uniqueName(for text: String, prefix: String = "") -> String {
        let owner = prefix + text
        if let name = names[owner] { return name }
        let base = KubernetesName.label(from: owner) ?? "volume"
        var name = base
        while owners[name] != nil {
            let number = lastSuffix[base, default: 1] + 1
            lastSuffix[base] = number
            let suffix = "-\(number)"
            name = base.prefix(63 - suffix.utf8.count) + suffix
        }
        owners[name] = owner
        names[owner] = name
        return name
    }

    func configMaps() -> [YAMLEmission] {
        guard !fileKeys.isEmpty || !binaryFileKeys.isEmpty else { return [] }
        var root = [
            Entry("apiVersion", .string("v1")), Entry("kind", .string("ConfigMap")),
            Entry("metadata", .mapping([Entry("name", .string(configMapName))])),
        ]
        if !fileKeys.isEmpty { root.append(Entry("data", .mapping(fileKeys))) }
        if !binaryFileKeys.isEmpty { root.append(Entry("binaryData", .mapping(binaryFileKeys))) }
        return [YAMLEmission(preface: preface, root: root)]
    }

    var configMapName: String { "\(name)-files" }
}
