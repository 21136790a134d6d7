// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A pod as hyperd understood it, of any release.
struct HyperPod {
    struct Container {
        var path = ""
        var range = SourceRange(at: .start)
        var name: Sourced<String>?
        var image: Sourced<String>?
        var workdir: Sourced<String>?
        var restartPolicy: Sourced<String>?
        var tty: Sourced<Bool>?
        var isReadOnly: Sourced<Bool>?
        var command: [Sourced<String>] = []
        var entrypoint: [Sourced<String>] = []
        var environment: [(name: String, value: Sourced<String>)] = []
        var sysctls: [(name: String, value: Sourced<String>)] = []
        var ports: [Port] = []
        var mounts: [Mount] = []
        var files: [FileUse] = []
        var user: Sourced<String>?
        var group: Sourced<String>?
        var additionalGroups: [Sourced<String>] = []
    }

    struct Port {
        var container: Sourced<Int64>
        var host: Sourced<Int64>?
        var networkProtocol: String
    }

    struct Mount {
        var volume: Sourced<String>
        var path: Sourced<String>
        var isReadOnly: Bool
    }

    struct FileUse {
        var file: Sourced<String>
        var path: Sourced<String>
        var mode: Sourced<String>?
        var user: Sourced<String>?
        var group: Sourced<String>?
    }

    struct File {
        var name: Sourced<String>
        var encoding: Sourced<String>?
        var uri: Sourced<String>?
        var content: Sourced<String>?
    }

    struct Volume {
        var name: Sourced<String>
        var source: Sourced<String>?
        var format: Sourced<String>?
        var fstype: Sourced<String>?
        var monitors: [Sourced<String>] = []
        var user: Sourced<String>?
        var keyring: Sourced<String>?
    }

    struct Service {
        var address: Sourced<String>?
        var port: Sourced<Int64>
        var networkProtocol: String
        var backends: [(address: Sourced<String>, port: Int64)] = []
    }

    /// Single ports or ranges, as they are written.
    struct PortMapping {
        var container: Sourced<String>
        var host: Sourced<String>?
        var networkProtocol: String
    }

    var name: Sourced<String>?
    var hostname: Sourced<String>?
    var restartPolicy: Sourced<String>?
    var tty: Sourced<Bool>?
    var vcpus: Sourced<Int64>?
    var memoryMiB: Sourced<Int64>?
    var labels: [(name: String, value: Sourced<String>)] = []
    var nameservers: [Sourced<String>] = []
    var resolverOptions: [Sourced<String>] = []
    var searchDomains: [Sourced<String>] = []
    var containers: [Container] = []
    var files: [File] = []
    var volumes: [Volume] = []
    var services: [Service] = []
    var portMappings: [PortMapping] = []
    var internalNetworks: [Sourced<String>] = []
    var externalNetworks: [Sourced<String>] = []
}
