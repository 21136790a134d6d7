// SPDX-License-Identifier: Apache-2.0

internal import SwiftProtobuf

/// A shim, asked over one connection; a call without a timeout waits as long as it must.
package struct TasksClient: Sendable {
    package let connection: TTRPCClient

    package init(_ connection: TTRPCClient) { self.connection = connection }

    package func close() async { await connection.close() }

    private func call<Request: Message, Response: Message>(
        _ method: TasksMethod, _ request: Request, _ timeout: Duration?
    ) async throws(TTRPCStatus) -> Response {
        try await connection.call(service: TasksMethod.service, method: method.rawValue, request, timeout: timeout)
    }
}

extension TasksClient {
    @discardableResult
    package func create(_ request: WireCreateTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireCreateTaskResponse {
        try await call(.create, request, timeout)
    }

    @discardableResult
    package func start(_ request: WireStartTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireStartTaskResponse {
        try await call(.start, request, timeout)
    }

    @discardableResult
    package func exec(_ request: WireExecTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireExecTaskResponse {
        try await call(.exec, request, timeout)
    }

    @discardableResult
    package func kill(_ request: WireKillTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireKillTaskResponse {
        try await call(.kill, request, timeout)
    }

    package func delete(_ request: WireDeleteTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireTaskExit {
        try await call(.delete, request, timeout)
    }

    package func wait(_ request: WireWaitTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireTaskExit {
        try await call(.wait, request, timeout)
    }

    package func state(_ request: WireTaskStateRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireTaskStateResponse {
        try await call(.state, request, timeout)
    }

    @discardableResult
    package func pause(_ request: WirePauseTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WirePauseTaskResponse {
        try await call(.pause, request, timeout)
    }

    @discardableResult
    package func resume(_ request: WireResumeTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireResumeTaskResponse {
        try await call(.resume, request, timeout)
    }

    @discardableResult
    package func update(_ request: WireUpdateTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireUpdateTaskResponse {
        try await call(.update, request, timeout)
    }

    package func stats(_ request: WireStatsTaskRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireStatsTaskResponse {
        try await call(.stats, request, timeout)
    }

    package func outOfMemory(_ request: WireOutOfMemoryRequest) async throws(TTRPCStatus) -> WireOutOfMemoryResponse {
        try await call(.outOfMemory, request, nil)
    }

    package func processes(_ request: WireProcessesRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireProcessesResponse {
        try await call(.processes, request, timeout)
    }

    package func timings(_ request: WireTimingsRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireTimingsResponse {
        try await call(.timings, request, timeout)
    }

    @discardableResult
    package func shutdown(_ request: WireShutdownRequest, timeout: Duration? = nil) async throws(TTRPCStatus) -> WireShutdownResponse {
        try await call(.shutdown, request, timeout)
    }
}
