// SPDX-License-Identifier: Apache-2.0

package import KataOCI
package import KataSystem

/// Why a sandbox does not do what it was asked.
package enum SandboxError: FaultyError, Equatable {
    case inUse(ContainerID)
    case noContainer(ContainerID)
    case execInUse(ContainerID, String)
    case noExec(ContainerID, String)
    case wrongStatus(ContainerID, ContainerStatus, act: String)
    case noMachineYet(ContainerID, act: String)
    case noTerminal
    case hostNetwork
    case impossible(String, String)
    case networkInUse(String)
    case unusableInterface(String, String)
    case unusableNetwork(String, SystemError)
    case noMachine(ContainerID)
    case notReady

    package var fault: Fault {
        switch self {
        case .noMachine: .guest
        default: .user
        }
    }

    package var description: String {
        switch self {
        case .inUse(let id): "container with id '\(id.rawValue)' exists"
        case .noContainer(let id): "container '\(id.rawValue)' does not exist in this sandbox"
        case .execInUse(let id, let exec): "process '\(exec)' of container '\(id.rawValue)' exists"
        case .noExec(let id, let exec): "container '\(id.rawValue)' has no process '\(exec)'"
        case .noMachineYet(let id, let act):
            "\(act) container '\(id.rawValue)': it was moved here and has no virtual machine yet; start it, or delete it"
        case .wrongStatus(let id, .stopped, "start"):
            "start container '\(id.rawValue)': it has ended, and a container is started once: delete it and create it anew"
        // Engines look for the words "container not running".
        case .wrongStatus(let id, .stopped, let act): "\(act) container '\(id.rawValue)': container not running"
        case .wrongStatus(let id, let status, let act):
            "\(act) container '\(id.rawValue)': it is \(status.rawValue)\(Self.advice(act))"
        case .hostNetwork:
            "share the host's network: a virtual machine has a network of its own, choose a bridge, a network of the engine, or none"
        case .impossible(let what, let reason): "\(what): \(reason)"
        case .networkInUse(let device):
            "take over the container's network: device '\(device)' in its namespace belongs to another virtual machine"
        case .unusableInterface(let device, let reason): "give the virtual machine the interface '\(device)': \(reason)"
        case .unusableNetwork(let path, let error): "enter network namespace '\(path)': \(error)"
        case .noTerminal: "give the process a terminal: there is none here to give, use --console-socket or run in a terminal"
        case .noMachine(let id): "the virtual machine of container '\(id.rawValue)' is gone: kata-runtime delete --force \(id.rawValue)"
        case .notReady: "the sandbox has no running virtual machine: delete its containers with kata-runtime delete --force"
        }
    }

    private static func advice(_ act: String) -> String {
        act == "delete" ? ", stop it first or use --force" : ""
    }
}
