// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataConfig
package import KataHypervisor
internal import KataSystem
internal import KataWire
package import NIOCore
package import SystemPackage

/// Brings up a VM to where its agent answers.
package struct MachineBoot: Sendable {
    private let configuration: KataConfiguration
    package let configurationFile: FilePath
    /// How machines get the interfaces of their first container's network namespace.
    var internetworking: InternetworkingModel { configuration.runtime.internetworking }
    var hasDebugConsole: Bool { configuration.agent.hasDebugConsole }
    var hasGuestSeccomp: Bool { configuration.runtime.hasGuestSeccomp }
    private let hypervisor: any Hypervisor
    private let accelerator: Accelerator
    private let group: any EventLoopGroup

    package init(
        _ configuration: KataConfiguration, configurationFile: FilePath, hypervisor: any Hypervisor = QEMUHypervisor(),
        accelerator: Accelerator, group: any EventLoopGroup
    ) {
        self.configuration = configuration
        self.configurationFile = configurationFile
        self.hypervisor = hypervisor
        self.accelerator = accelerator
        self.group = group
    }

    /// A VM that does not come up is ended, and the report on it thrown.
    func start(_ place: Sandbox.Place, _ network: SandboxNetwork, _ size: SandboxSize, _ timeline: Timeline) async throws -> RunningMachine
    {
        let server = configuration.hypervisor.fileServer
        let shares = try ShareTree(place.shared, isServed: server != nil)
        let hostMemory = try HostMemory.mebibytes()
        var spec = MachineSpec(
            name: place.directory.lastComponent?.string ?? "sandbox", uuid: RandomUUID.make(), configuration: configuration,
            accelerator: accelerator, hostProcessors: HostProcessors.count, hostMemoryMiB: hostMemory, agentTransport: .preferred(),
            sharedDirectory: SharedDirectory(path: place.shared, server: server), networkInterfaces: network.linkAddresses)
        let base = MachineSize(memoryMiB: spec.memory.sizeMiB, processors: spec.processors.count)
        size.add(to: &spec, hostMemoryMiB: hostMemory)
        // Under emulation room for more must be asked for: processors that others can join share one thread, which is no loss to a single one,
        // and memory above 4 GiB, which the host's size often is, has the guest boot a second longer and set 64 MiB aside for devices of 32 bits.
        let (isFixed, isEmulated) = (configuration.runtime.hasFixedSize, accelerator == .tcg)
        let isAskedFor = configuration.hypervisor.vcpus.isLimited && spec.processors.count == 1
        if isFixed || isEmulated && !isAskedFor { spec.processors.fix() }
        if isFixed || isEmulated && configuration.hypervisor.maximumMemoryMiB == nil { spec.memory.growth = nil }
        let machine: any Machine
        do {
            machine = try await hypervisor.start(spec, taps: network.taps, directory: place.directory)
        } catch {
            network.release()
            throw error
        }
        timeline.mark(.machineUp)
        do {
            let (agent, details) = try await firstAnswer(machine)
            if let start = timeline[.machineUp] {
                // The guest's clock begins with its kernel, a moment after QEMU lets it run.
                timeline.mark(.guestInit, at: start.advanced(by: details.agentDetails.initBoottimeNanoseconds))
            }
            timeline.mark(.agentAnswered)
            try await agent.createSandbox(request(place), timeout: configuration.agent.dialTimeout)
            try await network.configure(agent)
            try NetworkWatch(machine, agent).start(network)
            return RunningMachine(
                machine: machine, identity: machine.processIdentity, agent: agent, details: details, shares: shares, base: base,
                network: network, names: network.namespace.map { NameServers(namespace: $0) })
        } catch {
            _ = await machine.shutdown(grace: .zero)
            network.release()
            throw error
        }
    }

    /// The connection and what the agent says of the guest, or the report on a machine that ended or kept silent.
    private func firstAnswer(_ machine: any Machine) async throws -> (AgentClient, WireGuestDetailsResponse) {
        let limit = configuration.agent.dialTimeout * accelerator.slowness
        // On vsock there is a socket only once the guest listens.
        try await machine.agentPortOpened(within: limit)
        let agent = AgentClient(try await TTRPCClient.adopt(socket: machine.agentSocket(), group: group))
        do {
            return (agent, try await agent.getGuestDetails(.init(), timeout: limit))
        } catch {
            throw MachineError.failed(await machine.failure(.agentSilent(after: limit)))
        }
    }

    private func request(_ place: Sandbox.Place) -> WireCreateSandboxRequest {
        let (driver, type, options) = configuration.hypervisor.sharedFileSystem.mount
        return .with {
            $0.sandboxID = place.directory.lastComponent?.string ?? ""
            $0.hostname = "kata"
            $0.guestHookPath = configuration.hypervisor.guestHookPath
            $0.storages = [
                .with {
                    $0.driver = driver
                    $0.source = SharedDirectory.standardTag
                    $0.fstype = type
                    $0.options = options
                    $0.mountPoint = GuestView.sharedRoot.string
                }
            ]
        }
    }
}

extension QEMUConfiguration {
    /// Nil where QEMU itself serves the files.
    fileprivate var fileServer: FileServer? {
        guard case .virtioFS(let keys) = sharedFileSystem else { return nil }
        return FileServer(program: keys.daemon, cache: keys.cache, queueSize: keys.queueSize, extraArguments: keys.extraArguments)
    }
}

extension SharedFileSystem {
    /// How the agent mounts it: Kata's driver, the kernel's type, options.
    fileprivate var mount: (driver: String, type: String, options: [String]) {
        switch self {
        case .virtio9P(let messageBytes): ("9p", "9p", ["trans=virtio", "version=9p2000.L", "cache=mmap", "msize=\(messageBytes)"])
        case .virtioFS: ("virtio-fs", "virtiofs", ["nodev"])
        }
    }
}

enum RandomUUID {
    /// Version 4, RFC 4122 section 4.4.
    static func make() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0 ... .max) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        let groups = [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
        return groups.map { $0.joined() }.joined(separator: "-")
    }
}

extension Accelerator {
    /// By how much longer a guest may take under it: a configuration's timeouts are meant for KVM.
    fileprivate var slowness: Int {
        switch self {
        case .kvm: 1
        case .tcg: 4
        }
    }
}

enum HostProcessors {
    static var count: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }
}
