// SPDX-License-Identifier: Apache-2.0

/// The keys of one object of a pod file, of every release (types.proto and userpod.go of hyperd 0.4 to 1.1).
struct PodKeys {
    /// What becomes of a key.
    enum Fate {
        /// It says this in the manifests.
        case carried(String)
        /// Nothing takes its place, for this reason.
        case lost(String)
        /// It said nothing to hyperd either.
        case idle
    }

    /// The way to the object.
    let way: String
    /// In the spelling of the last release; Go compares them without case.
    let keys: [String: Fate]

    static let all = [
        pod, resource, container, user, environment, port, mount, fileUse, file, volume, volumeOption, service, backend, portMapping,
        whiteLists,
    ]

    /// Lost keys about which more is said where their objects are translated.
    static let reportedLater: Set<String> = ["serviceIP", "user", "group"]

    static let pod = PodKeys(
        way: "",
        keys: [
            "id": .carried("metadata.name"), "hostname": .carried("spec.hostname"),
            "restartPolicy": .carried("spec.restartPolicy, Never without it"),
            "tty": .carried("tty and stdin of each container"), "labels": .carried("metadata.labels"), "resource": .carried("see below"),
            "dns": .carried("dnsConfig.nameservers; without it dnsPolicy is Default"), "dnsOptions": .carried("dnsConfig.options"),
            "dnsSearch": .carried("dnsConfig.searches"), "containers": .carried("spec.containers"),
            "files": .carried("a ConfigMap, or hostPath"),
            "volumes": .carried("spec.volumes"), "services": .carried("Services with EndpointSlices"),
            "portmappings": .carried("ports of the first container"), "portmappingWhiteLists": .carried("a NetworkPolicy"), "type": .idle,
            "log": .lost("kubelet and the container engine of the node keep the logs"),
            "interfaces": .lost("the network plugin of the cluster makes interfaces and gives addresses"),
        ])
    static let container = PodKeys(
        way: "containers[]",
        keys: [
            "name": .carried("name"), "image": .carried("image"), "workdir": .carried("workingDir"), "restartPolicy": .idle,
            "tty": .carried("tty and stdin"), "sysctl": .carried("spec.securityContext.sysctls"), "envs": .carried("env"),
            "command": .carried("args"), "entrypoint": .carried("command"), "ports": .carried("ports"), "volumes": .carried("volumeMounts"),
            "files": .carried("volumeMounts"), "user": .carried("securityContext"),
            "readonly": .carried("securityContext.readOnlyRootFilesystem"),
            "id": .idle, "labels": .lost("labels belong to pods"),
            "StopSignal": .lost("the image says it; lifecycle.stopSignal needs Kubernetes 1.33"),
            "ulimits": .lost("the container engine of the node sets them for all containers"),
            "logPath": .lost("kubelet chooses the path"),
        ])
    static let user = PodKeys(
        way: "containers[].user",
        keys: [
            "name": .carried("runAsUser, if a number"), "group": .carried("runAsGroup, if a number"),
            "additionalGroups": .carried("spec.securityContext.supplementalGroups, numbers only"),
        ])
    static let environment = PodKeys(way: "containers[].envs[]", keys: ["env": .carried("name"), "value": .carried("value")])
    static let port = PodKeys(
        way: "containers[].ports[]",
        keys: [
            "hostPort": .carried("hostPort"), "containerPort": .carried("containerPort"), "protocol": .carried("protocol"),
            "servicePort": .lost("a Service of the cluster gives it"),
        ])
    static let mount = PodKeys(
        way: "containers[].volumes[]",
        keys: [
            "path": .carried("mountPath"), "volume": .carried("name"), "readOnly": .carried("readOnly"),
            "detail": .carried("a volume, see below"),
        ])
    static let fileUse = PodKeys(
        way: "containers[].files[]",
        keys: [
            "path": .carried("mountPath"), "filename": .carried("subPath"), "perm": .carried("defaultMode, 0755 without it"),
            "user": .lost("files of a ConfigMap belong to root"), "group": .lost("files of a ConfigMap belong to root"),
            "detail": .carried("a file, see below"),
        ])
    static let resource = PodKeys(
        way: "resource",
        keys: [
            "vcpu": .carried("limits.cpu, divided among the containers; 1 without it"),
            "memory": .carried("limits.memory, divided among the containers; 128Mi without it"),
        ])
    static let file = PodKeys(
        way: "files[]",
        keys: [
            "name": .carried("the key of the ConfigMap"), "encoding": .carried("data or binaryData"),
            "uri": .carried("hostPath for file:, else reported"), "content": .carried("the value in the ConfigMap"),
        ])
    static let volume = PodKeys(
        way: "volumes[]",
        keys: [
            "name": .carried("name"), "source": .carried("hostPath, nfs, rbd; emptyDir without it"),
            "format": .carried("the kind of volume; raw, qcow2 and vdi are reported"),
            // The first releases' word.
            "driver": .carried("the same as format"), "fstype": .carried("nfs; others of nas are reported"), "option": .carried("rbd"),
            "cache": .lost("the storage of the cluster chooses its cache"),
        ])
    static let volumeOption = PodKeys(
        way: "volumes[].option",
        keys: [
            "monitors": .carried("rbd.monitors"), "user": .carried("rbd.user"), "keyring": .carried("rbd.keyring"),
            "bytespersec": .lost("Kubernetes does not limit the rate of volumes"),
            "iops": .lost("Kubernetes does not limit the rate of volumes"),
        ])
    static let service = PodKeys(
        way: "services[]",
        keys: [
            "serviceIP": .lost("the cluster gives a Service its address"), "servicePort": .carried("port"),
            "protocol": .carried("protocol"),
            "hosts": .carried("EndpointSlices"),
        ])
    static let backend = PodKeys(
        way: "services[].hosts[]", keys: ["hostIP": .carried("endpoints[].addresses"), "hostPort": .carried("ports[].port")])
    static let portMapping = PodKeys(
        way: "portmappings[]",
        keys: [
            "containerPort": .carried("containerPort, each of a range"), "hostPort": .carried("hostPort, each of a range"),
            "protocol": .carried("protocol"),
        ])
    static let whiteLists = PodKeys(
        way: "portmappingWhiteLists",
        keys: [
            "internalNetworks": .carried("ingress from these to all ports"),
            "externalNetworks": .carried("ingress from these to mapped ports"),
        ])
}

extension HyperPods {
    /// Every key of a pod file, and in words what becomes of it.
    public static var keys: [(key: String, fate: String)] {
        PodKeys.all.flatMap { object in
            object.keys.sorted { $0.key < $1.key }.map { key, fate in
                let words =
                    switch fate {
                    case .carried(let target): target
                    case .lost(let reason): "not carried over: \(reason)"
                    case .idle: "hyperd did nothing with it"
                    }
                return (object.way.isEmpty ? key : "\(object.way).\(key)", words)
            }
        }
    }
}
