// SPDX-License-Identifier: Apache-2.0

import KataConfig
import KataHypervisor
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("machine of a configuration")
struct ConfiguredMachineTests {
    private func machine(
        _ text: String, accelerator: Accelerator = .tcg, transport: AgentTransport = .serial
    ) async throws -> MachineSpec {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("configuration.toml")
            try AtomicFile.write(Array(text.utf8), to: path)
            let outcome = ConfigurationLayers.load(path: path, environment: [:], standardPaths: [])
            let resolved = try #require(outcome.result.value, "\(outcome.result.diagnostics)")
            return MachineSpec(
                name: "s", uuid: "7a1f0e0c-3f1b-4c5e-9d7a-2b6c8d9e0f11", configuration: resolved.configuration,
                accelerator: accelerator, hostProcessors: 4, hostMemoryMiB: 8000, agentTransport: transport,
                sharedDirectory: SharedDirectory(path: "/run/s/shared"), agent: [KernelParameter("kataswift.x", "1")])
        }
    }

    @Test("every key that the machine is made of reaches it")
    func everyKey() async throws {
        let spec = try await machine(
            """
            [hypervisor.qemu]
            path = "/opt/qemu"
            kernel = "/opt/vmlinux"
            initrd = "/opt/initrd"
            machine_type = "q35"
            machine_accelerators = "hpet=off"
            cpu_features = "pmu=off,-vmx"
            kernel_params = "a b=c"
            default_vcpus = 2
            default_maxvcpus = 3
            default_memory = 777
            default_maxmemory = 4096
            memory_slots = 3
            entropy_source = "/dev/random"
            pcie_root_port = 5
            enable_debug = true
            [agent.kata]
            enable_debug = true
            """)
        #expect(spec.emulator == "/opt/qemu")
        #expect(spec.kernel.path == "/opt/vmlinux")
        #expect(spec.kernel.initrd == "/opt/initrd")
        #expect(spec.processors == ProcessorLayout(count: 2, maximum: 3))
        #expect(spec.memory == MemoryLayout(sizeMiB: 777, growth: MemoryGrowth(slots: 3, maximumMiB: 4096)))
        #expect(spec.randomSource == "/dev/random")
        #expect(spec.rootPorts == 5)
        let arguments = spec.qemuArguments()
        #expect(arguments.contains { $0.hasPrefix("q35,") && $0.hasSuffix(",hpet=off") })
        #expect(arguments.contains("max,pmu=off,-vmx"))
        let line = spec.kernel.commandLine.text
        #expect(line.hasSuffix(" nr_cpus=3 agent.log=debug agent.server_transport=serial kataswift.x=1 a b=c"))
    }

    @Test("without debug the kernel is quiet and the agent says what happens; kvm gives the host's processor")
    func defaults() async throws {
        let spec = try await machine(
            "[hypervisor.qemu]\nkernel = \"/k\"\ninitrd = \"/i\"\n", accelerator: .kvm, transport: .vsock(contextID: 9))
        #expect(spec.kernel.commandLine.text.hasSuffix(" quiet agent.log=info agent.server_transport=vsock kataswift.x=1"))
        #expect(spec.cpuModel == "host,pmu=off")
        #expect(spec.problems == [])
        #expect(spec.memory.growth == MemoryGrowth(slots: 10, maximumMiB: 8000), "as much as the host has")
    }
}
