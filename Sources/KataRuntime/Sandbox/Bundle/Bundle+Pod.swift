// SPDX-License-Identifier: Apache-2.0

package import KataBundle
package import KataOCI

extension Bundle {
    /// The sandbox that an engine wants the container in; nil for one of its own.
    ///
    /// A name that is no container's is taken as well: the first container that has it makes the sandbox.
    package var sandboxName: ContainerID? {
        let annotations = spec.annotations ?? [:]
        for (type, name) in Self.podAnnotations where annotations[type] == "container" {
            return annotations[name].flatMap { ContainerID(rawValue: $0) }
        }
        return nil
    }

    /// The kind of container and its sandbox's name, as CRI-O and podman, and containerd say them.
    private static let podAnnotations = [
        ("io.kubernetes.cri-o.ContainerType", "io.kubernetes.cri-o.SandboxID"),
        ("io.kubernetes.cri.container-type", "io.kubernetes.cri.sandbox-id"),
    ]
}
