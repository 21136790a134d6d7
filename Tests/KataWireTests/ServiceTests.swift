// SPDX-License-Identifier: Apache-2.0

import KataSystem
import SwiftProtobuf
import Testing

@testable import KataWire

/// Answers every call with what it was asked, as far as the answer has room for it.
private struct EchoAgent: AgentService, HealthService {
    let sightings: Sightings

    func createSandbox(_ request: WireCreateSandboxRequest) async throws { await sightings.note("createSandbox \(request.sandboxID)") }
    func destroySandbox(_ request: WireDestroySandboxRequest) async throws { await sightings.note("destroySandbox") }
    func createContainer(_ request: WireCreateContainerRequest) async throws {
        await sightings.note("createContainer \(request.containerID)")
    }
    func startContainer(_ request: WireStartContainerRequest) async throws { await sightings.note("startContainer \(request.containerID)") }
    func removeContainer(_ request: WireRemoveContainerRequest) async throws { await sightings.note("removeContainer \(request.timeout)") }
    func execProcess(_ request: WireExecProcessRequest) async throws { await sightings.note("execProcess \(request.execID)") }
    func signalProcess(_ request: WireSignalProcessRequest) async throws { await sightings.note("signalProcess \(request.signal)") }
    func waitProcess(_ request: WireWaitProcessRequest) async throws -> WireWaitProcessResponse { .with { $0.status = 137 } }
    func writeStdin(_ request: WireWriteStreamRequest) async throws -> WireWriteStreamResponse {
        .with { $0.len = UInt32(request.bytes.count) }
    }
    func readStdout(_ request: WireReadStreamRequest) async throws -> WireReadStreamResponse {
        WireReadStreamResponse(bytes: Array("out".utf8))
    }
    func readStderr(_ request: WireReadStreamRequest) async throws -> WireReadStreamResponse {
        WireReadStreamResponse(bytes: Array("err".utf8))
    }
    func closeStdin(_ request: WireCloseStdinRequest) async throws { throw TTRPCStatus(.notFound, request.execID) }
    func ttyWinResize(_ request: WireTtyWinResizeRequest) async throws {
        await sightings.note("ttyWinResize \(request.row)x\(request.column)")
    }
    func pauseContainer(_ request: WirePauseContainerRequest) async throws { await sightings.note("pauseContainer \(request.containerID)") }
    func resumeContainer(_ request: WireResumeContainerRequest) async throws {
        await sightings.note("resumeContainer \(request.containerID)")
    }
    func updateContainer(_ request: WireUpdateContainerRequest) async throws {
        await sightings.note("updateContainer \(request.resources.pids.limit)")
    }
    func statsContainer(_ request: WireStatsContainerRequest) async throws -> WireStatsContainerResponse {
        .with { $0.cgroupStats.pidsStats.current = 3 }
    }
    func listProcesses(_ request: WireListProcessesRequest) async throws -> WireListProcessesResponse {
        .with { $0.processes = [.with { $0.command = request.containerID }] }
    }
    func onlineCPUMem(_ request: WireOnlineCPUMemRequest) async throws {
        await sightings.note("onlineCPUMem \(request.nbCpus) \(request.wait) \(request.cpuOnly)")
    }
    func serveNames(_ request: WireServeNamesRequest) async throws { await sightings.note("serveNames \(request.address)") }
    func getNameQuery(_ request: WireGetNameQueryRequest) async throws -> WireNameQuery {
        .with {
            $0.id = 1 << 40
            $0.address = "127.0.0.11"
            $0.stream = true
            $0.bytes = [0, 255]
        }
    }
    func answerNameQuery(_ request: WireNameAnswer) async throws { await sightings.note("answerNameQuery \(request.id) \(request.bytes)") }
    func updateInterface(_ request: WireUpdateInterfaceRequest) async throws -> WireInterface { request.interface }
    func getOOMEvent(_ request: WireGetOOMEventRequest) async throws -> WireOOMEvent { .with { $0.containerID = "hungry" } }
    func updateRoutes(_ request: WireUpdateRoutesRequest) async throws -> WireRoutes { request.routes }
    func addARPNeighbors(_ request: WireAddARPNeighborsRequest) async throws {
        await sightings.note("addARPNeighbors \(request.neighbors.arpneighbors.count)")
    }
    func getGuestDetails(_ request: WireGuestDetailsRequest) async throws -> WireGuestDetailsResponse {
        .with { $0.agentDetails.kernelRelease = "6.1.0" }
    }
    func check(_ request: WireCheckRequest) async throws -> WireHealthCheckResponse { .with { $0.status = .serving } }
    func version(_ request: WireCheckRequest) async throws -> WireVersionCheckResponse { .with { $0.agentVersion = "1" } }
}

