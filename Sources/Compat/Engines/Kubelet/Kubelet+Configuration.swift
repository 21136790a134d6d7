// SPDX-License-Identifier: Apache-2.0
public import KataText

extension Kubelet {
    /// The members of a KubeletConfiguration that concern the engine, with the flags that say the same (kubelet.config.k8s.io/v1beta1).
    static let members = [
        "containerRuntimeEndpoint": "--container-runtime-endpoint", "imageServiceEndpoint": "--image-service-endpoint",
        "runtimeRequestTimeout": "--runtime-request-timeout", "cgroupDriver": "--cgroup-driver", "hairpinMode": "--hairpin-mode",
        "featureGates": "--feature-gates",
    ]

    /// The settings that name an engine's socket.
    static let endpoints: Set<String> = [
        "--container-runtime-endpoint", "--image-service-endpoint", "containerRuntimeEndpoint", "imageServiceEndpoint",
    ]

    /// Whether a setting names an engine's socket.
    public static func isEndpoint(_ setting: EngineSetting) -> Bool { endpoints.contains(setting.name) }

    /// Whether a document is a KubeletConfiguration of any version.
    static func isConfiguration(_ document: YAMLNode) -> Bool {
        document["kind"]?.string == "KubeletConfiguration"
            && document["apiVersion"]?.string?.hasPrefix("kubelet.config.k8s.io/") == true
    }

    /// Whether a file holds one, perhaps among others as kubeadm's does.
    static func recognises(_ source: SourceText) -> Bool {
        source.mentions("KubeletConfiguration")
            && YAMLStream.parseJSONOrYAML(source).partial?.documents.contains(where: isConfiguration) == true
    }

    /// The edits after which the kubelet uses the engine at another socket: image service too, where that has one of its own.
    ///
    /// - Parameter sources: the files that were read.
    public static func edits(
        pointingAt endpoint: String, _ settings: [EngineSetting], in sources: [SourceText]
    ) throws(EngineEditError) -> [TextEdit] {
        let pending = settings.filter { endpoints.contains($0.name) && $0.value != endpoint }
        var edits: [TextEdit] = []
        for setting in pending where setting.name.hasPrefix("--") { edits.append(try setting.edit(changingValueTo: endpoint)) }
        for source in sources {
            let members = pending.filter { !$0.name.hasPrefix("--") && $0.file == source.path }
            if !members.isEmpty { edits += try self.edits(of: members, to: endpoint, in: source) }
        }
        return edits
    }

    private static func edits(
        of members: [EngineSetting], to endpoint: String, in source: SourceText
    ) throws(EngineEditError) -> [TextEdit] {
        guard let stream = YAMLStream.parseJSONOrYAML(source).value else { throw .unreadable(source.path) }
        let changes = stream.documents.flatMap { $0.mapping ?? [] }.map(\.value)
            .filter { node in members.contains { $0.range == node.range } }.map { YAMLChange.replace($0, with: endpoint) }
        guard let splices = stream.splices(for: changes) else { throw .notSpellable(endpoint, source.path) }
        return splices.map { TextEdit(file: source.path, $0) }
    }
}

extension YAMLNode {
    /// Feature gates as the flag writes them; nil for what are none.
    var gates: String? {
        guard let mapping else { return nil }
        let words = mapping.map { member in member.key.string.flatMap { name in member.value.boolean.map { "\(name)=\($0)" } } }
        return words.contains(nil) ? nil : words.compactMap(\.self).joined(separator: ",")
    }
}
