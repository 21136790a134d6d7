// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension PodReading {
    /// What the file says, as far as it can be read; what hyperd refused is reported.
    mutating func pod(_ root: YAMLNode) -> HyperPod? {
        guard let object = object(root, "", .pod) else { return nil }
        var pod = HyperPod()
        // `name` had no effect, but says what was meant.
        pod.name =
            text(object, "id")
            ?? root["name"].flatMap { name in
                name.string.map { Sourced(value: $0, range: name.range, path: "name") }
            }
        pod.hostname = text(object, "hostname")
        pod.restartPolicy = text(object, "restartPolicy")
        pod.tty = boolean(object, "tty")
        pod.labels = pairs(object, "labels")
        if let node = object.value("resource"), let resource = self.object(node, "resource", .resource) {
            pod.vcpus = integer(resource, "vcpu")
            pod.memoryMiB = integer(resource, "memory")
        }
        (pod.nameservers, pod.resolverOptions, pod.searchDomains) =
            (strings(object, "dns"), strings(object, "dnsOptions"), strings(object, "dnsSearch"))
        pod.files = objects(object, "files", .file).compactMap { file($0) }
        pod.volumes = objects(object, "volumes", .volume).compactMap { volume($0) }
        for container in objects(object, "containers", .container) { pod.containers.append(self.container(container, &pod)) }
        pod.services = objects(object, "services", .service).compactMap { service($0) }
        pod.portMappings = objects(object, "portmappings", .portMapping).compactMap { portMapping($0) }
        if let node = object.value("portmappingWhiteLists"), let lists = self.object(node, "portmappingWhiteLists", .whiteLists) {
            pod.internalNetworks = strings(lists, "internalNetworks")
            pod.externalNetworks = strings(lists, "externalNetworks")
        }
        return pod
    }

    private mutating func file(_ object: Object) -> HyperPod.File? {
        guard let name = text(object, "name") else {
            report(.podRefused, .error, "\(object.path) has no name; hyperd refused it", object.range)
            return nil
        }
        knownFiles.insert(name.value)
        return HyperPod.File(
            name: name, encoding: text(object, "encoding"), uri: text(object, "uri"), content: string(object, "content"))
    }

    private mutating func volume(_ object: Object) -> HyperPod.Volume? {
        guard let name = text(object, "name") else {
            report(.podRefused, .error, "\(object.path) has no name; hyperd refused it", object.range)
            return nil
        }
        knownVolumes.insert(name.value)
        var volume = HyperPod.Volume(name: name, source: text(object, "source"))
        volume.format = text(object, "format") ?? text(object, "driver")
        volume.fstype = text(object, "fstype")
        if let node = object.value("option"), let option = self.object(node, object.way("option"), .volumeOption) {
            volume.monitors = strings(option, "monitors")
            volume.user = text(option, "user")
            volume.keyring = text(option, "keyring")
        }
        return volume
    }

    private mutating func container(_ object: Object, _ pod: inout HyperPod) -> HyperPod.Container {
        var container = HyperPod.Container(path: object.path, range: object.range)
        container.name = text(object, "name")
        container.image = text(object, "image")
        container.workdir = text(object, "workdir")
        container.restartPolicy = text(object, "restartPolicy")
        container.tty = boolean(object, "tty")
        container.isReadOnly = boolean(object, "readonly")
        container.command = strings(object, "command")
        container.entrypoint = strings(object, "entrypoint")
        container.sysctls = pairs(object, "sysctl")
        container.environment = objects(object, "envs", .environment).compactMap { entry in
            guard let name = text(entry, "env") else { return nil }
            return (name.value, string(entry, "value") ?? name.map { _ in "" })
        }
        container.ports = objects(object, "ports", .port).compactMap { entry in
            guard let number = integer(entry, "containerPort") else { return nil }
            let networkProtocol = text(entry, "protocol")?.value.uppercased() ?? "TCP"
            return HyperPod.Port(container: number, host: integer(entry, "hostPort"), networkProtocol: networkProtocol)
        }
        for entry in objects(object, "volumes", .mount) {
            if let mount = mount(entry, &pod) { container.mounts.append(mount) }
        }
        for entry in objects(object, "files", .fileUse) {
            if let use = fileUse(entry, &pod) { container.files.append(use) }
        }
        if let node = object.value("user"), let user = self.object(node, object.way("user"), .user) {
            container.user = text(user, "name")
            container.group = text(user, "group")
            container.additionalGroups = strings(user, "additionalGroups")
        }
        return container
    }

    /// A volume may be described where it is used.
    private mutating func mount(_ object: Object, _ pod: inout HyperPod) -> HyperPod.Mount? {
        if let node = object.value("detail"), let detail = self.object(node, object.way("detail"), .volume), let volume = volume(detail) {
            pod.volumes.append(volume)
        }
        guard let name = text(object, "volume"), let path = text(object, "path") else {
            report(.podRefused, .error, "\(object.path) needs volume and path; hyperd refused it", object.range)
            return nil
        }
        guard knownVolumes.contains(name.value) else {
            let hint = suggestion(for: name.value, in: knownVolumes.sorted().prefix(100))
            report(.podRefused, .error, "no volume is named '\(name.value)'\(hint); hyperd refused it", name.range)
            return nil
        }
        return HyperPod.Mount(volume: name, path: path, isReadOnly: boolean(object, "readOnly")?.value ?? false)
    }

    private mutating func fileUse(_ object: Object, _ pod: inout HyperPod) -> HyperPod.FileUse? {
        if let node = object.value("detail"), let detail = self.object(node, object.way("detail"), .file), let file = file(detail) {
            pod.files.append(file)
        }
        guard let name = text(object, "filename"), let path = text(object, "path") else {
            report(.podRefused, .error, "\(object.path) needs filename and path; hyperd refused it", object.range)
            return nil
        }
        guard knownFiles.contains(name.value) else {
            let hint = suggestion(for: name.value, in: knownFiles.sorted().prefix(100))
            report(.podRefused, .error, "no file is named '\(name.value)'\(hint); hyperd refused it", name.range)
            return nil
        }
        return HyperPod.FileUse(
            file: name, path: path, mode: text(object, "perm"), user: text(object, "user"), group: text(object, "group"))
    }

    private mutating func service(_ object: Object) -> HyperPod.Service? {
        guard let port = integer(object, "servicePort") else { return nil }
        let networkProtocol = text(object, "protocol")?.value.uppercased() ?? "TCP"
        var service = HyperPod.Service(address: text(object, "serviceIP"), port: port, networkProtocol: networkProtocol)
        service.backends = objects(object, "hosts", .backend).compactMap { host in
            guard let address = text(host, "hostIP"), let port = integer(host, "hostPort") else { return nil }
            return (address, port.value)
        }
        return service
    }

    private mutating func portMapping(_ object: Object) -> HyperPod.PortMapping? {
        guard let container = text(object, "containerPort") else {
            report(.podPorts, .warning, "\(object.path) names no container port and opened 1025 to 65535; it is left out", object.range)
            return nil
        }
        let networkProtocol = text(object, "protocol")?.value.uppercased() ?? "TCP"
        return HyperPod.PortMapping(container: container, host: text(object, "hostPort"), networkProtocol: networkProtocol)
    }
}
