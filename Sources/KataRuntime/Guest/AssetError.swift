// SPDX-License-Identifier: Apache-2.0

public import KataSystem
public import SystemPackage

/// Why guest assets could not be built or read.
public enum AssetError: FaultyError {
    case noKernel(searched: [FilePath])
    case kernelTree(FilePath, cause: any Error)
    case modules(cause: ModuleError)
    case agent(FilePath, cause: any Error)
    case agentIsNoProgram(FilePath)
    case agentIsNotStatic(FilePath)
    case archive(cause: NewcError)
    case write(FilePath, cause: any Error)
    case additions(FilePath, cause: any Error)
    case manifest(FilePath, cause: any Error)
    case manifestVersion(FilePath, found: Int)

    public var fault: Fault {
        switch self {
        case .noKernel, .agent, .agentIsNoProgram, .agentIsNotStatic, .additions, .manifest, .manifestVersion: .user
        case .kernelTree, .write: .host
        case .modules(let cause): cause.fault
        case .archive(let cause): cause.fault
        }
    }

    public var cause: (any Error)? {
        switch self {
        case .kernelTree(_, let cause), .agent(_, let cause), .write(_, let cause),
            .additions(_, let cause), .manifest(_, let cause):
            cause
        case .modules(let cause): cause
        case .archive(let cause): cause
        case .noKernel, .agentIsNoProgram, .agentIsNotStatic, .manifestVersion: nil
        }
    }

    public var description: String {
        switch self {
        case .noKernel(let searched):
            "find a guest kernel in \(searched.map { "'\($0)'" }.joined(separator: ", ")): "
                + "unpack the distribution's (.ci/debian-kernel), build ours (make guest-kernel) or name one"
        case .kernelTree(let path, _): "read kernel tree '\(path)'"
        case .modules: "choose the guest's modules"
        case .agent(let path, _): "read agent '\(path)'"
        case .agentIsNoProgram(let path): "use agent '\(path)': not an ELF program for x86-64"
        case .agentIsNotStatic(let path):
            "use agent '\(path)': it needs a dynamic loader, build it with -static-executable"
        case .archive: "assemble the initrd"
        case .write(let path, _): "write '\(path)'"
        case .additions(let path, _): "read what is to be added to the initrd from '\(path)'"
        case .manifest(let path, _): "read guest assets '\(path)'"
        case .manifestVersion(let path, let found):
            "read guest assets '\(path)': version \(found) is not \(GuestAssets.version): build them anew"
        }
    }
}
