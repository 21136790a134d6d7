// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension Virtcontainers {
    /// What the runtime attached to containers itself.
    enum OwnAnnotation: String {
        /// The whole specification as text, which is the only faithful record of it.
        case specification = "config"
        case bundle = "bundle_path"
        case containerType = "container_type"

        /// Clear Containers and Kata up to 1.8, Kata 1.9, Kata since 1.10.
        var keys: [String] {
            ["com.github.containers.virtcontainers", "io.kata-containers", "io.katacontainers"].map { "\($0).pkg.oci.\(rawValue)" }
        }
    }

    static func find(_ annotation: OwnAnnotation, in annotations: [String: String]) -> String? {
        annotation.keys.lazy.compactMap { annotations[$0] }.first
    }

    static func take(_ annotation: OwnAnnotation, from annotations: inout [String: String]) -> String? {
        let found = find(annotation, in: annotations)
        for key in annotation.keys { annotations[key] = nil }
        return found
    }
}

extension RecordReading {
    /// The containers that the sandbox lists, then those that only have a directory.
    mutating func containers(
        _ place: Place, _ configuration: Part, _ contents: Contents, _ processes: inout [RecordedProcess]
    ) -> [LegacyContainer] {
        var containers: [LegacyContainer] = []
        var seen: Set<FilePath.Component> = []
        for listed in parts("Containers", of: configuration) {
            let range = listed.value["ID"]?.range
            guard let text = text("ID", of: listed), let name = component(text, in: listed.file, range) else { continue }
            if seen.insert(name).inserted {
                containers.append(container(name, place, listed, contents, &processes))
            }
        }
        for name in contents.containers where !seen.contains(name) {
            containers.append(container(name, place, nil, contents, &processes))
        }
        return containers
    }

    private mutating func container(
        _ name: FilePath.Component, _ place: Place, _ listed: Part?, _ contents: Contents, _ processes: inout [RecordedProcess]
    ) -> LegacyContainer {
        let id = LegacyContainerID(rawValue: name.string)
        let run = place.run.appending(name)
        let file = place.configuration.appending(name).appending("config.json")
        // The container's own file is the newer one: the sandbox's is not written again when a container changes.
        let own = record(file, limit: RecordLimits.configuration)
        if own == nil, listed == nil {
            report(.leftOver, .warning, "container '\(id)' of sandbox \(place.id) has a directory and no configuration", file)
        }
        let part = own ?? listed
        let process = record(run.appending("process.json"))
        let noted = text("StartTime", of: process)
        if let shim = self.process(.shim, "Pid", of: process, container: id, noted: noted) { processes.append(shim) }
        var annotations = table("Annotations", of: part)
        let spec = Virtcontainers.take(.specification, from: &annotations)
        let state = record(run.appending("state.json"))
        return LegacyContainer(
            id: id, state: self.state(of: state, hasRunDirectory: contents.hasRunDirectory),
            isSandboxContainer: Virtcontainers.find(.containerType, in: annotations) == "pod_sandbox",
            bundle: Virtcontainers.find(.bundle, in: annotations).flatMap(usablePath), rootfs: path("RootFs", of: part),
            isRootfsReadOnly: flag("ReadonlyRootfs", of: part),
            spec: spec.map { SourceText(path: FilePath("\(file.string)#spec"), text: $0) }, annotations: annotations,
            mounts: mounts(run, part), devices: devices(run))
    }

    /// What was mounted is in a file of its own; the configuration has what was asked for.
    private mutating func mounts(_ run: FilePath, _ part: Part?) -> [LegacyMount] {
        mounts(records(run.appending("mounts.json")) ?? parts("Mounts", of: part))
    }

    mutating func mounts(_ found: [Part]) -> [LegacyMount] {
        found.compactMap { mount in
            guard let destination = path("Destination", of: mount) else { return nil }
            return LegacyMount(
                source: text("Source", of: mount) ?? "", destination: destination, type: text("Type", of: mount) ?? "",
                options: texts("Options", of: mount), hostPath: path("HostPath", of: mount), isReadOnly: flag("ReadOnly", of: mount))
        }
    }

    private mutating func devices(_ run: FilePath) -> [LegacyDevice] {
        (records(run.appending("devices.json")) ?? []).compactMap { device in
            let node = part("DeviceInfo", of: part("Data", of: device))
            guard let hostPath = path("HostPath", of: node), let containerPath = path("ContainerPath", of: node) else { return nil }
            return LegacyDevice(
                type: text("Type", of: device) ?? "", hostPath: hostPath, containerPath: containerPath,
                major: number("Major", of: node) ?? 0, minor: number("Minor", of: node) ?? 0)
        }
    }

    /// Who made the sandbox: Kubernetes' engines sign the specification, docker has its hook and directories.
    mutating func owner(_ containers: [LegacyContainer], _ hooks: [LegacyHook], _ bundle: FilePath?) -> LegacyOwner {
        let signatures: [(String, LegacyOwner)] = [
            ("io.kubernetes.cri.container-type", .containerd), ("io.kubernetes.cri-o.ContainerType", .crio),
            ("io.kubernetes.docker.type", .dockershim), ("io.podman.annotations.autoremove", .podman), ("io.container.manager", .podman),
        ]
        for container in containers {
            guard let spec = container.spec, let root = JSONDocument.parse(spec).partial?.root else { continue }
            let keys = Set(root["annotations"]?.object?.map(\.key) ?? [])
            if let owner = signatures.first(where: { keys.contains($0.0) })?.1 { return owner }
        }
        if hooks.contains(where: { $0.arguments.contains("libnetwork-setkey") }) { return .docker }
        // Kata since 1.9 does not record the specification.
        return bundle.flatMap { LegacyOwner(bundle: $0) } ?? .unknown
    }
}
