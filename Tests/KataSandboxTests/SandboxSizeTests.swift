// SPDX-License-Identifier: Apache-2.0

import KataHypervisor
import KataOCI
import SystemPackage
import Testing

@testable import KataSandbox

@Suite struct SandboxSizeTests {
    private func size(_ resources: LinuxResources?, _ annotations: [String: String] = [:]) -> SandboxSize {
        SandboxSize(Spec(ociVersion: "1.0.2", annotations: annotations, linux: LinuxSpec(resources: resources)))
    }

    @Test func limitsAreRoundedUp() {
        let cpu = LinuxCPU(quota: 150_000, period: 100_000)
        #expect(size(LinuxResources(memory: LinuxMemory(limit: 1), cpu: cpu)) == SandboxSize(memoryMiB: 1, processors: 2))
        #expect(size(LinuxResources(memory: LinuxMemory(limit: 1 << 20))) == SandboxSize(memoryMiB: 1))
        #expect(size(LinuxResources(cpu: LinuxCPU(quota: 100_000))) == SandboxSize(processors: 1))
    }

    @Test func withoutALimitNothingIsAdded() {
        #expect(size(nil) == SandboxSize())
        #expect(size(LinuxResources(memory: LinuxMemory(limit: -1), cpu: LinuxCPU(quota: -1, period: 100_000))) == SandboxSize())
        #expect(size(LinuxResources(cpu: LinuxCPU(quota: 5, period: 0))) == SandboxSize())
    }

    @Test func aPodSaysInAnnotationsWhatItWillUse() {
        let pod = [
            "io.kubernetes.cri.sandbox-memory": "134217728", "io.kubernetes.cri.sandbox-cpu-quota": "200000",
            "io.kubernetes.cri.sandbox-cpu-period": "100000",
        ]
        #expect(size(nil, pod) == SandboxSize(memoryMiB: 128, processors: 2))
        #expect(size(LinuxResources(memory: LinuxMemory(limit: 1 << 20)), pod).memoryMiB == 1, "a limit of its own counts first")
    }

    @Test func aMachineStaysWithinTheHost() {
        var spec = MachineSpec(
            name: "m", uuid: "", emulator: "/q", accelerator: .tcg, processors: ProcessorLayout(count: 1, maximum: 2),
            memory: MemoryLayout(sizeMiB: 256), kernel: KernelImage(path: "/k", initrd: nil, commandLine: KernelCommandLine([])),
            agentTransport: .serial)
        SandboxSize(memoryMiB: 100, processors: 1).add(to: &spec, hostMemoryMiB: 1000)
        #expect(spec.memory.sizeMiB == 356)
        #expect(spec.processors == ProcessorLayout(count: 2, maximum: 2))
        SandboxSize(memoryMiB: .max, processors: .max).add(to: &spec, hostMemoryMiB: 1000)
        #expect(spec.processors.count == 2)
        #expect(spec.memory.sizeMiB <= 1000)
        SandboxSize(memoryMiB: 10).add(to: &spec, hostMemoryMiB: 8)
        #expect(spec.memory.sizeMiB >= 356, "what is configured is not taken away")
    }
}
