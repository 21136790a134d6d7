// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension PodDraft {
    mutating func containers(_ whole: SourceRange) -> [YAMLEmission.Item] {
        var taken: Set<String> = []
        let limits = self.limits(whole)
        return pod.containers.enumerated().map { index, container in
            .init(.mapping(self.container(container, index, limits, &taken)))
        }
    }

    private mutating func container(
        _ container: HyperPod.Container, _ index: Int, _ limits: [Entry], _ taken: inout Set<String>
    ) -> [Entry] {
        var entries = [
            Entry("name", .string(name(of: container, index, &taken)), beside: container.name.map(origin)),
            Entry("image", .string(container.image?.value ?? ""), beside: container.image.map(origin)),
        ]
        entries += words("command", container.entrypoint) + words("args", container.command)
        if let workdir = container.workdir {
            entries.append(Entry("workingDir", .string(workdir.value), beside: origin(workdir)))
        }
        let environment = container.environment.map { name, value in
            YAMLEmission.Item(
                .mapping([Entry("name", .string(name), beside: origin(value)), Entry("value", .string(Self.literal(value.value)))]))
        }
        if !environment.isEmpty { entries.append(Entry("env", .list(environment))) }
        let ports = container.ports.map { self.port($0) } + (index == 0 ? mappedPorts() : [])
        if !ports.isEmpty { entries.append(Entry("ports", .list(ports))) }
        entries.append(Entry("resources", .mapping([Entry("limits", .mapping(limits))])))
        if let tty = container.tty?.value == true ? container.tty : pod.tty, tty.value {
            // hyperd kept the input open; with nothing on it, a shell on a terminal would end at once.
            entries += [Entry("tty", .boolean(true), beside: origin(tty)), Entry("stdin", .boolean(true))]
        }
        entries += security(container)
        let mounts = self.mounts(container)
        if !mounts.isEmpty { entries.append(Entry("volumeMounts", .list(mounts))) }
        restart(container)
        return entries
    }

    private mutating func name(of container: HyperPod.Container, _ index: Int, _ taken: inout Set<String>) -> String {
        let image = container.image.map { image in
            let last = image.value.split(separator: "/").last ?? ""
            return String(last.prefix { $0 != ":" && $0 != "@" })
        }
        let wanted = container.name?.value ?? "\(name)-\(image ?? "")-\(index)"
        var found = KubernetesName.isLabel(wanted) ? wanted : KubernetesName.label(from: wanted) ?? "container-\(index)"
        if taken.contains(found) { found = "\(found.prefix(58))-\(index)" }
        taken.insert(found)
        if let given = container.name, given.value != found {
            let isValid = KubernetesName.isLabel(given.value)
            let rule = isValid ? "another one has its name" : "Kubernetes takes lower case letters, digits and '-'"
            report(.podRenamed, .warning, "the container is named '\(found)': \(rule)", given.range)
        }
        return found
    }

    private func words(_ key: String, _ list: [Sourced<String>]) -> [Entry] {
        guard let first = list.first else { return [] }
        // The way to the list, without the index.
        let way = first.path.split(separator: "[").dropLast().joined(separator: "[")
        return [Entry(key, .list(list.map { .init(.string(Self.literal($0.value))) }), beside: origin(first.range, way))]
    }

    /// Kubernetes replaces `$(NAME)` and makes one dollar sign of two.
    private static func literal(_ text: String) -> String {
        var result = ""
        var characters = text.unicodeScalars[...]
        while let scalar = characters.popFirst() {
            result.unicodeScalars.append(scalar)
            if scalar == "$", let next = characters.first, next == "$" || next == "(" { result += "$" }
        }
        return result
    }

    /// hyperd sized the virtual machine; here the limits of all containers together make it as large.
    private mutating func limits(_ whole: SourceRange) -> [Entry] {
        let count = Int64(max(1, pod.containers.count))
        let (vcpus, memory) = (pod.vcpus?.value ?? 1, pod.memoryMiB?.value ?? 128)
        if count > 1 {
            let message = "\(vcpus) vCPU and \(memory) MiB were for all containers together; each gets an equal part as its limit"
            report(.podResources, .warning, message, (pod.vcpus ?? pod.memoryMiB)?.range ?? whole)
        }
        let milli = vcpus * 1000 / count
        let cpu = milli % 1000 == 0 ? "\(milli / 1000)" : "\(milli)m"
        let part = count > 1 ? ", divided by \(count)" : ""
        return [
            Entry("cpu", .string(cpu), beside: (pod.vcpus.map(origin) ?? "hyperd's default") + part),
            Entry("memory", .string("\(memory / count)Mi"), beside: (pod.memoryMiB.map(origin) ?? "hyperd's default") + part),
        ]
    }

    private mutating func security(_ container: HyperPod.Container) -> [Entry] {
        var entries: [Entry] = []
        for (key, given) in [("runAsUser", container.user), ("runAsGroup", container.group)] {
            guard let given else { continue }
            if let number = Int64(given.value), number >= 0 {
                entries.append(Entry(key, .integer(number), beside: origin(given)))
            } else {
                let message = "\(given.path): Kubernetes takes users and groups by number, '\(given.value)' is left out"
                report(.podUser, .warning, message, given.range)
            }
        }
        if let readOnly = container.isReadOnly, readOnly.value {
            entries.append(Entry("readOnlyRootFilesystem", .boolean(true), beside: origin(readOnly)))
        }
        return entries.isEmpty ? [] : [Entry("securityContext", .mapping(entries))]
    }

    private mutating func restart(_ container: HyperPod.Container) {
        guard let own = container.restartPolicy, own.value.lowercased() != (pod.restartPolicy?.value.lowercased() ?? "never") else {
            return
        }
        report(.podRestart, .warning, "\(own.path): hyperd restarted whole pods only, and so does this one", own.range)
    }

    // MARK: Ports

    private func port(_ port: HyperPod.Port) -> YAMLEmission.Item {
        var entries = [Entry("containerPort", .integer(port.container.value), beside: origin(port.container))]
        if let host = port.host { entries.append(Entry("hostPort", .integer(host.value), beside: origin(host))) }
        entries.append(Entry("protocol", .string(port.networkProtocol)))
        return .init(.mapping(entries))
    }

    /// Nobody reads more, and a range of all ports takes a few bytes to write.
    private static let mostPorts = 512

    /// Mappings of the pod; ports are the pod's whichever container names them.
    private mutating func mappedPorts() -> [YAMLEmission.Item] {
        var items: [YAMLEmission.Item] = []
        for mapping in pod.portMappings {
            guard let container = Self.portRange(mapping.container.value),
                let host = mapping.host.map({ Self.portRange($0.value) }) ?? 1025...65535
            else {
                report(.podPorts, .warning, "\(mapping.container.path): this is no port or range of ports", mapping.container.range)
                continue
            }
            guard items.count + container.count <= Self.mostPorts else {
                report(
                    .podPorts, .warning, "\(mapping.container.path): \(container.count) ports are too many to list", mapping.container.range
                )
                continue
            }
            let isFixed = host.count == container.count
            if !isFixed {
                let message = "\(mapping.container.path): hyperd chose a free port of the host, Kubernetes does not; use a Service"
                report(.podPorts, .warning, message, mapping.container.range)
            }
            for (index, number) in container.enumerated() {
                var entries = [Entry("containerPort", .integer(number), beside: origin(mapping.container))]
                if isFixed { entries.append(Entry("hostPort", .integer(host.lowerBound + Int64(index)), beside: mapping.host.map(origin))) }
                entries.append(Entry("protocol", .string(mapping.networkProtocol)))
                items.append(.init(.mapping(entries)))
            }
        }
        return items
    }

    static func portRange(_ text: String) -> ClosedRange<Int64>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last, first >= 0, last <= 65535 else {
            return nil
        }
        return first...last
    }
}
