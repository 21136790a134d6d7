// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// The program that becomes the guest's PID 1.
struct AgentBinary {
    let path: FilePath
    let bytes: [UInt8]

    /// Four times what an agent may weigh; bounds what a wrong path can make us read.
    static let limit = 80 << 20

    init(_ path: FilePath) throws(AssetError) {
        do { bytes = try FileSystem.read(path, limit: Self.limit) } catch {
            throw .agent(path, cause: error)
        }
        self.path = path
        guard let elf = ELF64(bytes) else { throw .agentIsNoProgram(path) }
        guard !elf.hasInterpreter else { throw .agentIsNotStatic(path) }
    }
}
