// SPDX-License-Identifier: Apache-2.0

public import KataConfig
internal import SystemPackage

extension MachineSpec {
    /// For volumes and networks of running containers; Kata has PCI bridges for them, which Linux is slow to plug into.
    static let minimumRootPorts = 4

    /// The machine of a sandbox as its configuration wants it.
    ///
    /// - Parameters:
    ///   - hostProcessors: CPUs that are online; a machine gets no more.
    ///   - hostMemoryMiB: a machine can grow to no more.
    ///   - agent: further words of the kernel command line for the agent, behind `agent.log` and
    ///     `agent.server_transport`.
    public init(
        name: String, uuid: String, configuration: KataConfiguration, accelerator: Accelerator, hostProcessors: Int, hostMemoryMiB: Int,
        agentTransport: AgentTransport, sharedDirectory: SharedDirectory, networkInterfaces: [String] = [],
        agent: [KernelParameter] = []
    ) {
        let qemu = configuration.hypervisor
        let processors = ProcessorLayout(
            count: qemu.vcpus.count(hostProcessors: hostProcessors), maximum: qemu.vcpus.limit(hostProcessors: hostProcessors))
        let logLevel = configuration.agent.debug ? "debug" : "info"
        let agentWords =
            [KernelParameter("agent.log", logLevel), KernelParameter("agent.server_transport", agentTransport.name)]
            + (configuration.agent.hasDebugConsole ? [KernelParameter("agent.debug_console")] : []) + agent
        self.init(
            name: name, uuid: uuid, emulator: qemu.path, type: qemu.machineType, boardOptions: qemu.machineOptions,
            accelerator: accelerator, cpuFeatures: qemu.cpuFeatures, processors: processors,
            memory: MemoryLayout(
                sizeMiB: Int(qemu.memoryMiB),
                growth: MemoryGrowth(slots: Int(qemu.memorySlots), maximumMiB: min(hostMemoryMiB, qemu.maximumMemoryMiB ?? hostMemoryMiB))),
            kernel: KernelImage(
                path: qemu.kernel, initrd: qemu.initrd,
                commandLine: .sandbox(
                    maximumProcessors: processors.maximum, debug: qemu.debug, agent: agentWords,
                    user: KernelParameter.parse(qemu.kernelParameters.joined(separator: " ")))),
            agentTransport: agentTransport, sharedDirectory: sharedDirectory, networkInterfaces: networkInterfaces,
            randomSource: qemu.entropySource,
            rootPorts: max(Int(qemu.pcieRootPorts), Self.minimumRootPorts))
    }
}
