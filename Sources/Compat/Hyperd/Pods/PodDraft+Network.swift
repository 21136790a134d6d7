// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension PodDraft {
    /// hyperd's load balancer inside the pod becomes a Service of the cluster, with the backends as its endpoints.
    mutating func services() -> [YAMLEmission] {
        pod.services.enumerated().flatMap { index, service -> [YAMLEmission] in
            let serviceName = "\(name.prefix(50))-service-\(index + 1)"
            let address = service.address.map { "\($0.value):" } ?? ""
            let message =
                "the pod reached this service at \(address)\(service.port.value); it is now at \(serviceName):\(service.port.value), "
                + "for the whole cluster"
            report(.podService, .warning, message, service.port.range)
            let ports: [Entry] = [
                Entry("port", .integer(service.port.value), beside: origin(service.port)),
                Entry("protocol", .string(service.networkProtocol)),
            ]
            let object = YAMLEmission(root: [
                Entry("apiVersion", .string("v1")), Entry("kind", .string("Service")),
                Entry("metadata", .mapping([Entry("name", .string(serviceName))])),
                Entry(
                    "spec", .mapping([Entry("ports", .list([.init(.mapping(ports))]))]),
                    above: ["Without a selector: the endpoints follow."]),
            ])
            return [object] + endpoints(service, serviceName)
        }
    }

    /// One slice for each port that backends listen at, since a slice has one.
    private func endpoints(_ service: HyperPod.Service, _ serviceName: String) -> [YAMLEmission] {
        let ports = service.backends.reduce(into: [Int64]()) { if !$0.contains($1.port) { $0.append($1.port) } }
        return ports.enumerated().map { index, port in
            let backends = service.backends.filter { $0.port == port }
            let isSix = backends.contains { $0.address.value.contains(":") }
            let endpoints = backends.map { backend in
                YAMLEmission.Item(
                    .mapping([Entry("addresses", .list([.init(.string(backend.address.value), beside: origin(backend.address))]))]))
            }
            let labels = [Entry("kubernetes.io/service-name", .string(serviceName))]
            return YAMLEmission(root: [
                Entry("apiVersion", .string("discovery.k8s.io/v1")), Entry("kind", .string("EndpointSlice")),
                Entry("metadata", .mapping([Entry("name", .string("\(serviceName)-\(index + 1)")), Entry("labels", .mapping(labels))])),
                Entry("addressType", .string(isSix ? "IPv6" : "IPv4")),
                Entry(
                    "ports", .list([.init(.mapping([Entry("port", .integer(port)), Entry("protocol", .string(service.networkProtocol))]))])),
                Entry("endpoints", .list(endpoints)),
            ])
        }
    }

    /// The white lists: internal networks reach every port, external ones those that are mapped.
    mutating func networkPolicies() -> [YAMLEmission] {
        guard !pod.internalNetworks.isEmpty || !pod.externalNetworks.isEmpty else { return [] }
        func peers(_ networks: [Sourced<String>]) -> Entry {
            Entry(
                "from",
                .list(
                    networks.map { network in
                        .init(.mapping([Entry("ipBlock", .mapping([Entry("cidr", .string(network.value), beside: origin(network))]))]))
                    }))
        }
        var rules: [YAMLEmission.Item] = []
        if !pod.internalNetworks.isEmpty { rules.append(.init(.mapping([peers(pod.internalNetworks)]))) }
        if let first = pod.externalNetworks.first {
            let ports = mappedPortRanges()
            if ports.isEmpty {
                report(.podPorts, .warning, "\(first.path): without mapped ports, external networks reached none", first.range)
            } else {
                rules.append(.init(.mapping([peers(pod.externalNetworks), Entry("ports", .list(ports))])))
            }
        }
        let label = pod.labels.first { $0.name == Self.nameLabel }?.value.value ?? name
        let selector = Entry("podSelector", .mapping([Entry("matchLabels", .mapping([Entry(Self.nameLabel, .string(label))]))]))
        return [
            YAMLEmission(root: [
                Entry("apiVersion", .string("networking.k8s.io/v1")), Entry("kind", .string("NetworkPolicy")),
                Entry("metadata", .mapping([Entry("name", .string("\(name)-white-lists"))])),
                Entry(
                    "spec", .mapping([selector, Entry("policyTypes", .list([.init(.string("Ingress"))])), Entry("ingress", .list(rules))])),
            ])
        ]
    }

    private func mappedPortRanges() -> [YAMLEmission.Item] {
        let mapped = pod.portMappings.compactMap { mapping in
            Self.portRange(mapping.container.value).map {
                (range: $0, networkProtocol: mapping.networkProtocol, source: origin(mapping.container))
            }
        }
        let own = pod.containers.flatMap(\.ports).filter { $0.host != nil }.map {
            (range: $0.container.value...$0.container.value, networkProtocol: $0.networkProtocol, source: origin($0.container))
        }
        return (mapped + own).map { port in
            var entries = [Entry("port", .integer(port.range.lowerBound), beside: port.source)]
            if port.range.count > 1 { entries.append(Entry("endPort", .integer(port.range.upperBound))) }
            entries.append(Entry("protocol", .string(port.networkProtocol)))
            return .init(.mapping(entries))
        }
    }
}
