// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension Kubernetes {
    /// The class that the pods ask for.
    static func runtimeClass(_ options: ManifestOptions) -> YAMLEmission {
        YAMLEmission(
            preface: [
                "The runtime class that the pods ask for; it is created once in a cluster, before them.",
                "Its overhead is what a virtual machine takes besides its containers; measure it on your nodes and add overhead.podFixed.",
            ],
            root: [
                .init(
                    "apiVersion", .string("node.k8s.io/v1"), beside: "since Kubernetes 1.20; node.k8s.io/v1beta1 from 1.14 to 1.24"),
                .init("kind", .string("RuntimeClass")),
                .init("metadata", .mapping([.init("name", .string(options.runtimeClass))])),
                .init(
                    "handler", .string(options.handler),
                    beside: "the name of the runtime in the configuration of containerd or CRI-O"),
            ])
    }
}
