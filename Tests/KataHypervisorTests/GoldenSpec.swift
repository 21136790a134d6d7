// SPDX-License-Identifier: Apache-2.0

import KataHypervisor
import KataSystem
import KataText
import SystemPackage

/// A specification as the fixtures write it: only what differs from `sample`.
struct GoldenSpec: Decodable {
    var name: String?
    var accelerator: String?
    var cpuModel: String?
    var processors: Int?
    var maximumProcessors: Int?
    var memoryMiB: Int?
    var memorySlots: Int?
    var maximumMemoryMiB: Int?
    var initrd: String?
    var kernelParameters: String?
    var debug: Bool?
    var vsockContextID: UInt32?
    var sharedDirectory: String?
    var shared: Bool?
    var rootPorts: Int?
    var seccomp: Bool?
    var paused: Bool?

    static func read(_ path: FilePath) throws -> GoldenSpec {
        let parsed = JSONDocument.parse(SourceText(path: path, bytes: try FileSystem.read(path)))
        guard let document = parsed.value else { throw SystemError(call: "parse", subject: path.string, errno: .invalidArgument) }
        return try document.decode(GoldenSpec.self)
    }

    var machine: MachineSpec {
        let acceleration = accelerator.flatMap(Accelerator.init) ?? .kvm
        let transport = vsockContextID.map { AgentTransport.vsock(contextID: $0) } ?? .serial
        let layout = ProcessorLayout(count: processors ?? 1, maximum: maximumProcessors)
        var growth: MemoryGrowth?
        if let memorySlots, let maximumMemoryMiB { growth = MemoryGrowth(slots: memorySlots, maximumMiB: maximumMemoryMiB) }
        return MachineSpec(
            name: name ?? "sandbox", uuid: "7a1f0e0c-3f1b-4c5e-9d7a-2b6c8d9e0f11", emulator: "/usr/bin/qemu-system-x86_64",
            accelerator: acceleration, cpuModel: cpuModel, processors: layout,
            memory: MemoryLayout(sizeMiB: memoryMiB ?? 256, growth: growth),
            kernel: KernelImage(
                path: "/usr/share/kata-containers/vmlinux", initrd: initrd.map { FilePath($0) },
                commandLine: .sandbox(
                    maximumProcessors: layout.maximum, debug: debug ?? false,
                    agent: [KernelParameter("agent.log", "info"), KernelParameter("agent.server_transport", transport.name)],
                    user: KernelParameter.parse(kernelParameters ?? ""))),
            agentTransport: transport,
            sharedDirectory: shared == false ? nil : SharedDirectory(path: FilePath(sharedDirectory ?? "/run/sandbox/shared")),
            rootPorts: rootPorts ?? 2, seccompPolicy: seccomp == false ? nil : MachineSpec.strictSeccompPolicy,
            start: paused == true ? .paused : .running)
    }
}

extension MachineSpec {
    static let sample = GoldenSpec(initrd: "/usr/share/kata-containers/kata-containers-initrd.img").machine
}
