// SPDX-License-Identifier: Apache-2.0

public import KataSystem

/// The one likely cause of a machine's failure, guessed from what it left behind.
public enum FailureCause: Sendable, Equatable, CaseIterable {
    case kernelMissing
    case kernelNotBootable
    case initrdMissing
    case kvmDenied
    case kvmMissing
    case kvmUnsound
    case hostOutOfMemory
    case shareMissing
    case vsockUnavailable
    case randomSourceMissing
    case optionRefused
    case guestOutOfMemory
    case initrdUnreadable
    case noRootFileSystem
    case initEnded
    case guestPanicked
    case guestPoweredOff
    case emulatorCrashed
    case killed
    case guestSilent
    case guestStillBooting
    case agentNotReachable
    case agentHung
    case unknown

    /// For people; what to look at first.
    public var explanation: String {
        switch self {
        case .kernelMissing: "the guest kernel cannot be opened"
        case .kernelNotBootable: "the kernel file is neither a bzImage nor a vmlinux with a PVH note"
        case .initrdMissing: "the initrd cannot be opened"
        case .kvmDenied: "this user may not open /dev/kvm"
        case .kvmMissing: "the host has no usable /dev/kvm; accelerator = \"tcg\" runs without it"
        case .kvmUnsound: "the host's KVM cannot run this guest kernel; accelerator = \"tcg\" runs without it"
        case .hostOutOfMemory: "the host has not enough memory for the machine"
        case .shareMissing: "the shared directory cannot be opened"
        case .vsockUnavailable: "the host's vhost-vsock cannot be used"
        case .randomSourceMissing: "the random source cannot be opened"
        case .optionRefused: "this qemu does not know a device or option that the machine needs"
        case .guestOutOfMemory: "the guest's memory is too small for its kernel and initrd"
        case .initrdUnreadable: "the kernel cannot unpack the initrd"
        case .noRootFileSystem: "the kernel found no init: the initrd is missing, damaged or has no /init"
        case .initEnded: "the guest's init ended"
        case .guestPanicked: "the guest kernel panicked"
        case .guestPoweredOff: "the guest powered itself off; its console says why"
        case .emulatorCrashed: "qemu crashed"
        case .killed: "qemu was killed; the host's out-of-memory killer does that"
        case .guestSilent: "the guest printed nothing: it needs a longer timeout, more memory, or a kernel with a serial console"
        case .guestStillBooting: "the guest was still booting; a slow host needs a longer timeout"
        case .agentNotReachable: "init runs but did not open the agent's port: wrong initrd, or missing virtio modules"
        case .agentHung: "the agent opened its port and does not answer; its lines on the console may say why"
        case .unknown: "none that is known; the lines above are all there is"
        }
    }

    public var fault: Fault {
        switch self {
        case .kernelMissing, .kernelNotBootable, .initrdMissing, .initrdUnreadable, .noRootFileSystem, .guestOutOfMemory: .user
        case .initEnded, .guestPanicked, .guestPoweredOff, .guestSilent, .guestStillBooting, .agentNotReachable, .agentHung: .guest
        case .kvmDenied, .kvmMissing, .kvmUnsound, .hostOutOfMemory, .shareMissing, .vsockUnavailable, .randomSourceMissing,
            .optionRefused, .emulatorCrashed, .killed, .unknown:
            .host
        }
    }
}

/// What a failed machine left behind.
public struct FailureFacts: Sendable, Equatable {
    public var problem: MachineProblem
    public var stage: MachineStage
    /// Nil while QEMU still runs.
    public var exit: MachineExit?
    /// The last lines of QEMU's standard error.
    public var errorLines: [String]
    /// The last lines of the guest's console.
    public var consoleLines: [String]

    public init(
        problem: MachineProblem, stage: MachineStage, exit: MachineExit?, errorLines: [String], consoleLines: [String]
    ) {
        self.problem = problem
        self.stage = stage
        self.exit = exit
        self.errorLines = errorLines
        self.consoleLines = consoleLines
    }

    /// QEMU's own words first, then the guest's, then what the way of ending suggests.
    public var likelyCause: FailureCause {
        Self.firstMatch(Self.emulatorMessages, in: errorLines) ?? Self.firstMatch(Self.guestMessages, in: consoleLines)
            ?? causeOfEnd ?? causeOfSilence
    }

    /// QEMU and the kernel have no other way to say it than words; each list is searched in its order.
    private static let emulatorMessages: [(words: String, cause: FailureCause)] = [
        ("could not open kernel file", .kernelMissing),
        ("invalid kernel header", .kernelNotBootable),
        ("without PVH ELF Note", .kernelNotBootable),
        ("could not load kernel", .kernelNotBootable),
        ("error reading initrd", .initrdMissing),
        ("could not load initrd", .initrdMissing),
        ("initial ram disk", .guestOutOfMemory),
        ("KVM internal error", .kvmUnsound),
        ("failed to set MSR", .kvmUnsound),
        ("failed to initialize kvm: Permission denied", .kvmDenied),
        ("failed to initialize kvm", .kvmMissing),
        ("Could not access KVM", .kvmMissing),
        ("requires KVM", .kvmMissing),
        ("cannot set up guest memory", .hostOutOfMemory),
        ("Cannot allocate memory", .hostOutOfMemory),
        ("fsdev", .shareMissing),
        ("vhost-vsock", .vsockUnavailable),
        ("Could not open '/dev/", .randomSourceMissing),
        ("unsupported machine type", .optionRefused),
        ("unable to find CPU model", .optionRefused),
        ("is not a valid device model name", .optionRefused),
        ("invalid option", .optionRefused),
        ("Property '", .optionRefused),
        ("Parameter '", .optionRefused),
        ("Invalid SMP CPUs", .optionRefused),
    ]

    private static let guestMessages: [(words: String, cause: FailureCause)] = [
        ("System is deadlocked on memory", .guestOutOfMemory),
        ("Out of memory and no killable processes", .guestOutOfMemory),
        ("Initramfs unpacking failed: write error", .guestOutOfMemory),
        ("Initramfs unpacking failed", .initrdUnreadable),
        ("Unable to mount root fs", .noRootFileSystem),
        ("No working init found", .noRootFileSystem),
        ("Attempted to kill init", .initEnded),
        ("Kernel panic - not syncing", .guestPanicked),
    ]

    private static func firstMatch(_ table: [(words: String, cause: FailureCause)], in lines: [String]) -> FailureCause? {
        table.first { entry in lines.contains { $0.contains(entry.words) } }?.cause
    }

    private var causeOfEnd: FailureCause? {
        guard let exit else { return nil }
        switch (exit.reason, exit.status) {
        case (.guestShutdown, _): return .guestPoweredOff
        case (.guestReset, _), (.guestPanic, _): return .guestPanicked
        case (_, .signaled(9)): return .killed
        case (_, .signaled): return .emulatorCrashed
        default: return .unknown
        }
    }

    private var causeOfSilence: FailureCause {
        if stage < .machineReady { return .unknown }
        if stage == .agentPortOpen { return .agentHung }
        if consoleLines.isEmpty { return .guestSilent }
        // The kernel says so last, in the words of init/main.c; a quiet kernel says nothing before its init speaks.
        return consoleLines.contains { $0.contains("as init process") || !$0.hasPrefix("[") } ? .agentNotReachable : .guestStillBooting
    }
}
