// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

extension GuestSandbox {
    /// Starts a program of the guest's own root, outside of all containers. The empty id stands for the guest.
    func executeInGuest(_ exec: String, process: ProcessDescription) async throws {
        guard allowsGuestShell else {
            throw AgentFailure.unsupported("run a program in the guest: the machine was booted without debug_console_enabled")
        }
        guard !exec.isEmpty else { throw AgentFailure.invalid("run a program in the guest: no exec id") }
        let guest = try guest()
        try guest.replaceEnded(exec)
        let launch = ProcessLaunch(
            name: "guest/\(exec)", steps: ProcessPlan.outside(process), arguments: process.arguments,
            environment: process.environment.entries, namespaces: 0, joining: nil, joinsProcesses: false)
        let launched = try start(launch, in: guest.cgroup.directory)
        guest.later[exec] = launched.process
        guard case .failed(let step, let errno) = try await launched.report.next(loop: loop, isolation: self) else {
            return try launched.attachTerminal(loop: loop)
        }
        _ = await launched.process.exitStatus(isolation: self)
        launched.process.closeStreams()
        guest.later[exec] = nil
        throw AgentFailure.step(step, errno)
    }

    /// PID 1 stands for the first process.
    private func guest() throws -> Container {
        if let shell { return shell }
        let pidfd = SharedFD(OwnedFD(adopting: try syscall("pidfd_open", "1") { cl_pidfd_open(1) }))
        let first = ContainerProcess(
            pid: 1, pidfd: pidfd, input: try InputPipe(nil, name: "stdin of the guest", loop: loop),
            output: try OutputPipe(nil, name: "stdout of the guest", loop: loop),
            error: try OutputPipe(nil, name: "stderr of the guest", loop: loop))
        let made = Container(guest: first, cgroup: try ContainerCgroup(name: ".guest"))
        shell = made
        return made
    }
}
