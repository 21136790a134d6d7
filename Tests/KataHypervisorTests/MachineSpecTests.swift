// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataHypervisor
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@Suite("machine specification")
struct MachineSpecTests {
    static let cases: [String] =
        (try? FileSystem.list(Repository.fixtures.appending("qemu")))?.filter { !$0.contains(".") && $0 != "ORIGIN" } ?? []

    @Test("a specification gives the recorded qemu command line", arguments: cases)
    func arguments(name: String) throws {
        let directory = Repository.fixtures.appending("qemu").appending(name)
        let golden = try GoldenSpec.read(directory.appending("spec.json"))
        let text = golden.machine.qemuArguments().joined(separator: "\n") + "\n"
        #expect(golden.machine.problems == [])
        let file = directory.appending("argv.txt")
        let environment = ProcessInfo.processInfo.environment
        if environment["KATA_UPDATE_GOLDENS"] != nil, environment["CI"] == nil {
            try AtomicFile.write(Array(text.utf8), to: file, mode: 0o644)
            Issue.record("wrote \(file)")
        }
        #expect(text == String(decoding: try FileSystem.read(file), as: UTF8.self))
    }

    @Test("there are golden cases") func goldenCasesExist() { #expect(Self.cases.count >= 5) }

    @Test("each network interface is a descriptor of its own and a device in a slot of its own")
    func networkInterfaces() {
        var spec = MachineSpec.sample
        spec.networkInterfaces = ["02:00:00:00:00:01", "02:00:00:00:00:02"]
        let text = spec.qemuArguments().joined(separator: " ")
        #expect(text.contains("-netdev tap,id=net0,fd=8 -device virtio-net-pci,netdev=net0,mac=02:00:00:00:00:01,bus=pcie.0,addr=0x7,"))
        #expect(text.contains("-netdev tap,id=net1,fd=9 -device virtio-net-pci,netdev=net1,mac=02:00:00:00:00:02,bus=pcie.0,addr=0x8,"))
        #expect(spec.problems == [])
        spec.networkInterfaces = Array(repeating: "02:00:00:00:00:01", count: 6)
        #expect(spec.problems == [.networkInterfaces(6)])
    }

    @Test("a directory that a file server shares is a device on its connection, and the server sees the guest's memory")
    func fileServer() {
        var spec = MachineSpec.sample
        spec.sharedDirectory?.server = FileServer(program: "/usr/libexec/virtiofsd", cache: "auto", queueSize: 1024, extraArguments: [])
        let text = spec.qemuArguments().joined(separator: " ")
        #expect(text.contains("-chardev socket,id=share,fd=7 -device vhost-user-fs-pci,chardev=share,tag=kataShared,queue-size=1024,bus="))
        #expect(text.contains("-object memory-backend-memfd,id=ram,size=\(spec.memory.sizeMiB)M,share=on"))
        #expect(!text.contains("virtio-9p-pci") && spec.problems == [])
        spec.sharedDirectory?.server?.queueSize = 1000
        #expect(spec.problems == [.shareQueueSize(1000)])
    }

    @Test("both virtiofsd get what the configuration says in their own words")
    func fileServerArguments() {
        let server = FileServer(
            program: "/v", cache: "never", queueSize: 1024, extraArguments: ["--thread-pool-size=1", "--announce-submounts"])
        #expect(
            server.argumentsOfQEMUs(sharing: "/s") == [
                "-f", "-o", "source=/s", "-o", "cache=none", "-o", "xattr", "--thread-pool-size=1", "-o", "announce_submounts",
            ])
        #expect(
            server.argumentsOfRusts(sharing: "/s") == [
                "--shared-dir", "/s", "--cache", "never", "--xattr", "--thread-pool-size=1", "--announce-submounts",
            ])
    }

    @Test("a comma in a path does not start another option")
    func commas() {
        var spec = MachineSpec.sample
        spec.sharedDirectory = SharedDirectory(path: "/run/a,path=/etc")
        spec.name = "x,debug-threads=off"
        let arguments = spec.qemuArguments()
        #expect(arguments.contains("local,id=share,path=/run/a,,path=/etc,security_model=none,multidevs=remap"))
        #expect(arguments.contains("x,,debug-threads=off,debug-threads=on"))
    }

    @Test("name, share path and transport id leave every device at its address")
    func templateLayout() {
        var clone = MachineSpec.sample
        clone.name = "clone"
        clone.uuid = "00000000-0000-4000-8000-000000000009"
        clone.sharedDirectory = SharedDirectory(path: "/run/clone")
        let devices = { (spec: MachineSpec) in
            let all = spec.qemuArguments()
            return zip(all, all.dropFirst()).filter { $0.0 == "-device" || $0.0 == "-machine" || $0.0 == "-object" }.map(\.1)
        }
        #expect(devices(clone) == devices(.sample))
        clone.sharedDirectory = nil
        let addresses = devices(clone).filter { $0.contains("addr=") && !$0.contains("9p") }
        #expect(addresses == devices(.sample).filter { $0.contains("addr=") && !$0.contains("9p") })
    }

    @Test("no two devices share an address")
    func addresses() {
        var spec = MachineSpec.sample
        spec.rootPorts = 16
        let found = spec.qemuArguments().compactMap { argument in
            argument.split(separator: ",").first { $0.hasPrefix("addr=") }
        }
        #expect(found.count == 19)
        #expect(Set(found).count == found.count)
    }

    static let faults: [(String, MachineSpecProblem, @Sendable (inout MachineSpec) -> Void)] = [
        ("no processor", .processors(count: 0, maximum: 1), { $0.processors = ProcessorLayout(count: 0, maximum: 1) }),
        ("too many processors", .processors(count: 1, maximum: 256), { $0.processors = ProcessorLayout(count: 1, maximum: 256) }),
        ("little memory", .memoryTooSmall(mebibytes: 63), { $0.memory.sizeMiB = 63 }),
        (
            "memory that shrinks", .memoryGrowth(MemoryGrowth(slots: 1, maximumMiB: 256), sizeMiB: 256),
            { $0.memory.growth = MemoryGrowth(slots: 1, maximumMiB: 256) }
        ),
        ("too many ports", .rootPorts(17), { $0.rootPorts = 17 }),
        ("long tag", .shareTag(String(repeating: "t", count: 32)), { $0.sharedDirectory?.tag = String(repeating: "t", count: 32) }),
        ("line feed", .unprintable(field: "name"), { $0.name = "a\nb" }),
        ("host's context id", .reservedContextID(2), { $0.agentTransport = .vsock(contextID: 2) }),
        (
            "long command line", .commandLineTooLong(bytes: 2048),
            { $0.kernel.commandLine = KernelCommandLine([KernelParameter(String(repeating: "k", count: 2048))]) }
        ),
    ]

    @Test("an impossible value is named", arguments: faults.indices)
    func problems(index: Int) {
        let (_, problem, change) = Self.faults[index]
        var spec = MachineSpec.sample
        change(&spec)
        #expect(spec.problems == [problem])
    }
}