private struct EchoTasks: TasksService {
    let sightings: Sightings

    func create(_ request: WireCreateTaskRequest) async throws { await sightings.note("create \(request.bundle) \(request.stdioToken)") }
    func start(_ request: WireStartTaskRequest) async throws { await sightings.note("start \(request.id)") }
    func exec(_ request: WireExecTaskRequest) async throws { await sightings.note("exec \(request.processDocument)") }
    func kill(_ request: WireKillTaskRequest) async throws { await sightings.note("kill \(request.signal) \(request.all)") }
    func delete(_ request: WireDeleteTaskRequest) async throws -> WireTaskExit { .with { $0.exitStatus = request.force ? 137 : 0 } }
    func wait(_ request: WireWaitTaskRequest) async throws -> WireTaskExit {
        .with {
            $0.exitStatus = 42
            $0.exitedAt = WireTaskInstant(Timestamp(seconds: 1_700_000_000, nanoseconds: 999_999_999))
        }
    }
    func state(_ request: WireTaskStateRequest) async throws -> WireTaskStateResponse {
        .with {
            $0.status = .running
            $0.pid = 7
        }
    }
    func pause(_ request: WirePauseTaskRequest) async throws { await sightings.note("pause \(request.id)") }
    func resume(_ request: WireResumeTaskRequest) async throws { await sightings.note("resume \(request.id)") }
    func update(_ request: WireUpdateTaskRequest) async throws { await sightings.note("update \(request.resources.memory.limit)") }
    func stats(_ request: WireStatsTaskRequest) async throws -> WireStatsTaskResponse {
        .with { $0.stats.cgroupStats.memoryStats.cache = 5 }
    }
    func outOfMemory(_ request: WireOutOfMemoryRequest) async throws -> WireOutOfMemoryResponse {
        .with { $0.count = request.seen + 1 }
    }
    func processes(_ request: WireProcessesRequest) async throws -> WireProcessesResponse { .with { $0.hostPids = [11] } }
    func timings(_ request: WireTimingsRequest) async throws -> WireTimingsResponse {
        .with {
            $0.stages = [
                .with {
                    $0.name = "shim"
                    $0.nanosecondsSinceStart = 5
                }
            ]
        }
    }
    func shutdown(_ request: WireShutdownRequest) async throws -> WireShutdownResponse {
        await sightings.note("shutdown")
        return .with { $0.inUse = true }
    }
}

@Suite struct ServiceTests {
    @Test func everyCallOfTheAgentClientReachesItsMethodOfTheService() async throws {
        let sightings = Sightings()
        try await withClientAndServer({ $0.register(agent: EchoAgent(sightings: sightings)) }) { connection, _ in
            let agent = AgentClient(connection)
            try await agent.createSandbox(.with { $0.sandboxID = "s" })
            try await agent.createContainer(.with { $0.containerID = "c" })
            try await agent.startContainer(.with { $0.containerID = "c" })
            try await agent.execProcess(.with { $0.execID = "e" })
            try await agent.signalProcess(.with { $0.signal = 9 })
            try await agent.ttyWinResize(
                .with {
                    $0.row = 24
                    $0.column = 80
                })
            try await agent.pauseContainer(.with { $0.containerID = "c" })
            try await agent.resumeContainer(.with { $0.containerID = "c" })
            try await agent.updateContainer(.with { $0.resources.pids.limit = 17 })
            try await agent.addARPNeighbors(.with { $0.neighbors.arpneighbors = [.init()] })
            #expect(try await agent.statsContainer(.init()).cgroupStats.pidsStats.current == 3)
            #expect(try await agent.listProcesses(.with { $0.containerID = "c" }).processes.map(\.command) == ["c"])
            #expect(try await agent.getOOMEvent().containerID == "hungry")
            try await agent.onlineCPUMem(
                .with {
                    $0.nbCpus = 2
                    $0.cpuOnly = true
                })
            try await agent.serveNames(.with { $0.address = "127.0.0.11" })
            let query = try await agent.getNameQuery()
            #expect(query.id == 1 << 40 && query.address == "127.0.0.11" && query.stream && query.bytes == [0, 255])
            try await agent.answerNameQuery(
                .with {
                    $0.id = query.id
                    $0.bytes = [1]
                })
            #expect(try await agent.updateInterface(.with { $0.interface.name = "eth0" }).name == "eth0")
            #expect(try await agent.updateRoutes(.with { $0.routes.routes = [.init()] }).routes.count == 1)
            try await agent.removeContainer(.with { $0.timeout = 3 })
            try await agent.destroySandbox(.init())
            for call in [
                "createSandbox s", "createContainer c", "startContainer c", "execProcess e", "signalProcess 9", "ttyWinResize 24x80",
                "pauseContainer c", "resumeContainer c", "updateContainer 17", "addARPNeighbors 1", "serveNames 127.0.0.11",
                "onlineCPUMem 2 false true",
                "answerNameQuery \(1 << 40) [1]", "removeContainer 3", "destroySandbox",
            ] { await sightings.wait(call) }
            #expect(try await agent.waitProcess(.init()).status == 137)
            #expect(try await agent.writeStdin(.with { $0.bytes = [1, 2, 3] }).len == 3)
            #expect(try await agent.readStdout(.init()).bytes == Array("out".utf8))
            #expect(try await agent.readStderr(.init()).bytes == Array("err".utf8))
            #expect(try await agent.getGuestDetails(.init()).agentDetails.kernelRelease == "6.1.0")
            await #expect(throws: TTRPCStatus(.notFound, "e")) { try await agent.closeStdin(.with { $0.execID = "e" }) }
        }
    }

