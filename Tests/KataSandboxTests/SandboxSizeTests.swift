// SPDX-License-Identifier: Apache-2.0

import KataHypervisor
import KataOCI
import KataWire
import SystemPackage
import Testing

@testable import KataSandbox

@Suite struct SandboxSizeTests {
    private func size(_ resources: LinuxResources?, _ annotations: [String: String] = [:]) -> SandboxSize {
        let spec = Spec(ociVersion: "1.0.2", annotations: annotations, linux: LinuxSpec(resources: resources))
        return SandboxSize([ContainerLimits(spec)], pod: ContainerLimits(podOf: spec))
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
    }

    @Test func aPodSaysInAnnotationsWhatItWillUse() {
        let pod = [
            "io.kubernetes.cri.sandbox-memory": "134217728", "io.kubernetes.cri.sandbox-cpu-quota": "200000",
            "io.kubernetes.cri.sandbox-cpu-period": "100000",
        ]
        #expect(size(nil, pod) == SandboxSize(memoryMiB: 128, processors: 2))
        #expect(
            size(LinuxResources(memory: LinuxMemory(limit: 1 << 20)), pod).memoryMiB == 128,
            "what the pod will use counts until its containers use more")
    }

    @Test func containersShareProcessorsThatEachUsesInPart() {
        let half = ContainerLimits(memory: 3 << 20, quota: 50_000, period: 100_000)
        #expect(SandboxSize([half, half, half]) == SandboxSize(memoryMiB: 9, processors: 2))
        #expect(SandboxSize([ContainerLimits(quota: .max, period: 1)]).processors == 1_000_000)
    }

    @Test func anUpdateKeepsWhatItDoesNotName() {
        let limits = ContainerLimits(memory: 7, quota: 8, period: 9)
        #expect(limits.updated(.with { $0.memory.limit = -1 }) == ContainerLimits(memory: -1, quota: 8, period: 9))
        #expect(limits.updated(.with { $0.cpu.quota = 20 }) == ContainerLimits(memory: 7, quota: 20, period: 9))
        #expect(limits.updated(.init()) == limits)
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
