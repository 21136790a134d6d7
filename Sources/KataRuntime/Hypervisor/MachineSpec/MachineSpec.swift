// SPDX-License-Identifier: Apache-2.0

public import KataConfig
public import SystemPackage

/// A virtual machine as a value: everything that decides its command line and nothing that exists yet.
///
/// Two machines whose specifications differ only in `name`, `uuid`, `sharedDirectory.path` and the agent's vsock
/// context id have the same devices at the same addresses, so one can be cloned from a template of the other.
public struct MachineSpec: Sendable, Equatable {
    /// Shown by ps and in QEMU's messages.
    public var name: String
    /// RFC 4122 text form; the guest sees it in SMBIOS.
    public var uuid: String
    public var emulator: FilePath
    public var type: MachineType
    /// Further `name=value` options of the board.
    public var boardOptions: [String]
    public var accelerator: Accelerator
    /// QEMU's name, with features: `host,pmu=off`.
    public var cpuModel: String
    /// Further features, which count before those of the model.
    public var cpuFeatures: [String]
    public var processors: ProcessorLayout
    public var memory: MemoryLayout
    public var kernel: KernelImage
    public var agentTransport: AgentTransport
    public var sharedDirectory: SharedDirectory?
    /// The link-layer addresses of the network interfaces; each has a TAP device that is handed over at the start.
    public var networkInterfaces: [String]
    /// Host file behind virtio-rng.
    public var randomSource: FilePath
    /// Empty PCIe root ports for hot-plug, `rp0`…; fixed at boot because q35 cannot add one later.
    public var rootPorts: Int
    /// The value of QEMU's -sandbox option; nil runs QEMU without its seccomp filter.
    public var seccompPolicy: String?
    public var start: StartMode

    public init(
        name: String, uuid: String, emulator: FilePath, type: MachineType = .q35, boardOptions: [String] = [],
        accelerator: Accelerator, cpuModel: String? = nil, cpuFeatures: [String] = [],
        processors: ProcessorLayout, memory: MemoryLayout, kernel: KernelImage, agentTransport: AgentTransport,
        sharedDirectory: SharedDirectory? = nil, networkInterfaces: [String] = [],
        randomSource: FilePath = "/dev/urandom", rootPorts: Int = 2,
        seccompPolicy: String? = Self.strictSeccompPolicy, start: StartMode = .running
    ) {
        self.name = name
        self.uuid = uuid
        self.emulator = emulator
        self.type = type
        self.boardOptions = boardOptions
        self.accelerator = accelerator
        self.cpuModel = cpuModel ?? accelerator.standardCPUModel
        self.cpuFeatures = cpuFeatures
        self.processors = processors
        self.memory = memory
        self.kernel = kernel
        self.agentTransport = agentTransport
        self.sharedDirectory = sharedDirectory
        self.networkInterfaces = networkInterfaces
        self.randomSource = randomSource
        self.rootPorts = rootPorts
        self.seccompPolicy = seccompPolicy
        self.start = start
    }

    /// No fork, no exec, no change of user, no scheduling calls: what the machine needs is opened before the filter.
    public static let strictSeccompPolicy = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"
}

public enum Accelerator: String, Sendable, CaseIterable, Codable {
    case kvm
    /// QEMU's software emulation.
    case tcg

    /// `host` needs KVM; without CX16 and RDRAND, which only `max` is sure to have under emulation, Swift programs
    /// do not run and boot waits for entropy.
    public var standardCPUModel: String {
        switch self {
        case .kvm: "host,pmu=off"
        case .tcg: "max"
        }
    }
}

public struct ProcessorLayout: Sendable, Equatable {
    /// Virtual CPUs at boot.
    public var count: Int
    /// With those that can be plugged in later.
    public var maximum: Int

    public init(count: Int, maximum: Int? = nil) {
        self.count = count
        self.maximum = max(maximum ?? count, count)
    }

    /// Leaves no room for more.
    public mutating func fix() { maximum = count }
}

public struct MemoryLayout: Sendable, Equatable {
    public var sizeMiB: Int
    /// Nil for a machine whose memory cannot grow.
    public var growth: MemoryGrowth?

    public init(sizeMiB: Int, growth: MemoryGrowth? = nil) {
        self.sizeMiB = sizeMiB
        self.growth = growth
    }
}

public struct MemoryGrowth: Sendable, Equatable {
    public var slots: Int
    public var maximumMiB: Int

    public init(slots: Int, maximumMiB: Int) {
        self.slots = slots
        self.maximumMiB = maximumMiB
    }
}

public struct KernelImage: Sendable, Equatable {
    /// A bzImage, or an uncompressed ELF vmlinux with a PVH note, which starts sooner.
    public var path: FilePath
    public var initrd: FilePath?
    public var commandLine: KernelCommandLine

    public init(path: FilePath, initrd: FilePath?, commandLine: KernelCommandLine) {
        self.path = path
        self.initrd = initrd
        self.commandLine = commandLine
    }
}

/// The way to the agent.
public enum AgentTransport: Sendable, Equatable {
    /// The port `agent.channel.0` of a virtio-serial device, connected to our socket.
    case serial
    /// vhost-vsock under this context id, which must be above 2 and unused on the host.
    case vsock(contextID: UInt32)

    /// As `agent.server_transport=` says it.
    public var name: String {
        switch self {
        case .serial: "serial"
        case .vsock: "vsock"
        }
    }

    /// The virtserialport's name, by which the guest finds it.
    public static let serialPortName = "agent.channel.0"
    /// Where the agent listens on vsock.
    public static let vsockPort: UInt32 = 1024
}

/// A host directory that the guest mounts by tag.
public struct SharedDirectory: Sendable, Equatable {
    public var tag: String
    public var path: FilePath
    /// The program that serves it over virtio-fs; nil for virtio-9p, which is inside QEMU.
    public var server: FileServer?

    /// The tag that the agent is told to mount.
    public static let standardTag = "kataShared"

    public init(tag: String = standardTag, path: FilePath, server: FileServer? = nil) {
        self.tag = tag
        self.path = path
        self.server = server
    }
}

/// How virtiofsd is run.
public struct FileServer: Sendable, Equatable {
    public var program: FilePath
    /// `never`, `metadata`, `auto` or `always`.
    public var cache: String
    /// Entries of the device's queue.
    public var queueSize: UInt32
    /// As the Rust virtiofsd takes them.
    public var extraArguments: [String]

    public init(program: FilePath, cache: String, queueSize: UInt32, extraArguments: [String]) {
        self.program = program
        self.cache = cache
        self.queueSize = queueSize
        self.extraArguments = extraArguments
    }
}

public enum StartMode: String, Sendable {
    case running
    /// The processors wait for QMP's `cont`.
    case paused
}
