// SPDX-License-Identifier: Apache-2.0

internal import SwiftProtobuf

/// A guest agent, asked over one connection.
///
/// Each call takes its own timeout, or the one of `timeouts`; calls that wait for a process or move its bytes wait as long as they must.
package struct AgentClient: Sendable {
    package let connection: TTRPCClient
    package let timeouts: AgentTimeouts

    package init(_ connection: TTRPCClient, timeouts: AgentTimeouts = AgentTimeouts()) {
        self.connection = connection
        self.timeouts = timeouts
    }

    package func close() async { await connection.close() }

    private func call<Request: Message, Response: Message>(
        _ method: AgentMethod, _ request: Request, _ timeout: Duration?
    ) async throws(TTRPCStatus) -> Response {
        try await connection.call(service: AgentMethod.service, method: method.rawValue, request, timeout: timeout)
    }
}

extension AgentClient {
    @discardableResult
    package func createSandbox(_ request: WireCreateSandboxRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.createSandbox, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func destroySandbox(_ request: WireDestroySandboxRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.destroySandbox, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func createContainer(_ request: WireCreateContainerRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.createContainer, request, timeout ?? timeouts.createContainer)
    }

    @discardableResult
    package func startContainer(_ request: WireStartContainerRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.startContainer, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func removeContainer(_ request: WireRemoveContainerRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.removeContainer, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func execProcess(_ request: WireExecProcessRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.execProcess, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func signalProcess(_ request: WireSignalProcessRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.signalProcess, request, timeout ?? timeouts.request)
    }

    package func waitProcess(_ request: WireWaitProcessRequest, timeout: Duration? = nil) async throws(TTRPCStatus)
        -> WireWaitProcessResponse
    {
        try await call(.waitProcess, request, timeout)
    }

    package func writeStdin(_ request: WireWriteStreamRequest, timeout: Duration? = nil) async throws(TTRPCStatus)
        -> WireWriteStreamResponse
    {
        try await call(.writeStdin, request, timeout)
    }

    package func readStdout(_ request: WireReadStreamRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireReadStreamResponse
    {
        try await call(.readStdout, request, timeout)
    }

    package func readStderr(_ request: WireReadStreamRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireReadStreamResponse
    {
        try await call(.readStderr, request, timeout)
    }

    @discardableResult
    package func closeStdin(_ request: WireCloseStdinRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.closeStdin, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func ttyWinResize(_ request: WireTtyWinResizeRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.ttyWinResize, request, timeout ?? timeouts.request)
    }

    package func getGuestDetails(_ request: WireGuestDetailsRequest, timeout: Duration? = nil) async throws(TTRPCStatus)
        -> WireGuestDetailsResponse
    {
        try await call(.getGuestDetails, request, timeout ?? timeouts.request)
    }
}

/// The agent's health service, which answers before there is a sandbox.
extension AgentClient {
    package func check(timeout: Duration? = nil) async throws(TTRPCStatus) -> WireHealthCheckResponse.ServingStatus {
        let answer: WireHealthCheckResponse = try await connection.call(
            service: HealthMethod.service, method: HealthMethod.check.rawValue, WireCheckRequest(), timeout: timeout ?? timeouts.check)
        return answer.status
    }

    package func version(timeout: Duration? = nil) async throws(TTRPCStatus) -> WireVersionCheckResponse {
        try await connection.call(
            service: HealthMethod.service, method: HealthMethod.version.rawValue, WireCheckRequest(), timeout: timeout ?? timeouts.check)
    }
}

extension AgentClient {
    @discardableResult
    package func pauseContainer(_ request: WirePauseContainerRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.pauseContainer, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func resumeContainer(_ request: WireResumeContainerRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.resumeContainer, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func updateContainer(_ request: WireUpdateContainerRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.updateContainer, request, timeout ?? timeouts.request)
    }

    package func statsContainer(
        _ request: WireStatsContainerRequest, timeout: Duration? = nil
    ) async throws(TTRPCStatus) -> WireStatsContainerResponse {
        try await call(.statsContainer, request, timeout ?? timeouts.request)
    }

    package func listProcesses(
        _ request: WireListProcessesRequest, timeout: Duration? = nil
    ) async throws(TTRPCStatus) -> WireListProcessesResponse {
        try await call(.listProcesses, request, timeout ?? timeouts.request)
    }

    /// Waits for as long as it takes.
    package func getOOMEvent() async throws(TTRPCStatus) -> WireOOMEvent { try await call(.getOOMEvent, WireGetOOMEventRequest(), nil) }

    @discardableResult
    package func onlineCPUMem(_ request: WireOnlineCPUMemRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.onlineCPUMem, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func serveNames(_ request: WireServeNamesRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.serveNames, request, timeout ?? timeouts.request)
    }

    /// Waits until there is one.
    package func getNameQuery() async throws(TTRPCStatus) -> WireNameQuery { try await call(.getNameQuery, WireGetNameQueryRequest(), nil) }

    @discardableResult
    package func answerNameQuery(_ request: WireNameAnswer, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.answerNameQuery, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func updateInterface(
        _ request: WireUpdateInterfaceRequest, timeout: Duration? = nil
    ) async throws(TTRPCStatus) -> WireInterface {
        try await call(.updateInterface, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func updateRoutes(_ request: WireUpdateRoutesRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireRoutes {
        try await call(.updateRoutes, request, timeout ?? timeouts.request)
    }

    @discardableResult
    package func addARPNeighbors(_ request: WireAddARPNeighborsRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireEmpty {
        try await call(.addARPNeighbors, request, timeout ?? timeouts.request)
    }
}
