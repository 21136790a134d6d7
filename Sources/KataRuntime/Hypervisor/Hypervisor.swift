// SPDX-License-Identifier: Apache-2.0

public import KataSystem
public import SystemPackage

/// Starts virtual machines.
public protocol Hypervisor: Sendable {
    /// Starts a machine and returns when its devices exist and it answers commands; the guest may still be booting.
    ///
    /// - Parameters:
    ///   - taps: one descriptor for each of `spec.networkInterfaces`.
    ///   - directory: the sandbox's own, private to root; logs go there.
    func start(_ spec: MachineSpec, taps: [SharedFD], directory: FilePath) async throws(MachineError) -> any Machine
}

extension Hypervisor {
    /// A machine without network interfaces.
    public func start(_ spec: MachineSpec, directory: FilePath) async throws(MachineError) -> any Machine {
        try await start(spec, taps: [], directory: directory)
    }
}

/// A running virtual machine. It ends with the process that started it.
public protocol Machine: AnyObject, Sendable {
    var spec: MachineSpec { get }
    var processIdentity: ProcessIdentity { get }
    /// When it reached its stages so far.
    var timeline: MachineTimeline { get }

    /// The connection to the agent, which is handed out once: the serial port has one for the machine's whole life.
    func agentSocket() throws(MachineError) -> OwnedFD

    /// Returns when the guest has opened its agent port, or says why that will not happen.
    func agentPortOpened(within limit: Duration) async throws(MachineError)

    /// Waits for the end of the machine.
    func exited() async -> MachineExit

    /// Ends the machine: asks first, and kills when it has not ended within `grace`.
    func shutdown(grace: Duration) async -> MachineExit

    /// The newest lines of the guest's console, printable.
    func consoleTail(_ lines: Int) -> [String]

    /// What is known of a machine that did not do what was expected of it.
    func failure(_ problem: MachineProblem) async -> MachineFailure

    /// Nil for a machine whose size is fixed.
    var hotplug: (any MachineHotplug)? { get }

    /// Where devices can be plugged in.
    var ports: any MachinePorts { get }
}

/// Gives a running machine further devices, and takes them away again.
public protocol MachinePorts: Sendable {
    /// - Parameter disk: a block device, open as it is to be used.
    func add(disk: SharedFD, readOnly: Bool) async throws(MachineError) -> PluggedDevice

    /// - Parameter address: the link-layer address of the interface.
    func add(tap: SharedFD, address: String) async throws(MachineError) -> PluggedDevice

    /// Waits for the guest to let it go.
    func remove(_ device: PluggedDevice) async throws(MachineError)
}

/// A device in one of a machine's ports.
public struct PluggedDevice: Sendable, Hashable {
    let kind: String
    let number: UInt64
    let port: Int

    var id: String { kind + "\(number)" }
    var backend: String { id + "-backend" }

    /// Kata's PCI path: the slot of the port, and the slot behind it.
    public var address: String {
        let slot = PCILayout.firstRootPort + port
        return (slot < 16 ? "0" : "") + String(slot, radix: 16) + "/00"
    }
}

/// Makes a running machine larger.
public protocol MachineHotplug: Sendable {
    /// Adds what lacks to `wanted`, as far as the machine can grow; nothing is taken away. One call at a time.
    ///
    /// - Returns: what was added; the guest still has to take it into use.
    func grow(to wanted: MachineSize) async throws(MachineError) -> MachineSize
}

/// What a machine has.
public struct MachineSize: Sendable, Hashable {
    public var memoryMiB: Int
    public var processors: Int

    public init(memoryMiB: Int, processors: Int) {
        self.memoryMiB = memoryMiB
        self.processors = processors
    }
}

/// How a machine ended.
public struct MachineExit: Sendable, Equatable {
    public let status: ExitStatus
    /// Nil when QEMU ended without saying why.
    public let reason: ShutdownReason?

    public init(status: ExitStatus, reason: ShutdownReason?) {
        self.status = status
        self.reason = reason
    }
}

/// Who ended the machine (QEMU QMP Reference Manual, ShutdownCause).
public enum ShutdownReason: String, Sendable, CaseIterable {
    case guestShutdown = "guest-shutdown"
    /// A guest that panics resets itself.
    case guestReset = "guest-reset"
    case guestPanic = "guest-panic"
    case quit = "host-qmp-quit"
    case systemReset = "host-qmp-system-reset"
    case signal = "host-signal"
    case hostError = "host-error"
    case userInterface = "host-ui"
    case subsystemReset = "subsystem-reset"
    case snapshotLoad = "snapshot-load"
}

/// How far a machine has come.
public enum MachineStage: String, Sendable, Comparable, CaseIterable {
    case spawned
    /// QEMU's monitor answers.
    case monitorReady
    /// All devices exist.
    case machineReady
    /// The guest's agent has opened its port.
    case agentPortOpen

    public static func < (left: MachineStage, right: MachineStage) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

/// When a machine reached its stages.
public struct MachineTimeline: Sendable {
    public let started: ContinuousClock.Instant
    public private(set) var reached: [MachineStage: ContinuousClock.Instant] = [:]

    public init(started: ContinuousClock.Instant = .now) { self.started = started }

    /// The first time counts.
    public mutating func reach(_ stage: MachineStage, at instant: ContinuousClock.Instant = .now) {
        if reached[stage] == nil { reached[stage] = instant }
    }

    public var last: MachineStage? { reached.keys.max() }

    /// Since the start; nil for a stage not reached.
    public subscript(_ stage: MachineStage) -> Duration? { reached[stage].map { started.duration(to: $0) } }
}
