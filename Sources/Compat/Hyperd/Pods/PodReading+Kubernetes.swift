// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension PodReading {
    /// A Kubernetes pod of 2015 as `hyperctl run -k` took it: everything that is not read here, it read past.
    mutating func kubernetesPod(_ root: YAMLNode) -> HyperPod? {
        guard let spec = root["spec"], spec.mapping != nil else {
            report(.podRefused, .error, "a pod needs a spec; hyperctl refused it", root.range)
            return nil
        }
        var pod = HyperPod()
        pod.name = sourced(root["metadata"]?["name"], "metadata.name")
        pod.labels = (root["metadata"]?["labels"]?.mapping ?? []).compactMap { member in
            guard let name = member.key.scalarText else { return nil }
            return sourced(member.value, "metadata.labels.\(name)").map { (name, $0) }
        }
        // Only these spellings counted; everything else was never.
        pod.restartPolicy = sourced(spec["restartPolicy"], "spec.restartPolicy").flatMap { policy in
            ["Never", "Always", "OnFailure"].contains(policy.value) ? policy : nil
        }
        pod.tty = Sourced(value: true, range: root.range, path: "hyperctl -k")
        pod.volumes = (spec["volumes"]?.sequence ?? []).enumerated().compactMap { index, node in
            guard let name = sourced(node["name"], "spec.volumes[\(index)].name") else { return nil }
            var volume = HyperPod.Volume(name: name)
            volume.source = sourced(node["source"]?["hostDir"]?["path"], "spec.volumes[\(index)].source.hostDir.path")
            volume.format = volume.source?.map { _ in "vfs" }
            return volume
        }
        for (index, node) in (spec["containers"]?.sequence ?? []).enumerated() {
            pod.containers.append(kubernetesContainer(node, "spec.containers[\(index)]"))
        }
        return pod
    }

    private func kubernetesContainer(_ node: YAMLNode, _ path: String) -> HyperPod.Container {
        func strings(_ key: String) -> [Sourced<String>] {
            (node[key]?.sequence ?? []).enumerated().compactMap { sourced($1, "\(path).\(key)[\($0)]") }
        }
        var container = HyperPod.Container(path: path, range: node.range)
        container.name = sourced(node["name"], "\(path).name")
        container.image = sourced(node["image"], "\(path).image")
        container.workdir = sourced(node["workingDir"], "\(path).workingDir")
        container.entrypoint = strings("command")
        container.command = strings("args")
        container.environment = (node["env"]?.sequence ?? []).enumerated().compactMap { index, entry in
            guard let name = entry["name"], let text = name.string else { return nil }
            let value = entry["value"]
            return (text, Sourced(value: value?.string ?? "", range: (value ?? name).range, path: "\(path).env[\(index)]"))
        }
        container.ports = (node["ports"]?.sequence ?? []).enumerated().compactMap { index, entry in
            guard let number = entry["containerPort"], let value = number.integer else { return nil }
            let way = "\(path).ports[\(index)]"
            let host = entry["hostPort"].flatMap { node in
                node.integer.map { Sourced(value: $0, range: node.range, path: "\(way).hostPort") }
            }
            return HyperPod.Port(
                container: Sourced(value: value, range: number.range, path: "\(way).containerPort"), host: host,
                networkProtocol: entry["protocol"]?.string?.uppercased() ?? "TCP")
        }
        container.mounts = (node["volumeMounts"]?.sequence ?? []).enumerated().compactMap { index, entry in
            guard let volume = sourced(entry["name"], "\(path).volumeMounts[\(index)].name"),
                let mountPath = sourced(entry["mountPath"], "\(path).volumeMounts[\(index)].mountPath")
            else { return nil }
            return HyperPod.Mount(volume: volume, path: mountPath, isReadOnly: entry["readOnly"]?.boolean ?? false)
        }
        return container
    }

    private func sourced(_ node: YAMLNode?, _ path: String) -> Sourced<String>? {
        guard let node, let text = node.string, !text.isEmpty else { return nil }
        return Sourced(value: text, range: node.range, path: path)
    }
}
