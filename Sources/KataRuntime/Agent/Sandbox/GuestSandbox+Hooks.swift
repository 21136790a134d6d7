// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import KataWire
internal import SystemPackage

extension GuestSandbox {
    /// Where a sandbox's own hooks are run in a container's life; the directories below `guest_hook_path` have these names.
    enum GuestHookPoint: String {
        case prestart, poststart, poststop
    }

    /// Runs the hooks of the specification in the container's namespaces, as its process; the first that fails ends it.
    func runStartHooks(of container: Container) async throws {
        for hook in container.description.startHooks {
            let process = hook.process(like: container.description.process)
            let launch = ProcessLaunch(
                name: "\(container.id)/hook", steps: ProcessPlan.joining(process, joinsUsers: container.description.identities != nil),
                arguments: process.arguments,
                environment: process.environment.entries, namespaces: 0, joining: container.first.pidfd, joinsProcesses: true)
            let launched = try start(launch, in: container)
            try await finish(
                launched, hook, point: "startContainer", state(of: container, "created", pid: try container.first.innermostPID()))
        }
    }

    /// Runs the executables that the guest's image has for this point, in the guest's own namespaces.
    func runGuestHooks(_ point: GuestHookPoint, _ container: Container) async throws {
        for program in guestHooks(point) {
            let hook = HookDescription(program: program.string)
            let launch = ProcessLaunch(
                name: "\(container.id)/hook", steps: hook.guestSteps, arguments: hook.arguments,
                environment: ["PATH=/bin:/sbin:/usr/bin:/usr/sbin"],
                namespaces: 0, joining: nil, joinsProcesses: false)
            let launched = try start(launch, in: try OwnedFD.open(CgroupTree.root, O_RDONLY | O_DIRECTORY))
            let status = point == .poststop ? "stopped" : point == .poststart ? "running" : "created"
            try await finish(
                launched, hook, point: "guest \(point.rawValue)",
                state(of: container, status, pid: point == .poststop ? 0 : container.first.pid))
        }
    }

    private func guestHooks(_ point: GuestHookPoint) -> [FilePath] {
        guard let directory = guestHookPath?.appending(point.rawValue) else { return [] }
        // A point without a directory has no hooks.
        let names = (try? FileSystem.list(directory)) ?? []
        return names.sorted().map { directory.appending($0) }.filter { access($0.string, X_OK) == 0 }
    }

    private func state(of container: Container, _ status: String, pid: pid_t) -> WireHookState {
        var state = container.description.state
        state.id = container.id
        state.status = status
        state.pid = pid
        return state
    }

    private func finish(_ launched: LaunchedProcess, _ hook: HookDescription, point: String, _ state: WireHookState) async throws {
        let process = launched.process
        if case .failed(let step, let errno) = try await launched.report.next(loop: loop, isolation: self) {
            _ = await process.exitStatus(isolation: self)
            process.closeStreams()
            throw AgentFailure.step(step, errno)
        }
        let said = HookOutput()
        Task { await follow(process.output, said) }
        Task { await follow(process.error, said) }
        let limit = Task { try await end(process, after: hook.seconds, said) }
        // A hook that does not read its state is none the worse for it.
        try? await process.input.write(try state.document(), isolation: self)
        process.input.close()
        let status = await process.exitStatus(isolation: self)
        limit.cancel()
        // What it left running may hold its output open for ever.
        try await Task.sleep(for: .milliseconds(status == 0 ? 0 : 20))
        process.closeStreams()
        if said.isLate {
            throw AgentFailure.hook(hook.program, point: point, problem: "it ran longer than \(hook.seconds) s and was killed")
        }
        guard status == 0 else {
            throw AgentFailure.hook(hook.program, point: point, problem: "exit status \(status): \(said.text)")
        }
    }
}

extension GuestSandbox {
    private func end(_ process: ContainerProcess, after seconds: Int64, _ said: HookOutput) async throws {
        guard seconds > 0 else { return }
        try await Task.sleep(for: .seconds(seconds))
        said.isLate = true
        try? process.signal(SIGKILL)  // it may end at this moment
    }

    /// Reads to the end, which is there at the latest when the pipe is closed.
    private func follow(_ pipe: OutputPipe, _ said: HookOutput) async {
        while let bytes = try? await pipe.read(upTo: 4096, isolation: self), !bytes.isEmpty { said.append(bytes) }
    }
}

/// The end of what a hook wrote. Confined to the sandbox actor.
private final class HookOutput {
    private var bytes: [UInt8] = []
    var isLate = false

    func append(_ more: [UInt8]) { bytes = (bytes + more).suffix(4096) }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
