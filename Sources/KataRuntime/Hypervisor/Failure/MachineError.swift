// SPDX-License-Identifier: Apache-2.0

public import KataSystem
public import SystemPackage

/// A file or device that a machine is made of.
public enum MachinePart: String, Sendable {
    case emulator = "qemu"
    case kernel = "guest kernel"
    case initrd
    case sharedDirectory = "shared directory"
    case fileServer = "virtiofsd"
    case randomSource = "random source"
    case vsock = "vhost-vsock device"

    /// The key of the configuration that names it.
    var key: String? {
        switch self {
        case .emulator: "path"
        case .kernel: "kernel"
        case .initrd: "initrd"
        case .fileServer: "virtio_fs_daemon"
        case .randomSource: "entropy_source"
        case .sharedDirectory, .vsock: nil
        }
    }

    func named(_ path: FilePath) -> String {
        "use \(rawValue) '\(path)'" + (key.map { " (\($0) of the configuration names it)" } ?? "")
    }
}

/// An operation on a machine that failed.
public enum MachineError: FaultyError {
    case invalidSpecification(machine: String, [MachineSpecProblem])
    case unusablePart(MachinePart, FilePath, cause: SystemError)
    /// It exists and is something else, such as a directory.
    case wrongKind(MachinePart, FilePath, expected: String)
    case directory(FilePath, cause: SystemError)
    /// The sockets and pipes to QEMU.
    case connections(cause: SystemError)
    case spawn(FilePath, cause: SystemError)
    case failed(MachineFailure)
    /// Processors or memory could not be added.
    case growth(machine: String, cause: QMPError)
    /// A device could not be plugged in or taken out.
    case plug(machine: String, cause: QMPError)
    case noPort(machine: String, ports: Int)
    /// The task that waited was cancelled.
    case cancelled(machine: String)
    /// It has been handed out already.
    case agentSocketTaken

    public var fault: Fault {
        switch self {
        case .invalidSpecification, .cancelled, .noPort: .user
        case .unusablePart(let part, _, _), .wrongKind(let part, _, _):
            switch part {
            case .emulator, .kernel, .initrd, .fileServer, .randomSource: .user
            case .sharedDirectory: .bug
            case .vsock: .host
            }
        case .directory, .connections, .spawn: .host
        case .growth(_, let cause), .plug(_, let cause): cause.fault
        case .failed(let failure): failure.fault
        case .agentSocketTaken: .bug
        }
    }

    public var cause: (any Error)? {
        switch self {
        case .unusablePart(_, _, let cause), .directory(_, let cause), .spawn(_, let cause), .connections(let cause): cause
        case .failed(let failure): failure
        case .growth(_, let cause), .plug(_, let cause): cause
        case .invalidSpecification, .wrongKind, .noPort, .cancelled, .agentSocketTaken: nil
        }
    }

    public var description: String {
        switch self {
        case .invalidSpecification(let machine, let problems):
            "start machine '\(machine)': \(problems.map(\.description).joined(separator: "; "))"
        case .unusablePart(let part, let path, _): part.named(path)
        case .wrongKind(let part, let path, let expected): part.named(path) + ": not \(expected)"
        case .directory(let path, _): "write into sandbox directory '\(path)'"
        case .connections: "make qemu's connections"
        case .spawn(let program, _): "start '\(program)'"
        case .failed: "start machine"
        case .growth(let machine, _): "add processors and memory to machine '\(machine)'"
        case .plug(let machine, _): "plug a device into machine '\(machine)', or take it out"
        case .noPort(let machine, let ports):
            "plug a device into machine '\(machine)': all \(ports) PCIe root ports are in use, raise pcie_root_port (up to 16)"
        case .cancelled(let machine): "start machine '\(machine)': cancelled"
        case .agentSocketTaken: "take the agent's socket a second time"
        }
    }
}
