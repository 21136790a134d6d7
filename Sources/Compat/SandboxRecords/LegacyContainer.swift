// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// What a legacy record says of a container.
public struct LegacyContainer: Sendable {
    /// Its name.
    public let id: LegacyContainerID
    /// What was last written of it.
    public let state: LegacyState
    /// Whether it is the pause container of its sandbox.
    public let isSandboxContainer: Bool
    /// The engine's bundle directory.
    public let bundle: FilePath?
    /// The root file system on the host.
    public let rootfs: FilePath?
    /// Whether that was read-only for the container.
    public let isRootfsReadOnly: Bool
    /// The whole `config.json` of the bundle as it was when the container was created; nil when the record lacks it.
    public var spec: SourceText?
    /// What the engine and the runtime attached, but for `spec`.
    public let annotations: [String: String]
    /// Its mounts.
    public let mounts: [LegacyMount]
    /// Devices of the host that it was given.
    public let devices: [LegacyDevice]
}

/// A mount of a container.
public struct LegacyMount: Sendable, Hashable {
    /// On the host, or the name of a file system.
    public let source: String
    /// In the container.
    public let destination: FilePath
    /// The file system, or `bind`.
    public let type: String
    /// As in fstab.
    public let options: [String]
    /// Where the runtime bound it for the guest to see; nil when it did not.
    public let hostPath: FilePath?
    /// As recorded; older releases did not write it.
    public let isReadOnly: Bool
}

/// A device of the host that a container was given.
public struct LegacyDevice: Sendable, Hashable {
    /// `generic`, `vfio` or `block`.
    public let type: String
    /// The node on the host.
    public let hostPath: FilePath
    /// The node in the container.
    public let containerPath: FilePath
    /// Device number, first half.
    public let major: Int64
    /// Device number, second half.
    public let minor: Int64
}

/// How a sandbox was connected.
public struct LegacyNetwork: Sendable, Equatable {
    /// How the VM's interface was joined to the one of the namespace.
    public enum Interworking: String, Sendable, Codable {
        case byDefault = "default"
        case bridged
        case macvtap
        case enlightened
        case tcfilter
        case none
        /// The record does not tell.
        case unrecorded
    }

    /// The network namespace.
    public let namespace: FilePath?
    /// Whether the runtime made the namespace itself, so that nobody else removes it.
    public let isNamespaceOwned: Bool
    /// How the interfaces were joined.
    public let interworking: Interworking
    /// The interfaces.
    public let interfaces: [LegacyInterface]
}

/// One network interface of a sandbox.
public struct LegacyInterface: Sendable, Equatable {
    /// The kind of endpoint, as recorded.
    public let type: String
    /// Its name in the namespace.
    public let name: String
    /// Its hardware address.
    public let hardwareAddress: String
    /// The tap device that the runtime made for it.
    public let tap: String?
    /// The bridge that the runtime made for it.
    public let bridge: String?
    /// Its addresses in CIDR notation.
    public let addresses: [String]
}
