// SPDX-License-Identifier: Apache-2.0

internal import SwiftProtobuf

/// What a shim does for the commands of `kata-runtime`: the private service `kataswift.shim.v1.Tasks`.
///
/// Every method may throw `TTRPCStatus`; other errors arrive as UNKNOWN with their chain of causes. A command that goes away cancels its call.
package protocol TasksService: Sendable {
    func create(_ request: WireCreateTaskRequest) async throws
    func start(_ request: WireStartTaskRequest) async throws
    func exec(_ request: WireExecTaskRequest) async throws
    func kill(_ request: WireKillTaskRequest) async throws
    func delete(_ request: WireDeleteTaskRequest) async throws -> WireTaskExit
    func wait(_ request: WireWaitTaskRequest) async throws -> WireTaskExit
    func state(_ request: WireTaskStateRequest) async throws -> WireTaskStateResponse
    func pause(_ request: WirePauseTaskRequest) async throws
    func resume(_ request: WireResumeTaskRequest) async throws
    func update(_ request: WireUpdateTaskRequest) async throws
    func stats(_ request: WireStatsTaskRequest) async throws -> WireStatsTaskResponse
    func outOfMemory(_ request: WireOutOfMemoryRequest) async throws -> WireOutOfMemoryResponse
    func processes(_ request: WireProcessesRequest) async throws -> WireProcessesResponse
    func timings(_ request: WireTimingsRequest) async throws -> WireTimingsResponse
    func shutdown(_ request: WireShutdownRequest) async throws -> WireShutdownResponse
}

/// The methods of `TasksService` by their names on the wire.
enum TasksMethod: String, CaseIterable {
    static let service = "kataswift.shim.v1.Tasks"

    case create = "Create"
    case start = "Start"
    case exec = "Exec"
    case kill = "Kill"
    case delete = "Delete"
    case wait = "Wait"
    case state = "State"
    case pause = "Pause"
    case resume = "Resume"
    case update = "Update"
    case stats = "Stats"
    case outOfMemory = "OutOfMemory"
    case processes = "Processes"
    case timings = "Timings"
    case shutdown = "Shutdown"
}

extension TTRPCServer {
    /// Answers `kataswift.shim.v1.Tasks` with `tasks`.
    package func register(tasks: some TasksService) {
        register(.create) { (request: WireCreateTaskRequest) in
            try await tasks.create(request)
            return WireCreateTaskResponse()
        }
        register(.start) { (request: WireStartTaskRequest) in
            try await tasks.start(request)
            return WireStartTaskResponse()
        }
        register(.exec) { (request: WireExecTaskRequest) in
            try await tasks.exec(request)
            return WireExecTaskResponse()
        }
        register(.kill) { (request: WireKillTaskRequest) in
            try await tasks.kill(request)
            return WireKillTaskResponse()
        }
        register(.delete, tasks.delete)
        register(.wait, tasks.wait)
        register(.state, tasks.state)
        register(.pause) { (request: WirePauseTaskRequest) in
            try await tasks.pause(request)
            return WirePauseTaskResponse()
        }
        register(.resume) { (request: WireResumeTaskRequest) in
            try await tasks.resume(request)
            return WireResumeTaskResponse()
        }
        register(.update) { (request: WireUpdateTaskRequest) in
            try await tasks.update(request)
            return WireUpdateTaskResponse()
        }
        register(.stats, tasks.stats)
        register(.outOfMemory, tasks.outOfMemory)
        register(.processes, tasks.processes)
        register(.timings, tasks.timings)
        register(.shutdown, tasks.shutdown)
    }

    private func register<Request: Message, Response: Message>(
        _ method: TasksMethod, _ handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        register(service: TasksMethod.service, method: method.rawValue, handler)
    }
}
