// SPDX-License-Identifier: Apache-2.0

/// What a guest agent does for its host: the part of Kata's `grpc.AgentService` that this runtime speaks.
///
/// Every method may throw `TTRPCStatus`; other errors arrive as UNKNOWN with their chain of causes. A call is cancelled with its
/// connection. Methods of Kata's that are missing here are answered with UNIMPLEMENTED.
package protocol AgentService: Sendable {
    func createSandbox(_ request: WireCreateSandboxRequest) async throws
    func destroySandbox(_ request: WireDestroySandboxRequest) async throws
    func createContainer(_ request: WireCreateContainerRequest) async throws
    func startContainer(_ request: WireStartContainerRequest) async throws
    func removeContainer(_ request: WireRemoveContainerRequest) async throws
    func execProcess(_ request: WireExecProcessRequest) async throws
    func signalProcess(_ request: WireSignalProcessRequest) async throws
    func waitProcess(_ request: WireWaitProcessRequest) async throws -> WireWaitProcessResponse
    func writeStdin(_ request: WireWriteStreamRequest) async throws -> WireWriteStreamResponse
    func readStdout(_ request: WireReadStreamRequest) async throws -> WireReadStreamResponse
    func readStderr(_ request: WireReadStreamRequest) async throws -> WireReadStreamResponse
    func closeStdin(_ request: WireCloseStdinRequest) async throws
    func ttyWinResize(_ request: WireTtyWinResizeRequest) async throws
    func pauseContainer(_ request: WirePauseContainerRequest) async throws
    func resumeContainer(_ request: WireResumeContainerRequest) async throws
    func updateContainer(_ request: WireUpdateContainerRequest) async throws
    func statsContainer(_ request: WireStatsContainerRequest) async throws -> WireStatsContainerResponse
    func listProcesses(_ request: WireListProcessesRequest) async throws -> WireListProcessesResponse
    func getOOMEvent(_ request: WireGetOOMEventRequest) async throws -> WireOOMEvent
    func onlineCPUMem(_ request: WireOnlineCPUMemRequest) async throws
    func serveNames(_ request: WireServeNamesRequest) async throws
    func getNameQuery(_ request: WireGetNameQueryRequest) async throws -> WireNameQuery
    func answerNameQuery(_ request: WireNameAnswer) async throws
    func updateInterface(_ request: WireUpdateInterfaceRequest) async throws -> WireInterface
    func updateRoutes(_ request: WireUpdateRoutesRequest) async throws -> WireRoutes
    func addARPNeighbors(_ request: WireAddARPNeighborsRequest) async throws
    func getGuestDetails(_ request: WireGuestDetailsRequest) async throws -> WireGuestDetailsResponse
}

/// The methods of `AgentService` by their names on the wire.
enum AgentMethod: String, CaseIterable {
    static let service = "grpc.AgentService"

    case createSandbox = "CreateSandbox"
    case destroySandbox = "DestroySandbox"
    case createContainer = "CreateContainer"
    case startContainer = "StartContainer"
    case removeContainer = "RemoveContainer"
    case execProcess = "ExecProcess"
    case signalProcess = "SignalProcess"
    case waitProcess = "WaitProcess"
    case writeStdin = "WriteStdin"
    case readStdout = "ReadStdout"
    case readStderr = "ReadStderr"
    case closeStdin = "CloseStdin"
    case ttyWinResize = "TtyWinResize"
    case pauseContainer = "PauseContainer"
    case resumeContainer = "ResumeContainer"
    case updateContainer = "UpdateContainer"
    case statsContainer = "StatsContainer"
    case listProcesses = "ListProcesses"
    case getOOMEvent = "GetOOMEvent"
    case onlineCPUMem = "OnlineCPUMem"
    case serveNames = "ServeNames"
    case getNameQuery = "GetNameQuery"
    case answerNameQuery = "AnswerNameQuery"
    case updateInterface = "UpdateInterface"
    case updateRoutes = "UpdateRoutes"
    case addARPNeighbors = "AddARPNeighbors"
    case getGuestDetails = "GetGuestDetails"
}
