// SPDX-License-Identifier: Apache-2.0

/// A module of a distribution kernel that the guest loads at boot.
public struct GuestModule: Sendable, Hashable {
    public let name: String
    /// What stops working without it.
    public let use: String
    /// A kernel without a required one cannot run a sandbox at all; one without another lacks only its use.
    public let isRequired: Bool

    public init(_ name: String, use: String, isRequired: Bool = false) {
        self.name = name
        self.use = use
        self.isRequired = isRequired
    }

    /// What a guest needs, in the order in which it is loaded; what these depend on comes from the kernel's modules.dep.
    public static let standard: [GuestModule] = [
        GuestModule("virtio_pci", use: "every virtio device", isRequired: true),
        GuestModule("virtio_console", use: "the connection to the agent", isRequired: true),
        GuestModule("virtio_rng", use: "random numbers without a long wait"),
        GuestModule("virtio_blk", use: "block devices"),
        GuestModule("virtio_net", use: "network interfaces"),
        GuestModule("vmw_vsock_virtio_transport", use: "the connection to the agent over vsock"),
        GuestModule("9pnet_virtio", use: "directories shared over 9p"),
        GuestModule("9p", use: "directories shared over 9p"),
        GuestModule("virtiofs", use: "directories shared over virtio-fs"),
        GuestModule("overlay", use: "overlay mounts"),
        // ext4 asks the kernel for crc32c by name, which modules.dep does not show. The generic one, because the one with SSE 4.2
        // refuses to be loaded on a processor without, and a module that cannot be loaded ends the guest's start.
        GuestModule("crc32c_generic", use: "checksums of ext4"),
        GuestModule("ext4", use: "ext4 on block devices"),
    ]
}

/// The choice of modules for one kernel.
public struct ModuleSelection: Sendable {
    /// In load order.
    public let entries: [ModuleIndex.Entry]
    /// What this kernel does not have, neither as a module nor built in.
    public let absent: [GuestModule]

    public init(_ wanted: [GuestModule], from index: ModuleIndex) throws(ModuleError) {
        for module in wanted where module.isRequired && !index.has(module.name) {
            throw .missing(module.name, release: index.release, neededBy: nil)
        }
        absent = wanted.filter { !index.has($0.name) }
        entries = try index.closure(of: wanted.filter { index.has($0.name) }.map(\.name))
    }
}
