// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// What the runtime is to do, as far as this runtime does it: each field is checked and complete, none is optional.
///
/// Only `ResolvedConfiguration` makes one, out of documents without errors.
public struct KataConfiguration: Sendable, Equatable {
    /// `[hypervisor.qemu]`.
    public let hypervisor: QEMUConfiguration
    /// `[agent.kata]`.
    public let agent: AgentConfiguration
    /// `[runtime]`.
    public let runtime: RuntimeConfiguration
}

/// `[hypervisor.qemu]`.
public struct QEMUConfiguration: Sendable, Equatable {
    /// The QEMU program.
    public let path: FilePath
    /// The guest's kernel: bzImage, or an ELF vmlinux for PVH.
    public let kernel: FilePath
    /// The guest's initial RAM disk.
    public let initrd: FilePath
    /// QEMU's machine.
    public let machineType: MachineType
    /// Further `name=value` options of `-machine`.
    public let machineOptions: [String]
    /// What executes guest code.
    public let accelerator: AcceleratorChoice
    /// Words for the kernel's command line, to be placed behind our own.
    public let kernelParameters: [String]
    /// Flags for `-cpu`.
    public let cpuFeatures: [String]
    /// vCPUs at boot and at most.
    public let vcpus: VCPUConfiguration
    /// Memory at boot, in MiB; never 0.
    public let memoryMiB: UInt32
    /// What memory can grow to, in MiB; nil for all of the host's.
    public let maximumMemoryMiB: Int?
    /// How often memory can be added; never 0.
    public let memorySlots: UInt32
    /// How the container's files reach the guest.
    public let sharedFileSystem: SharedFileSystem
    /// The host's device behind virtio-rng.
    public let entropySource: FilePath
    /// PCIe root ports reserved for hot-plug, at most 16.
    public let pcieRootPorts: UInt32
    /// Where the guest has hooks of its own; empty for nowhere.
    public let guestHookPath: String
    /// The guest's kernel and QEMU say more.
    public let debug: Bool
}

/// QEMU's machine.
public enum MachineType: String, Sendable, Hashable, CaseIterable {
    case q35
}

/// What is to execute guest code; `KATA_ACCEL` uses the same words.
public enum AcceleratorChoice: String, Sendable, Hashable, CaseIterable {
    /// KVM where it runs a guest kernel at full speed, emulation elsewhere.
    case auto
    case kvm
    case tcg
}

/// How the container's files reach the guest.
public enum SharedFileSystem: Sendable, Hashable {
    /// 9p inside QEMU, with the largest message in bytes.
    case virtio9P(messageBytes: UInt32)
    /// virtio-fs, from a virtiofsd beside QEMU.
    case virtioFS(VirtioFSConfiguration)
}

/// `virtio_fs_*` of `[hypervisor.qemu]`.
public struct VirtioFSConfiguration: Sendable, Hashable {
    /// The virtiofsd program.
    public let daemon: FilePath
    /// What the guest keeps: `never`, `metadata`, `auto`, `always`; `none` is the older name of `never`.
    public let cache: String
    /// Entries of the device's queue.
    public let queueSize: UInt32
    /// Further arguments of virtiofsd.
    public let extraArguments: [String]
}

/// How many vCPUs the VM boots with, and how many it can grow to; both depend on the host.
public struct VCPUConfiguration: Sendable, Hashable {
    /// A number of vCPUs that the host may bound.
    public enum Count: Sendable, Hashable {
        /// As many as the host has CPUs.
        case hostProcessors
        /// That many, yet not more than the host has; never 0.
        case fixed(UInt32)

        /// On a host with that many CPUs.
        func resolved(hostProcessors: Int) -> Int {
            switch self {
            case .hostProcessors: hostProcessors
            case .fixed(let count): min(Int(count), hostProcessors)
            }
        }
    }

    let atBoot: Count
    let atMost: Count

    /// vCPUs at boot, from 1, on a host with that many CPUs.
    public func count(hostProcessors: Int) -> Int {
        atBoot.resolved(hostProcessors: max(1, hostProcessors))
    }

    /// Whether a number says what the VM can grow to, and not the host.
    public var isLimited: Bool { if case .fixed = atMost { true } else { false } }

    /// vCPUs that the VM can grow to; never fewer than at boot.
    public func limit(hostProcessors: Int) -> Int {
        max(count(hostProcessors: hostProcessors), atMost.resolved(hostProcessors: max(1, hostProcessors)))
    }
}

/// `[agent.kata]`.
public struct AgentConfiguration: Sendable, Equatable {
    /// The agent logs at level debug.
    public let debug: Bool
    /// How long to wait for the agent's first answer; never 0.
    public let dialTimeoutSeconds: UInt32
    /// Whether programs may be run in the guest, outside of its containers.
    public let hasDebugConsole: Bool

    /// The same as a duration.
    public var dialTimeout: Duration { .seconds(Int64(dialTimeoutSeconds)) }
}

/// How network interfaces reach the VM.
public enum InternetworkingModel: String, Sendable, Hashable, CaseIterable {
    /// Frames are redirected to and from a TAP device.
    case tcfilter
    /// A macvtap device on top of the interface.
    case macvtap
    case none
}

/// `[runtime]`.
public struct RuntimeConfiguration: Sendable, Equatable {
    /// The shim tells of each request.
    public let debug: Bool
    /// How the interfaces of the container's network namespace reach the VM.
    public let internetworking: InternetworkingModel
    /// Whether containers get the system call filter of their specification.
    public let hasGuestSeccomp: Bool
    /// Whether the VM keeps the size that it boots with.
    public let hasFixedSize: Bool
}
