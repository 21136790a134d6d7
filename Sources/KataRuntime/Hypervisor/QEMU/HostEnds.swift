// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// Our ends of the connections that a machine is started with.
struct HostEnds: Sendable {
    let monitor: SharedFD
    /// Nil where the agent is reached over vsock.
    let agent: SharedFD?
    let output: OutputPump

    /// Makes all connections.
    ///
    /// - Parameter emulatorEnds: gets QEMU's ends by their numbers there. Whoever still holds them after QEMU has
    ///   started does not see QEMU close them.
    init(_ spec: MachineSpec, log: ConsoleLog, emulatorEnds: inout [CInt: SharedFD]) throws(MachineError) {
        do throws(SystemError) {
            let numbers = QEMUDescriptors.standard
            monitor = try Self.connection(numbers.monitor, &emulatorEnds)
            agent = spec.agentTransport == .serial ? try Self.connection(numbers.agent, &emulatorEnds) : nil
            let console = try Self.connection(numbers.console, &emulatorEnds)
            let errors = try Self.shared(OwnedFD.pipe())
            emulatorEnds[1] = errors.1
            emulatorEnds[2] = errors.1
            output = OutputPump(console: console, log: log, errors: errors.0)
        } catch {
            throw .connections(cause: error)
        }
        if case .vsock(let contextID) = spec.agentTransport {
            emulatorEnds[QEMUDescriptors.standard.vsock] = SharedFD(try VsockDevice.reserve(contextID))
        }
    }

    private static func connection(_ number: CInt, _ emulatorEnds: inout [CInt: SharedFD]) throws(SystemError) -> SharedFD {
        let pair = try shared(OwnedFD.socketPair())
        emulatorEnds[number] = pair.1
        return pair.0
    }

    private static func shared(_ pair: consuming FDPair) -> (SharedFD, SharedFD) {
        pair.split { (SharedFD($0), SharedFD($1)) }
    }
}
