// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// A running process that belongs to the old system or to an engine, told by its executable and command line.
package struct LegacyProcess: Sendable, Equatable {
    package enum Role: String, Sendable {
        case hypervisor, proxy, shim, runtime, daemon, virtiofsd
        case ksmThrottler = "ksm throttler"
        case engine
    }

    package let role: Role
    /// The sandbox that its command line names, else the one that has it on record.
    package let sandbox: String?
    /// The system that it belongs to; nil for an engine.
    package let system: String?
    package let process: HostProcess

    /// - Parameter machines: the VMs that runV has on record; hyperd's, made by the same code, are named alike.
    func attributed(_ machines: Set<String>) -> LegacyProcess {
        guard let sandbox, system == LegacySystem.hyperd.name, machines.contains(sandbox) else { return self }
        return LegacyProcess(role: role, sandbox: sandbox, system: LegacySystem.runV.name, process: process)
    }

    /// - Parameter sandbox: the one that has it on record.
    func recorded(by sandbox: String?) -> LegacyProcess {
        self.sandbox == nil ? LegacyProcess(role: role, sandbox: sandbox, system: system, process: process) : self
    }

    private init(role: Role, sandbox: String?, system: String?, process: HostProcess) {
        (self.role, self.sandbox, self.system, self.process) = (role, sandbox, system, process)
    }

    /// Nil for a stranger.
    init?(_ process: HostProcess) {
        // The first word of the command line is the program's own claim; it counts only where the kernel's answer is hidden.
        let program = process.executable.isEmpty ? FilePath(process.arguments.first ?? "") : process.executable
        guard let name = program.lastComponent?.string else { return nil }
        self.process = process
        // docker's daemon had no program of its own before 1.12.
        let isDocker = name == "docker" && process.arguments.dropFirst().first == "daemon"
        if isDocker || ["dockerd", "crio", "containerd", "kubelet"].contains(name) {
            (role, sandbox, system) = (.engine, nil, nil)
            return
        }
        for candidate in LegacySystem.all {
            guard let found = candidate.recognise(program, process.arguments) else { continue }
            (role, sandbox, system) = (found.role, found.sandbox, candidate.name)
            return
        }
        return nil
    }
}
