// SPDX-License-Identifier: Apache-2.0

package import KataWire

/// The agent's side of `grpc.AgentService`: reads requests into values, asks the sandbox, and turns failures into statuses.
package struct AgentServer: AgentService {
    let sandbox: GuestSandbox
    let network = GuestNetwork()
    private let details: GuestDetails
    private let log: ConsoleLog

    package init(sandbox: GuestSandbox, details: GuestDetails, log: ConsoleLog) {
        self.sandbox = sandbox
        self.details = details
        self.log = log
    }

    func answering<Answer: Sendable>(_ body: () async throws -> Answer) async throws(TTRPCStatus) -> Answer {
        do {
            return try await body()
        } catch {
            throw TTRPCStatus(reporting: error)
        }
    }
}

extension AgentServer {
    package func createSandbox(_ request: WireCreateSandboxRequest) async throws {
        try await answering {
            guard !request.sandboxPidns else {
                throw AgentFailure.unsupported("create sandbox '\(request.sandboxID)' with one pid namespace for all containers")
            }
            guard request.kernelModules.isEmpty else {
                throw AgentFailure.unsupported("create sandbox '\(request.sandboxID)' with kernel modules")
            }
            try await sandbox.create(
                id: request.sandboxID, hostName: request.hostname, dns: request.dns, hooks: request.guestHookPath,
                storages: try request.storages.map { try StoragePlan(of: try StorageDescription($0)) })
        }
    }

    package func destroySandbox(_ request: WireDestroySandboxRequest) async throws {
        try await answering { try await sandbox.destroy() }
    }

    package func createContainer(_ request: WireCreateContainerRequest) async throws {
        try await answering {
            let id = request.containerID
            guard request.sharedMounts.isEmpty, !request.sandboxPidns, !request.hasStringUser else {
                throw AgentFailure.unsupported(
                    "create container '\(id)' with shared mounts, a shared pid namespace or a user by name")
            }
            guard request.stdinPort == 0, request.stdoutPort == 0, request.stderrPort == 0 else {
                throw AgentFailure.unsupported("create container '\(id)' with streams over vsock ports")
            }
            let spec = try await Self.specification(request.oci, with: request.devices)
            var description = try ContainerDescription(spec)
            description.state.bundle = request.bundle
            description.state.id = id
            for part in ContainerDescription.unapplied(in: request.oci) {
                log.write(
                    .warning, "part of the specification is not applied by this agent",
                    ["container": .text(id), "part": .text(part)])
            }
            try await sandbox.createContainer(
                id, description: description, limits: try CgroupLimits(spec.linux.resources),
                storages: try await Self.storages(request.storages))
        }
    }

    package func startContainer(_ request: WireStartContainerRequest) async throws {
        try await answering { try await sandbox.startContainer(request.containerID) }
    }

    package func removeContainer(_ request: WireRemoveContainerRequest) async throws {
        try await answering { try await sandbox.removeContainer(request.containerID, seconds: request.timeout) }
    }

    package func getGuestDetails(_ request: WireGuestDetailsRequest) async throws -> WireGuestDetailsResponse {
        try await answering { try details.answer(request) }
    }
}

extension AgentServer {
    package func execProcess(_ request: WireExecProcessRequest) async throws {
        try await answering {
            guard request.stdinPort == 0, request.stdoutPort == 0, request.stderrPort == 0 else {
                throw AgentFailure.unsupported("add process '\(request.execID)' with streams over vsock ports")
            }
            try await sandbox.execute(
                request.execID, in: request.containerID, process: try ProcessDescription(request.process),
                named: request.hasStringUser ? request.stringUser : nil)
        }
    }

    package func signalProcess(_ request: WireSignalProcessRequest) async throws {
        try await answering {
            guard (1...64).contains(request.signal) else { throw AgentFailure.invalid("send signal \(request.signal)") }
            try await sandbox.signal(Int32(request.signal), exec: request.execID, in: request.containerID)
        }
    }

    package func waitProcess(_ request: WireWaitProcessRequest) async throws -> WireWaitProcessResponse {
        try await answering {
            var answer = WireWaitProcessResponse()
            answer.status = try await sandbox.wait(exec: request.execID, in: request.containerID)
            answer.oomKills = await sandbox.memoryKills(of: request.containerID)
            return answer
        }
    }

    package func writeStdin(_ request: WireWriteStreamRequest) async throws -> WireWriteStreamResponse {
        try await answering {
            let bytes = request.bytes
            guard bytes.count <= streamPayloadLimit else {
                throw AgentFailure.invalid("write \(bytes.count) bytes of standard input in one call")
            }
            try await sandbox.writeInput(bytes, exec: request.execID, in: request.containerID)
            var answer = WireWriteStreamResponse()
            answer.len = UInt32(bytes.count)
            return answer
        }
    }

    package func readStdout(_ request: WireReadStreamRequest) async throws -> WireReadStreamResponse {
        try await read(.output, request)
    }

    package func readStderr(_ request: WireReadStreamRequest) async throws -> WireReadStreamResponse {
        try await read(.error, request)
    }

    /// End of file is an answer without data.
    private func read(
        _ stream: GuestSandbox.OutputStream, _ request: WireReadStreamRequest
    ) async throws(TTRPCStatus) -> WireReadStreamResponse {
        try await answering {
            let bytes = try await sandbox.read(
                stream, upTo: Int(request.len), exec: request.execID, in: request.containerID)
            return WireReadStreamResponse(bytes: bytes)
        }
    }

    package func closeStdin(_ request: WireCloseStdinRequest) async throws {
        try await answering { try await sandbox.closeInput(exec: request.execID, in: request.containerID) }
    }

    package func ttyWinResize(_ request: WireTtyWinResizeRequest) async throws {
        try await answering {
            try await sandbox.resize(
                TerminalSize(rows: request.row, columns: request.column), exec: request.execID, in: request.containerID)
        }
    }
}
