// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
package import KataWire
internal import SystemPackage

extension GuestSandbox {
    /// Which output of a process.
    package enum OutputStream: Sendable {
        case output, error
    }

    /// Starts one more process in a container.
    ///
    /// - Parameter named: a user to look up in the container's own files.
    package func execute(_ exec: String, in id: String, process: ProcessDescription, named: WireStringUser? = nil) async throws {
        if id.isEmpty { return try await executeInGuest(exec, process: process) }
        let container = try container(id)
        guard !exec.isEmpty, exec != id else { throw AgentFailure.invalid("add a process to container '\(id)': no exec id") }
        guard !container.first.hasEnded else { throw AgentFailure.processEnded(container: id, exec: "") }
        try container.replaceEnded(exec)
        var process = process
        let users = users(of: container)
        if let named {
            (process.user, process.group, process.additionalGroups) = try users.resolve(
                user: named.uid, group: named.gid, further: named.additionalGids)
        }
        process.environment.provideHome(of: process.user, users: users)
        process.personality = container.description.process.personality
        process.filter = container.description.process.filter
        var launch = ProcessLaunch(
            name: "\(id)/\(exec)",
            steps: ProcessPlan.joining(
                process, joinsUsers: container.description.identities != nil, joinsClocks: container.description.hasOtherClocks),
            arguments: process.arguments,
            environment: process.environment.entries, namespaces: 0, joining: container.first.pidfd, joinsProcesses: true)
        launch.streamOwner = container.description.identities?.outside(user: process.user)
        let launched = try start(launch, in: container)
        container.later[exec] = launched.process
        guard case .failed(let step, let errno) = try await launched.report.next(loop: loop, isolation: self) else {
            return try launched.attachTerminal(loop: loop)
        }
        _ = await launched.process.exitStatus(isolation: self)
        launched.process.closeStreams()
        container.later[exec] = nil
        throw AgentFailure.step(step, errno)
    }

    /// - Parameter exec: empty for every process of the container, the container's id for the first; SIGKILL reaches every one then, too.
    package func signal(_ number: Int32, exec: String, in id: String) throws {
        let container = try container(id)
        let isFirst = exec.isEmpty || exec == id
        if isFirst && id.isEmpty { throw AgentFailure.invalid("signal the guest's first process") }
        if isFirst && number == SIGKILL { return try container.cgroup.killAll() }
        if exec.isEmpty {
            for pid in try container.cgroup.allProcesses() {
                do throws(SystemError) {
                    try syscall("kill", "\(pid)") { kill(pid, number) }
                } catch {
                    // It has ended since the group was read.
                    guard error.errno == .noSuchProcess else { throw error }
                }
            }
            return
        }
        let process = try container.process(exec)
        if process.hasEnded {
            // Killing what is dead already is no failure.
            guard number == SIGKILL else { throw AgentFailure.processEnded(container: id, exec: exec) }
            return
        }
        do throws(SystemError) {
            try process.signal(number)
        } catch {
            if error.errno == .noSuchProcess { throw AgentFailure.processEnded(container: id, exec: exec) }
            throw error
        }
    }

    /// - Returns: exit code, or 128 + signal; at once for a process that has ended.
    package func wait(exec: String, in id: String) async throws -> Int32 {
        let container = try container(id)
        let status = try await container.process(exec).exitStatus(isolation: self)
        container.markWaited(exec)
        return status
    }

    /// How many processes of a container the kernel has ended for want of memory, the last one included; 0 of one that is gone.
    package func memoryKills(of id: String) -> UInt64 {
        guard let container = try? container(id), let watch = container.memoryWatch else { return 0 }
        _ = try? watch.look { reportOutOfMemory(id) }  // a group that is gone has been looked at before
        return watch.count
    }

    /// - Returns: at most 64 KiB; empty at end of file.
    package func read(_ stream: OutputStream, upTo count: Int, exec: String, in id: String) async throws -> [UInt8] {
        let container = try container(id)
        let process = try container.process(exec)
        let pipe =
            switch stream {
            case .output: process.output
            case .error: process.error
            }
        let bytes = try await pipe.read(upTo: count, isolation: self)
        if bytes.isEmpty { container.forgetDrained(exec) }
        return bytes
    }

    /// Returns when the process's pipe has taken all bytes.
    package func writeInput(_ bytes: [UInt8], exec: String, in id: String) async throws {
        try await container(id).process(exec).input.write(bytes, isolation: self)
    }

    /// A process that has ended has no terminal to resize, and is none the worse for it.
    package func resize(_ size: TerminalSize, exec: String, in id: String) throws {
        let process = try container(id).process(exec)
        guard try process.resize(size) || process.hasEnded else { throw AgentFailure.noTerminal(container: id, exec: exec) }
    }

    package func closeInput(exec: String, in id: String) throws {
        try container(id).process(exec).input.close()
    }
}
