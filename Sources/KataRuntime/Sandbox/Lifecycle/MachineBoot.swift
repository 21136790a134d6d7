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
    func start(_ place: Sandbox.Place, _ timeline: Timeline) async throws -> RunningMachine {
        let shares = try ShareTree(place.shared)
        let transport = AgentTransport.preferred()
        let spec = MachineSpec(
            configuration, accelerator: accelerator, name: place.directory.lastComponent?.string ?? "sandbox",
            shared: place.shared, transport: transport, hostProcessors: HostProcessors.count)
        let machine = try await hypervisor.start(spec, directory: place.directory)
        timeline.mark(.machineUp)
        do {
            let agent = AgentClient(try await TTRPCClient.adopt(socket: machine.agentSocket(), group: group))
            let details = try await firstAnswer(agent, machine)
            if let start = timeline[.machineUp] {
                // The guest's clock begins with its kernel, a moment after QEMU lets it run.
                timeline.mark(.guestInit, at: start.advanced(by: details.agentDetails.initBoottimeNanoseconds))
            }
            timeline.mark(.agentAnswered)
            try await agent.createSandbox(request(place), timeout: configuration.agent.dialTimeout)
            return RunningMachine(
                machine: machine, identity: machine.processIdentity, agent: agent, details: details, shares: shares)
        } catch {
            _ = await machine.shutdown(grace: .zero)
            throw error
        }
    }

    /// What the agent says of the guest, or the report on a machine that ended or kept silent.
    private func firstAnswer(_ agent: AgentClient, _ machine: any Machine) async throws -> WireGuestDetailsResponse {
        let limit = configuration.agent.dialTimeout * accelerator.slowness
        do {
            try await machine.agentPortOpened(within: limit)
            return try await agent.getGuestDetails(.init(), timeout: limit)
        } catch let error as MachineError {
            throw error
        } catch {
            throw MachineError.failed(await machine.failure(.agentSilent(after: limit)))
        }
    }

    private func request(_ place: Sandbox.Place) -> WireCreateSandboxRequest {
        let options: [String]
        switch configuration.hypervisor.sharedFileSystem {
        case .virtio9P(let messageBytes):
            options = ["trans=virtio", "version=9p2000.L", "cache=mmap", "msize=\(messageBytes)"]
        }
        return .with {
            $0.sandboxID = place.directory.lastComponent?.string ?? ""
            $0.hostname = "kata"
            $0.storages = [
                .with {
                    $0.driver = "9p"
                    $0.source = SharedDirectory.standardTag
                    $0.fstype = "9p"
                    $0.options = options
                    $0.mountPoint = GuestView.sharedRoot.string
                }
            ]
        }
    }
}

extension MachineSpec {
    /// The machine that a configuration describes.
    init(
        _ configuration: KataConfiguration, accelerator: Accelerator, name: String, shared: FilePath, transport: AgentTransport,
        hostProcessors: Int
    ) {
        let hypervisor = configuration.hypervisor
        let processors = ProcessorLayout(
            count: hypervisor.vcpus.count(hostProcessors: hostProcessors),
            maximum: hypervisor.vcpus.limit(hostProcessors: hostProcessors))
        let commandLine = KernelCommandLine.sandbox(
            maximumProcessors: processors.maximum, debug: hypervisor.debug,
            agent: [
                KernelParameter("agent.log", configuration.agent.debug ? "debug" : "info"),
                KernelParameter("agent.server_transport", transport.name),
            ],
            user: hypervisor.kernelParameters.flatMap(KernelParameter.parse))
        self.init(
            name: name, uuid: Self.randomUUID(), emulator: hypervisor.path, accelerator: accelerator,
            cpuModel: ([accelerator.standardCPUModel] + hypervisor.cpuFeatures).joined(separator: ","), processors: processors,
            memory: MemoryLayout(sizeMiB: Int(hypervisor.memoryMiB)),
            kernel: KernelImage(path: hypervisor.kernel, initrd: hypervisor.initrd, commandLine: commandLine),
            agentTransport: transport, sharedDirectory: SharedDirectory(path: shared), randomSource: hypervisor.entropySource,
            rootPorts: Int(hypervisor.pcieRootPorts))
    }

    /// Version 4, RFC 4122 section 4.4.
    private static func randomUUID() -> String {
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
