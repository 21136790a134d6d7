// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// The agent as a program: PID 1 of a guest, or a server on a descriptor that it was given.
package enum GuestAgent {
    /// How long the port may take to appear and the host to connect.
    private static let portSeconds: UInt64 = 60

    /// Never returns: the agent ends with its connection.
    package static func run(arguments: [String]) -> Never {
        cl_install_panic_handlers()
        signal(SIGPIPE, SIG_IGN)
        switch (arguments.dropFirst().first, arguments.count) {
        case (nil, _) where getpid() == 1: guest()
        case ("serve", 3): serve(arguments[2])
        case ("--version", 2):
            print("kata-agent \(GuestDetails.version)")
            exit(0)
        default:
            print("usage: kata-agent serve DESCRIPTOR | --version; without arguments it is PID 1 of a guest")
            exit(2)
        }
    }

    /// Boots, serves the host's connection, and powers off with it.
    private static func guest() -> Never {
        do {
            let boot = try GuestBoot.run()
            let log = ConsoleLog(threshold: boot.commandLine.logLevel)
            log.write(
                .info, "agent stage",
                ["stage": "guest-init", "stage_boottime_ns": .number(Int64(boot.started)), "kernel": .text(boot.release)])
            let port = try AgentPort.open(seconds: portSeconds)
            let details = GuestDetails(kernelRelease: boot.release, isInit: true, initBootTime: boot.started)
            try serve(port, details, log, allowsGuestShell: boot.commandLine.hasDebugConsole) { _ in
                // The host is gone, and its containers go with the machine.
                log.write(.info, "host disconnected")
                powerOff(log)
            }
        } catch {
            let log = ConsoleLog(threshold: .critical)
            log.write(.critical, "agent panic", ["error": .text(errorChain(error))])
            powerOff(log)
        }
        while true { pause() }
    }

    private static func powerOff(_ log: ConsoleLog) -> Never {
        _ = cl_power_off()
        // A guest without PID 1 panics, which ends it as well.
        log.write(.critical, "power off failed", ["errno": .number(Int64(cl_errno()))])
        exit(1)
    }

    /// Serves one connection and ends with it, leaving the machine as it is.
    private static func serve(_ descriptor: String) -> Never {
        let log = ConsoleLog(threshold: .info)
        do {
            guard let number = CInt(descriptor), number >= 0, cl_fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else {
                throw AgentFailure.invalid("serve descriptor '\(descriptor)': it is not open")
            }
            try syscall("prctl", "PR_SET_CHILD_SUBREAPER") { cl_prctl(PR_SET_CHILD_SUBREAPER, 1) }
            try CgroupTree.prepare()
            let release = try GuestBoot.runningKernelRelease()
            let details = GuestDetails(kernelRelease: release, isInit: false)
            try serve(OwnedFD(adopting: number), details, log) { sandbox in
                do {
                    try await sandbox.destroy()
                    exit(0)
                } catch {
                    log.write(.error, "destroying the sandbox failed", ["error": .text(errorChain(error))])
                    exit(1)
                }
            }
        } catch {
            log.write(.critical, "agent ends", ["error": .text(errorChain(error))])
            exit(1)
        }
        while true { pause() }
    }

    /// Starts to serve; `whenClosed` runs after the connection is gone.
    private static func serve(
        _ connection: consuming OwnedFD, _ details: GuestDetails, _ log: ConsoleLog, allowsGuestShell: Bool = false,
        whenClosed: @escaping @Sendable (GuestSandbox) async -> Void
    ) throws {
        let signals = SharedFD(OwnedFD(adopting: try syscall("signalfd", "SIGCHLD") { cl_child_signals() }))
        // All threads come after SIGCHLD was blocked, so that they have it blocked too.
        let sandbox = GuestSandbox(loop: try AgentLoop(), log: log, allowsGuestShell: allowsGuestShell)
        let server = TTRPCServer()
        server.register(agent: AgentServer(sandbox: sandbox, details: details, log: log))
        server.register(health: details)
        Task { await sandbox.reap(signals: signals) }
        let number = connection.release()
        Task {
            do {
                try await server.serve(connected: OwnedFD(adopting: number))
                log.write(.info, "agent stage", ["stage": "agent-ready", "stage_boottime_ns": .number(Int64(cl_boot_time()))])
                await server.waitClosed()
            } catch {
                log.write(.error, "serving the host failed", ["error": .text(errorChain(error))])
            }
            await whenClosed(sandbox)
        }
    }
}
