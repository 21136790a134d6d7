// SPDX-License-Identifier: Apache-2.0

internal import KataBundle
internal import KataHypervisor
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText
package import KataWire
internal import SystemPackage

/// The requests of runtime commands, as calls of the sandbox.
package struct TaskService: TasksService {
    let sandbox: Sandbox
    let descriptors: DescriptorExchange
    let shim: ProcessIdentity
    /// Set when the process is to end.
    let finished: OneShot<Void>
    let log: ShimLog

    package func create(_ request: WireCreateTaskRequest) async throws {
        do {
            try await answer("create", request.id) {
                let caller = try caller(request.stdioToken)
                try await sandbox.create(
                    try ContainerID(request.id), bundle: try Bundle.load(FilePath(request.bundle)), caller: caller,
                    sharedMemory: request.sharedMemory == 0 ? nil : request.sharedMemory)
            }
        } catch {
            // Without a container there is nothing to keep the sandbox for; the answer still goes out.
            if await sandbox.isUnused {
                await sandbox.stop()
                finished.set(())
            }
            throw error
        }
    }

    package func start(_ request: WireStartTaskRequest) async throws {
        try await answer("start", request.id) {
            try await sandbox.start(try ContainerID(request.id))
        }
    }

    package func exec(_ request: WireExecTaskRequest) async throws {
        try await answer("exec", request.id) {
            let source = SourceText(path: "process.json", bytes: request.processDocument)
            let parsed = JSONDocument.parse(source)
            guard let document = parsed.value else { throw TaskFailure.malformedProcess }
            let process = try document.decode(ProcessSpec.self)
            let caller = try caller(request.stdioToken)
            if request.id.isEmpty { return try await sandbox.execInGuest(request.execID, process: process, caller: caller) }
            try await sandbox.exec(try ContainerID(request.id), exec: request.execID, process: process, caller: caller)
        }
    }

    package func kill(_ request: WireKillTaskRequest) async throws {
        try await answer("kill", request.id) {
            try await sandbox.kill(
                try ContainerID(request.id), exec: request.execID.isEmpty ? nil : request.execID, signal: CInt(request.signal),
                all: request.all)
        }
    }

    package func delete(_ request: WireDeleteTaskRequest) async throws -> WireTaskExit {
        try await answer("delete", request.id) { Self.message(try await sandbox.delete(try ContainerID(request.id), force: request.force)) }
    }

    package func wait(_ request: WireWaitTaskRequest) async throws -> WireTaskExit {
        try await answer("wait", request.id) {
            Self.message(
                try await sandbox.wait(try ContainerID(request.id), exec: request.execID.isEmpty ? nil : request.execID))
        }
    }

    package func state(_ request: WireTaskStateRequest) async throws -> WireTaskStateResponse {
        try await answer("state", request.id) {
            let record = try await sandbox.record(try ContainerID(request.id))
            return .with {
                $0.pid = record.pid()
                switch record.status() {
                case .creating: $0.status = .creating
                case .created: $0.status = .created
                case .running: $0.status = .running
                case .paused: $0.status = .paused
                case .stopped: $0.status = .stopped
                }
                if case .stopped(let status, _) = record.life { $0.exitStatus = UInt32(bitPattern: status) }
            }
        }
    }

    package func pause(_ request: WirePauseTaskRequest) async throws {
        try await answer("pause", request.id) { try await sandbox.pause(try ContainerID(request.id)) }
    }

    package func resume(_ request: WireResumeTaskRequest) async throws {
        try await answer("resume", request.id) { try await sandbox.resume(try ContainerID(request.id)) }
    }

    package func update(_ request: WireUpdateTaskRequest) async throws {
        try await answer("update", request.id) { try await sandbox.update(try ContainerID(request.id), request.resources) }
    }

    package func stats(_ request: WireStatsTaskRequest) async throws -> WireStatsTaskResponse {
        try await answer("stats", request.id) {
            let stats = try await sandbox.stats(try ContainerID(request.id))
            return .with { $0.stats = stats }
        }
    }

    package func outOfMemory(_ request: WireOutOfMemoryRequest) async throws -> WireOutOfMemoryResponse {
        try await answer("outOfMemory", request.id) {
            let (count, ended) = try await sandbox.outOfMemory(try ContainerID(request.id), seen: request.seen)
            return .with {
                $0.count = count
                $0.ended = ended
            }
        }
    }

    package func processes(_ request: WireProcessesRequest) async throws -> WireProcessesResponse {
        try await answer("processes", request.id) {
            let (host, guest) = try await sandbox.processes(try ContainerID(request.id))
            return .with {
                $0.hostPids = host
                $0.guestProcesses = guest
            }
        }
    }

    package func timings(_ request: WireTimingsRequest) async throws -> WireTimingsResponse {
        let guest = await sandbox.guest
        return .with {
            $0.stages = sandbox.timeline.stages.map { stage, elapsed in
                .with {
                    $0.name = stage.rawValue
                    $0.nanosecondsSinceStart = UInt64(elapsed / .nanoseconds(1))
                }
            }
            $0.guestKernelRelease = guest?.details.agentDetails.kernelRelease ?? ""
            $0.agentVersion = guest?.details.agentDetails.version ?? ""
            $0.qemuPid = guest?.identity.pid ?? 0
            $0.shimPid = shim.pid
        }
    }

    package func shutdown(_ request: WireShutdownRequest) async throws -> WireShutdownResponse {
        guard await sandbox.isUnused else { return .with { $0.inUse = true } }
        await sandbox.stop()
        finished.set(())
        return .init()
    }

    private func caller(_ token: String) throws(TaskFailure) -> Caller {
        guard let caller = descriptors.take(token) else { throw .unknownToken }
        return caller
    }

    private static func message(_ exit: WorkloadExit) -> WireTaskExit {
        .with {
            $0.exitStatus = UInt32(bitPattern: exit.status)
            $0.exitedAt = WireTaskInstant(exit.at)
        }
    }

    /// A machine that failed is reported at length: what it said last is nowhere else once it is gone.
    private static func words(_ error: any Error) -> String {
        if case MachineError.failed(let failure) = error { return failure.report }
        return errorChain(error)
    }

    /// The edge: whatever went wrong leaves as one status with the whole chain.
    private func answer<Value>(_ verb: String, _ container: String, _ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        do {
            let value = try await body()
            log.request(verb, container, took: .now - start, failure: nil)
            return value
        } catch {
            let words = Self.words(error)
            log.request(verb, container, took: .now - start, failure: words)
            throw TTRPCStatus(StatusTable.code(of: error), words)
        }
    }
}

/// A request that no command of ours sends.
enum TaskFailure: FaultyError {
    case unknownToken
    case malformedProcess

    var fault: Fault { .bug }

    var description: String {
        switch self {
        case .unknownToken: "take the descriptors of a request: no such token"
        case .malformedProcess: "read the process of an exec request: not JSON"
        }
    }
}

/// Which status a failure has on the wire.
enum StatusTable {
    static func code(of error: any Error) -> TTRPCStatus.Code {
        switch error {
        case let status as TTRPCStatus: return status.code
        case let error as SandboxError:
            switch error {
            case .inUse, .execInUse: return .alreadyExists
            case .noContainer, .noExec: return .notFound
            case .wrongStatus, .noMachineYet, .noTerminal, .notReady: return .failedPrecondition
            case .hostNetwork, .unusableNetwork, .impossible, .networkInUse, .unusableInterface: return .invalidArgument
            case .noMachine: return .unavailable
            }
        case is BundleError: return .invalidArgument
        case let error as any FaultyError:
            switch error.fault {
            case .user: return .invalidArgument
            case .host, .guest, .peer: return .unavailable
            case .bug: return .internal
            }
        default: return .unknown
        }
    }
}
