// SPDX-License-Identifier: Apache-2.0

import KataConfig
import KataText
import Testing

@Suite struct DecodingTests {
    static let vcpus: [(text: String, host: Int, count: Int, limit: Int)] = [
        ("", 4, 1, 4),
        ("default_vcpus = 0", 4, 1, 4),
        ("default_vcpus = -1", 4, 4, 4),
        ("default_vcpus = 2", 4, 2, 4),
        ("default_vcpus = 1.2", 4, 2, 4),
        ("default_vcpus = 100", 4, 4, 4),
        ("default_vcpus = 2\ndefault_maxvcpus = 3", 4, 2, 3),
        ("default_vcpus = 3\ndefault_maxvcpus = 2", 4, 3, 3),
        ("default_vcpus = 1\ndefault_maxvcpus = 4294967295", 4, 1, 4),
        ("default_vcpus = -0.5\ndefault_maxvcpus = 1", 2, 2, 2),
        ("default_vcpus = 2", 0, 1, 1),
    ]

    @Test(arguments: vcpus)
    func `vCPUs are bounded by the host and at least one`(_ text: String, _ host: Int, _ count: Int, _ limit: Int) throws {
        let vcpus = try #require(resolve("[hypervisor.qemu]\n\(text)\n").value?.configuration.hypervisor.vcpus)
        #expect(vcpus.count(hostProcessors: host) == count)
        #expect(vcpus.limit(hostProcessors: host) == limit)
    }

    static let zeros: [(key: String, table: ConfigTable)] = [
        ("default_memory = 0", .hypervisor), ("memory_slots = 0", .hypervisor), ("msize_9p = 0", .hypervisor),
        ("default_vcpus = 0.0", .hypervisor), ("path = \"\"", .hypervisor), ("machine_type = \"\"", .hypervisor),
        ("shared_fs = \"\"", .hypervisor), ("accelerator = \"\"", .hypervisor), ("dial_timeout = 0", .agent),
    ]

    @Test(arguments: zeros)
    func `zero and the empty string mean the default`(_ line: String, _ table: ConfigTable) {
        let result = resolve("[\(table.rawValue)]\n\(line)\n")
        #expect(result.diagnostics == [])
        #expect(result.value?.configuration == resolve("").value?.configuration)
    }

    @Test func `lists in strings lose blanks and empty elements, kernel words keep their order`() throws {
        let hypervisor = try #require(
            resolve(
                """
                [hypervisor.qemu]
                kernel_params = "  a=b\\tquiet   c "
                cpu_features = "pmu=off, +sse4.2,,vmx=on "
                machine_accelerators = " kernel_irqchip=split ,"
                """
            ).value?.configuration.hypervisor)
        #expect(hypervisor.kernelParameters == ["a=b", "quiet", "c"])
        #expect(hypervisor.cpuFeatures == ["pmu=off", "+sse4.2", "vmx=on"])
        #expect(hypervisor.machineOptions == ["kernel_irqchip=split"])
    }

    @Test(arguments: AcceleratorChoice.allCases)
    func `each accelerator can be chosen by its word`(_ choice: AcceleratorChoice) {
        let result = resolve("[hypervisor.qemu]\naccelerator = \"\(choice.rawValue)\"\n")
        #expect(result.value?.configuration.hypervisor.accelerator == choice)
    }

    @Test func `the limits of a range are inside`() {
        for text in ["pcie_root_port = 16", "memory_slots = 256", "msize_9p = 4096", "default_memory = 4294967295"] {
            #expect(resolve("[hypervisor.qemu]\n\(text)\n").diagnostics == [], "\(text)")
        }
    }
}
