// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// A running process that belongs to the old system or to an engine, told by its executable and command line.
package struct LegacyProcess: Sendable, Equatable {
    package enum Role: String, Sendable {
        case hypervisor, proxy, shim, runtime
        case ksmThrottler = "ksm throttler"
        case engine
    }

    package let role: Role
    /// The sandbox that its command line names.
    package let sandbox: String?
    package let process: HostProcess

    /// Nil for a stranger.
    init?(_ process: HostProcess) {
        // The first word of the command line is the program's own claim; it counts only where the kernel's answer is hidden.
        let program = process.executable.isEmpty ? FilePath(process.arguments.first ?? "") : process.executable
        guard let name = program.lastComponent?.string else { return nil }
        let arguments = process.arguments
        switch name {
        case "cc-proxy": (role, sandbox) = (.proxy, Self.sandboxInSocket(arguments, after: "-uri"))
        case "cc-shim":
            // "-c" carries the container; the proxy's socket the sandbox, except with the one system-wide proxy of 3.0.9 and before.
            (role, sandbox) = (.shim, Self.sandboxInSocket(arguments, after: "-u") ?? Self.value(arguments, after: "-c"))
        case "cc-runtime": (role, sandbox) = (.runtime, nil)
        case "cc-ksm-throttler": (role, sandbox) = (.ksmThrottler, nil)
        // The throttler's trigger has a name that says too little without its directory.
        case "vc" where program.string.contains("/cc-ksm-throttler/"): (role, sandbox) = (.ksmThrottler, nil)
        case "dockerd": (role, sandbox) = (.engine, nil)
        default:
            // A hypervisor may have any name, but the runtime gives every VM these.
            guard let machine = Self.value(arguments, after: "-name"), machine.hasPrefix("pod-"),
                arguments.contains(where: { $0.contains("/run/virtcontainers/pods/") })
            else { return nil }
            (role, sandbox) = (.hypervisor, String(machine.dropFirst(4)))
        }
        self.process = process
    }

    private static func value(_ arguments: [String], after flag: String) -> String? {
        guard let index = arguments.firstIndex(of: flag), index + 1 < arguments.count else { return nil }
        return arguments[index + 1]
    }

    /// `ID` of `unix:///run/virtcontainers/pods/ID/proxy.sock`.
    private static func sandboxInSocket(_ arguments: [String], after flag: String) -> String? {
        guard let socket = value(arguments, after: flag) else { return nil }
        let parts = socket.split(separator: "/")
        guard let index = parts.lastIndex(of: "pods"), index + 2 < parts.count else { return nil }
        return String(parts[index + 1])
    }
}
