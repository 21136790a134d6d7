// SPDX-License-Identifier: Apache-2.0

internal import SwiftProtobuf

extension TTRPCServer {
    /// Answers `grpc.AgentService` with `agent`.
    package func register(agent: some AgentService) {
        register(.createSandbox, agent.createSandbox)
        register(.destroySandbox, agent.destroySandbox)
        register(.createContainer, agent.createContainer)
        register(.startContainer, agent.startContainer)
        register(.removeContainer, agent.removeContainer)
        register(.execProcess, agent.execProcess)
        register(.signalProcess, agent.signalProcess)
        register(.waitProcess, answering: agent.waitProcess)
        register(.writeStdin, answering: agent.writeStdin)
        register(.readStdout, answering: agent.readStdout)
        register(.readStderr, answering: agent.readStderr)
        register(.closeStdin, agent.closeStdin)
        register(.ttyWinResize, agent.ttyWinResize)
        register(.pauseContainer, agent.pauseContainer)
        register(.resumeContainer, agent.resumeContainer)
        register(.updateContainer, agent.updateContainer)
        register(.statsContainer, answering: agent.statsContainer)
        register(.listProcesses, answering: agent.listProcesses)
        register(.getOOMEvent, answering: agent.getOOMEvent)
        register(.onlineCPUMem, agent.onlineCPUMem)
        register(.serveNames, agent.serveNames)
        register(.getNameQuery, answering: agent.getNameQuery)
        register(.answerNameQuery, agent.answerNameQuery)
        register(.updateInterface, answering: agent.updateInterface)
        register(.updateRoutes, answering: agent.updateRoutes)
        register(.addARPNeighbors, agent.addARPNeighbors)
        register(.getGuestDetails, answering: agent.getGuestDetails)
    }

    private func register<Request: Message>(_ method: AgentMethod, _ handler: @escaping @Sendable (Request) async throws -> Void) {
        register(service: AgentMethod.service, method: method.rawValue) { (request: Request) in
            try await handler(request)
            return WireEmpty()
        }
    }

    private func register<Request: Message, Response: Message>(
        _ method: AgentMethod, answering handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        register(service: AgentMethod.service, method: method.rawValue, handler)
    }
}
