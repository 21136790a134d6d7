// SPDX-License-Identifier: Apache-2.0

public import KataSystem
internal import Synchronization

/// A machine run by a QEMU process, which ends when the last reference goes.
public final class QEMUMachine: Machine {
    public let spec: MachineSpec
    public let processIdentity: ProcessIdentity
    /// QEMU's monitor; its events belong to the machine.
    public let monitor: QMPClient
    public let hotplug: (any MachineHotplug)?
    public let ports: any MachinePorts
    private let process: MachineProcess
    /// Held, since it ends with its last reference.
    private let fileServer: MachineProcess?
    private let record: MachineRecord
    private let agent: SocketOffer

    init(
        spec: MachineSpec, process: MachineProcess, fileServer: MachineProcess?, identity: ProcessIdentity, monitor: QMPClient,
        record: MachineRecord, agent: SocketOffer
    ) {
        self.spec = spec
        self.process = process
        self.fileServer = fileServer
        self.processIdentity = identity
        self.monitor = monitor
        hotplug = QEMUHotplug(spec, monitor)
        ports = QEMUPorts(spec, monitor, record.departures)
        self.record = record
        self.agent = agent
    }

    public var timeline: MachineTimeline { record.timeline }

    public func agentSocket() throws(MachineError) -> OwnedFD { try agent.take() }

    public func agentPortOpened(within limit: Duration) async throws(MachineError) {
        if case .vsock(let contextID) = spec.agentTransport { connectAgent(contextID, until: .now + limit) }
        switch await record.agentPort.waitUnlessCancelled(atMost: limit) {
        case true?: return
        case false?: throw .failed(await record.failure(.endedWhileRunning))
        case nil where Task.isCancelled: throw .cancelled(machine: spec.name)
        case nil: throw .failed(await record.failure(.agentPortClosed(after: limit)))
        }
    }

    public func exited() async -> MachineExit { await record.ended.wait() }

    public func shutdown(grace: Duration) async -> MachineExit {
        let limit = ContinuousClock.now + grace
        if let exit = record.ended.value { return exit }
        // Whatever QEMU answers, or does not, it is the end of the process that counts.
        _ = try? await monitor.execute("quit", timeout: grace)
        if let exit = await record.ended.wait(atMost: ContinuousClock.now.duration(to: limit)) { return exit }
        process.kill()
        return await record.ended.wait()
    }

    public func consoleTail(_ lines: Int) -> [String] { record.output.log.tail(lines) }

    public func failure(_ problem: MachineProblem) async -> MachineFailure { await record.failure(problem) }

    /// Over vsock it is the host that connects, so nobody reports an open port: it is tried from a thread.
    private func connectAgent(_ contextID: UInt32, until limit: ContinuousClock.Instant) {
        let (record, agent) = (record, agent)
        // Without a thread the port stays closed, which the caller reports after its limit.
        _ = try? startThread(name: "agent-connect") {
            let socket = VsockDevice.connect(contextID, port: AgentTransport.vsockPort) {
                record.ended.value != nil || ContinuousClock.now > limit
            }
            guard let socket else { return }
            agent.offer(socket)
            record.agentPortDidOpen()
        }
    }
}

/// A socket that one caller may take.
final class SocketOffer: Sendable {
    private let socket: Mutex<SharedFD?>

    init(_ socket: SharedFD?) { self.socket = Mutex(socket) }

    func offer(_ socket: consuming OwnedFD) {
        let shared = SharedFD(socket)
        self.socket.withLock { $0 = shared }
    }

    func take() throws(MachineError) -> OwnedFD {
        guard let taken = socket.withLock({ $0.take() }) else { throw .agentSocketTaken }
        do throws(SystemError) {
            return try taken.duplicate()
        } catch {
            throw .connections(cause: error)
        }
    }
}
