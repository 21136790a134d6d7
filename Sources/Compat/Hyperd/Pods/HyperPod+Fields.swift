// SPDX-License-Identifier: Apache-2.0

/// The keys of each object of a pod file, of every release (types.proto and userpod.go of hyperd 0.4 to 1.1).
struct PodKeys {
    /// What becomes of a key.
    enum Fate {
        case carried
        /// Nothing takes its place, for this reason.
        case lost(String)
        /// It said nothing to hyperd either.
        case idle
    }

    /// In the spelling of the last release; Go compares them without case.
    let keys: [String: Fate]

    static let pod = PodKeys(keys: [
        "id": .carried, "hostname": .carried, "restartPolicy": .carried, "tty": .carried, "labels": .carried, "resource": .carried,
        "dns": .carried, "dnsOptions": .carried, "dnsSearch": .carried, "containers": .carried, "files": .carried, "volumes": .carried,
        "services": .carried, "portmappings": .carried, "portmappingWhiteLists": .carried, "type": .idle,
        "log": .lost("kubelet and the container engine of the node keep the logs"),
        "interfaces": .lost("the network plugin of the cluster makes interfaces and gives addresses"),
    ])
    static let container = PodKeys(keys: [
        "name": .carried, "image": .carried, "workdir": .carried, "restartPolicy": .carried, "tty": .carried, "sysctl": .carried,
        "envs": .carried, "command": .carried, "entrypoint": .carried, "ports": .carried, "volumes": .carried, "files": .carried,
        "user": .carried, "readonly": .carried, "id": .idle,
        "labels": .lost("labels belong to pods"),
        "StopSignal": .lost("the image says it; lifecycle.stopSignal needs Kubernetes 1.33"),
        "ulimits": .lost("the container engine of the node sets them for all containers"),
        "logPath": .lost("kubelet chooses the path"),
    ])
    static let user = PodKeys(keys: ["name": .carried, "group": .carried, "additionalGroups": .carried])
    static let environment = PodKeys(keys: ["env": .carried, "value": .carried])
    static let port = PodKeys(keys: [
        "hostPort": .carried, "containerPort": .carried, "protocol": .carried,
        "servicePort": .lost("a Service of the cluster gives it"),
    ])
    static let mount = PodKeys(keys: ["path": .carried, "volume": .carried, "readOnly": .carried, "detail": .carried])
    static let fileUse = PodKeys(keys: [
        "path": .carried, "filename": .carried, "perm": .carried, "user": .carried, "group": .carried, "detail": .carried,
    ])
    static let resource = PodKeys(keys: ["vcpu": .carried, "memory": .carried])
    static let file = PodKeys(keys: ["name": .carried, "encoding": .carried, "uri": .carried, "content": .carried])
    static let volume = PodKeys(keys: [
        // The first releases called it driver.
        "name": .carried, "source": .carried, "format": .carried, "driver": .carried, "fstype": .carried, "option": .carried,
        "cache": .lost("the storage of the cluster chooses its cache"),
    ])
    static let volumeOption = PodKeys(keys: [
        "monitors": .carried, "user": .carried, "keyring": .carried,
        "bytespersec": .lost("Kubernetes does not limit the rate of volumes"),
        "iops": .lost("Kubernetes does not limit the rate of volumes"),
    ])
    static let service = PodKeys(keys: ["serviceIP": .carried, "servicePort": .carried, "protocol": .carried, "hosts": .carried])
    static let backend = PodKeys(keys: ["hostIP": .carried, "hostPort": .carried])
    static let portMapping = PodKeys(keys: ["containerPort": .carried, "hostPort": .carried, "protocol": .carried])
    static let whiteLists = PodKeys(keys: ["internalNetworks": .carried, "externalNetworks": .carried])
}