    @Test func healthAnswersWithoutAnAgentService() async throws {
        try await withClientAndServer({ $0.register(health: EchoAgent(sightings: Sightings())) }) { connection, _ in
            let agent = AgentClient(connection, timeouts: AgentTimeouts(check: .seconds(120)))
            let status = try await agent.check()
            let version = try await agent.version()
            #expect(status == .serving)
            #expect(version.agentVersion == "1")
            await #expect(throws: TTRPCStatus(.unimplemented, "service grpc.AgentService")) { try await agent.createSandbox(.init()) }
        }
    }

    @Test func everyCallOfTheTasksClientReachesItsMethodOfTheService() async throws {
        let sightings = Sightings()
        try await withClientAndServer({ $0.register(tasks: EchoTasks(sightings: sightings)) }) { connection, _ in
            let tasks = TasksClient(connection)
            try await tasks.create(
                .with {
                    $0.bundle = "/b"
                    $0.stdioToken = "t"
                })
            try await tasks.start(.with { $0.id = "c" })
            try await tasks.exec(.with { $0.processDocument = [123, 125] })
            try await tasks.kill(
                .with {
                    $0.signal = 15
                    $0.all = true
                })
            try await tasks.pause(.with { $0.id = "c" })
            try await tasks.resume(.with { $0.id = "c" })
            try await tasks.update(.with { $0.resources.memory.limit = 4096 })
            #expect(try await tasks.shutdown(.init()).inUse)
            for call in ["create /b t", "start c", "exec [123, 125]", "kill 15 true", "pause c", "resume c", "update 4096", "shutdown"] {
                await sightings.wait(call)
            }
            #expect(try await tasks.delete(.with { $0.force = true }).exitStatus == 137)
            let exit = try await tasks.wait(.init())
            #expect(exit.exitStatus == 42)
            #expect(exit.exitedAt.timestamp == Timestamp(seconds: 1_700_000_000, nanoseconds: 999_999_999))
            #expect(try await tasks.state(.init()).status == .running)
            #expect(try await tasks.stats(.init()).stats.cgroupStats.memoryStats.cache == 5)
            #expect(try await tasks.processes(.init()).hostPids == [11])
            #expect(try await tasks.outOfMemory(.with { $0.seen = 4 }).count == 5)
            #expect(try await tasks.timings(.init()).stages.first?.nanosecondsSinceStart == 5)
        }
    }

    @Test func aCallThatHasNoTimeoutOfItsOwnTakesTheClients() async throws {
        try await withClient { connection, peer in
            let agent = AgentClient(connection, timeouts: AgentTimeouts(request: .seconds(7), createContainer: .seconds(9)))
            async let first: TTRPCStatus.Code? = Self.code { () throws(TTRPCStatus) in try await agent.startContainer(.init()) }
            let request = try await Self.timeout(of: peer)
            #expect(request == 7_000_000_000)
            async let second: TTRPCStatus.Code? = Self.code { () throws(TTRPCStatus) in try await agent.createContainer(.init()) }
            let creation = try await Self.timeout(of: peer)
            #expect(creation == 9_000_000_000)
            async let third: TTRPCStatus.Code? = Self.code { () throws(TTRPCStatus) in _ = try await agent.waitProcess(.init()) }
            let waiting = try await Self.timeout(of: peer)
            #expect(waiting == 0)
            await connection.close()
            #expect(await [first, second, third] == [.cancelled, .cancelled, .cancelled])
        }
    }

    private static func timeout(of peer: RawPeer) async throws -> Int64 {
        try WireTTRPCRequest(serializedBytes: try await peer.receiveFrame().payload).timeoutNano
    }

    private static func code(_ body: () async throws(TTRPCStatus) -> Void) async -> TTRPCStatus.Code? {
        do throws(TTRPCStatus) {
            try await body()
            return nil
        } catch {
            return error.code
        }
    }
}
