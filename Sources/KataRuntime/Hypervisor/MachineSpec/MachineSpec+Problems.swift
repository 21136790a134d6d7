// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// Why a specification cannot be run, found without touching the host.
public enum MachineSpecProblem: Sendable, Equatable, CustomStringConvertible {
    case processors(count: Int, maximum: Int)
    case memoryTooSmall(mebibytes: Int)
    case memoryGrowth(MemoryGrowth, sizeMiB: Int)
    case rootPorts(Int)
    case networkInterfaces(Int)
    case shareTag(String)
    case shareQueueSize(UInt32)
    case commandLineTooLong(bytes: Int)
    case unprintable(field: String)
    case reservedContextID(UInt32)

    public var description: String {
        switch self {
        case .processors(let count, let maximum):
            "\(count) of \(maximum) virtual processors are outside 1…\(MachineSpec.maximumProcessors)"
        case .memoryTooSmall(let size): "\(size) MiB of memory are less than \(MachineSpec.minimumMemoryMiB)"
        case .memoryGrowth(let growth, let size):
            "\(growth.slots) slots up to \(growth.maximumMiB) MiB do not extend \(size) MiB of memory (1…256 slots)"
        case .networkInterfaces(let count): "\(count) network interfaces are more than \(PCILayout.maximumNetworkInterfaces)"
        case .rootPorts(let count): "\(count) PCIe root ports are outside 0…\(PCILayout.maximumRootPorts)"
        case .shareTag(let tag): "share tag '\(tag)' is empty or longer than \(MachineSpec.maximumTagBytes) bytes"
        case .shareQueueSize(let size): "virtio_fs_queue_size \(size) is not a power of two up to 1024"
        case .commandLineTooLong(let bytes):
            "kernel command line of \(bytes) bytes is longer than \(KernelCommandLine.maximumBytes)"
        case .unprintable(let field): "\(field) contains a control character"
        case .reservedContextID(let id): "vsock context id \(id) is reserved"
        }
    }
}

extension MachineSpec {
    /// q35 without an interrupt-remapping IOMMU addresses APIC ids below 255 only.
    public static let maximumProcessors = 255
    /// A Linux guest with an initrd does not start in less.
    public static let minimumMemoryMiB = 64
    /// struct virtio_9p_config's tag in QEMU: 32 bytes with the terminator.
    static let maximumTagBytes = 31

    /// All reasons at once; empty for a specification that QEMU can be asked for.
    public var problems: [MachineSpecProblem] {
        var found: [MachineSpecProblem] = []
        if processors.count < 1 || processors.maximum < processors.count || processors.maximum > Self.maximumProcessors {
            found.append(.processors(count: processors.count, maximum: processors.maximum))
        }
        if memory.sizeMiB < Self.minimumMemoryMiB { found.append(.memoryTooSmall(mebibytes: memory.sizeMiB)) }
        if let growth = memory.growth, !(1...256).contains(growth.slots) || growth.maximumMiB <= memory.sizeMiB {
            found.append(.memoryGrowth(growth, sizeMiB: memory.sizeMiB))
        }
        if !(0...PCILayout.maximumRootPorts).contains(rootPorts) { found.append(.rootPorts(rootPorts)) }
        if networkInterfaces.count > PCILayout.maximumNetworkInterfaces { found.append(.networkInterfaces(networkInterfaces.count)) }
        if let tag = sharedDirectory?.tag, tag.isEmpty || tag.utf8.count > Self.maximumTagBytes { found.append(.shareTag(tag)) }
        if let size = sharedDirectory?.server?.queueSize, size.nonzeroBitCount != 1 || size > 1024 { found.append(.shareQueueSize(size)) }
        let commandLineBytes = kernel.commandLine.text.utf8.count
        if commandLineBytes > KernelCommandLine.maximumBytes { found.append(.commandLineTooLong(bytes: commandLineBytes)) }
        if case .vsock(let id) = agentTransport, id < 3 || id == .max { found.append(.reservedContextID(id)) }
        found += texts.filter { $0.text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f } }
            .map { .unprintable(field: $0.field) }
        return found
    }

    /// What reaches QEMU or the guest as text, where a control character could only be an accident or an attack.
    private var texts: [(field: String, text: String)] {
        [
            ("name", name), ("uuid", uuid), ("emulator path", emulator.string), ("cpu model", cpuModel),
            ("kernel path", kernel.path.string), ("initrd path", kernel.initrd?.string ?? ""),
            ("kernel command line", kernel.commandLine.text), ("shared directory", sharedDirectory?.path.string ?? ""),
            ("share tag", sharedDirectory?.tag ?? ""), ("virtiofsd path", sharedDirectory?.server?.program.string ?? ""),
            ("random source", randomSource.string),
            ("seccomp policy", seccompPolicy ?? ""),
            ("board options", boardOptions.joined()), ("cpu features", cpuFeatures.joined()),
            ("network interface", networkInterfaces.joined()),
        ]
    }
}