@Suite("kernel command line")
struct KernelCommandLineTests {
    @Test("a quoted value keeps its spaces, as in the kernel")
    func quotes() {
        let parsed = KernelParameter.parse("  a  b=c dyndbg=\"file x +p\"\t-- e= ")
        #expect(parsed.map(\.description) == ["a", "b=c", "dyndbg=\"file x +p\"", "--", "e="])
        #expect(parsed[2].value == "\"file x +p\"")
        #expect(parsed[4].value == "")
    }

    @Test("what the user gives stands last, after what the agent reads")
    func order() {
        let line = KernelCommandLine.sandbox(
            maximumProcessors: 3, debug: false, agent: [KernelParameter("agent.log", "info")],
            user: KernelParameter.parse("agent.log=debug panic=9"))
        #expect(line.text.hasSuffix(" nr_cpus=3 quiet agent.log=info agent.log=debug panic=9"))
        #expect(line.parameters.first == KernelParameter("console", "ttyS0"))
    }

    @Test("a guest that panics ends the machine at once")
    func panicEnds() {
        let line = KernelCommandLine.sandbox(maximumProcessors: 1, debug: true, agent: [], user: [])
        #expect(line.parameters.contains(KernelParameter("panic", "-1")))
        #expect(line.parameters.contains(KernelParameter("reboot", "t")))
        #expect(!line.text.contains("quiet"))
    }
}
