// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataHypervisor
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

enum TestSpec {
    static func make(_ guest: TinyGuest, _ directory: FilePath) throws -> MachineSpec {
        let kernel = directory.appending("guest.elf")
        try guest.write(to: kernel)
        let shared = directory.appending("shared")
        try FileSystem.makeDirectory(shared, mode: 0o700)
        return MachineSpec(
            name: "test", uuid: "7a1f0e0c-3f1b-4c5e-9d7a-2b6c8d9e0f11",
            emulator: findProgram("qemu-system-x86_64") ?? "/nonexistent", accelerator: .tcg, processors: ProcessorLayout(count: 1),
            memory: MemoryLayout(sizeMiB: 64),
            kernel: KernelImage(
                path: kernel, initrd: nil,
                commandLine: .sandbox(maximumProcessors: 1, debug: false, agent: [], user: [])),
            agentTransport: .serial, sharedDirectory: SharedDirectory(path: shared))
    }
}

/// Where the process that holds a machine puts its identity.
enum MachineHolding {
    static let variable = "KATA_TEST_MACHINE_HOLDER"
    static let identityFile = "identity"
    static let directory = getenv(variable).map { FilePath(String(cString: $0)) }

    static func read(_ file: FilePath) throws -> ProcessIdentity {
        let words = String(decoding: try FileSystem.read(file), as: UTF8.self).split(separator: " ")
        return try ProcessIdentity(
            pid: #require(Int32(words[0])), startTime: #require(UInt64(words[1])), bootID: String(words[2]))
    }
}

/// What the test of a killed parent runs in another process: a machine, held until somebody kills that process.
@Suite("machine holder", .enabled(if: MachineHolding.directory != nil, "runs in a process that another test starts"))
struct MachineHolderTests {
    @Test("holds a machine") func hold() async throws {
        let directory = try #require(MachineHolding.directory)
        let spec = try TestSpec.make(TinyGuest(text: "", ending: .halt), directory)
        let machine = try await QEMUHypervisor().start(spec, directory: directory)
        let identity = machine.processIdentity
        try AtomicFile.write(
            Array("\(identity.pid) \(identity.startTime) \(identity.bootID)".utf8), to: directory.appending(MachineHolding.identityFile))
        // A parent that fails before it kills us must not leave us behind.
        try await Task.sleep(for: .seconds(60))
        _ = await machine.shutdown(grace: .zero)
    }
}
