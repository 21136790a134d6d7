// SPDX-License-Identifier: Apache-2.0

package import KataOCI
internal import SystemPackage

/// Which namespaces of other containers of its sandbox a container is in, by the paths of its specification.
package struct PodNamespaces: Sendable, Hashable {
    /// A container that is there.
    package struct Member: Sendable {
        package let id: ContainerID
        /// The process that stands for it on the host, whose namespaces engines name.
        package let stub: Int32
        package let namespaces: [LinuxNamespace]

        package init(id: ContainerID, stub: Int32, namespaces: [LinuxNamespace]) {
            self.id = id
            self.stub = stub
            self.namespaces = namespaces
        }
    }

    package let owners: [LinuxNamespace.Kind: ContainerID]
    /// Whether it asks for a network that no other container of the sandbox has; the first one's is the VM's.
    package let hasOwnNetwork: Bool

    /// Those that a guest can share; the network is the VM's.
    private static let shareable: [LinuxNamespace.Kind] = [.pid, .ipc, .uts, .cgroup, .time]

    /// - Parameter isSandboxNetwork: whether a path names the network namespace that the VM's interfaces are from.
    /// - Throws: for a namespace of somebody else.
    package init(
        _ namespaces: [LinuxNamespace], among members: [Member], isSandboxNetwork: (String) -> Bool
    ) throws(SandboxError) {
        hasOwnNetwork = !members.isEmpty && namespaces.contains { $0.type == .network && ($0.path ?? "").isEmpty }
        var owners: [LinuxNamespace.Kind: ContainerID] = [:]
        for namespace in namespaces {
            guard let path = namespace.path, !path.isEmpty else { continue }
            if namespace.type == .network {
                if members.isEmpty || isSandboxNetwork(path) { continue }
                throw .impossible(
                    "join network namespace '\(path)'", "the virtual machine has the interfaces of its first container's network only")
            }
            guard Self.shareable.contains(namespace.type) else {
                throw .impossible(
                    "join \(namespace.type.rawValue) namespace '\(path)'", "it cannot be shared with what is outside the virtual machine")
            }
            if let owner = Self.owner(namespace, path, members) {
                owners[namespace.type] = owner
            } else if !members.isEmpty || path.hasPrefix("/proc/") {
                throw .impossible(
                    "join \(namespace.type.rawValue) namespace '\(path)'", "it is of no container in the same virtual machine")
            }
            // What else an engine has made for a pod is empty, and stands for the sandbox's own.
        }
        self.owners = owners
    }

    private static func owner(_ namespace: LinuxNamespace, _ path: String, _ members: [Member]) -> ContainerID? {
        let components = FilePath(path).components.map(\.string)
        if components.count == 4, components[0] == "proc", components[2] == "ns", let pid = Int32(components[1]) {
            return members.first { $0.stub == pid }?.id
        }
        return members.first { $0.namespaces.contains(namespace) }?.id
    }

    /// How the guest is told of an owner; it knows containers, not paths of the host.
    static func guestPath(_ owner: ContainerID) -> String { "container:\(owner.rawValue)" }
}
