// SPDX-License-Identifier: Apache-2.0

package import KataWire

extension AgentServer {
    package func pauseContainer(_ request: WirePauseContainerRequest) async throws {
        try await answering { try await sandbox.setFrozen(true, request.containerID) }
    }

    package func resumeContainer(_ request: WireResumeContainerRequest) async throws {
        try await answering { try await sandbox.setFrozen(false, request.containerID) }
    }

    package func updateContainer(_ request: WireUpdateContainerRequest) async throws {
        try await answering {
            try await sandbox.update(request.containerID, try CgroupLimits(try await Self.resources(request.resources)))
        }
    }

    package func onlineCPUMem(_ request: WireOnlineCPUMemRequest) async throws {
        try await answering {
            try await PluggedResources.online(processors: Int(request.nbCpus), waiting: request.wait, memory: !request.cpuOnly)
        }
    }

    package func statsContainer(_ request: WireStatsContainerRequest) async throws -> WireStatsContainerResponse {
        try await answering {
            var answer = WireStatsContainerResponse()
            answer.cgroupStats = WireCgroupStats(group: try await sandbox.group(of: request.containerID))
            answer.networkStats = try WireNetworkStats.all()
            return answer
        }
    }

    package func getOOMEvent(_ request: WireGetOOMEventRequest) async throws -> WireOOMEvent {
        try await answering {
            var event = WireOOMEvent()
            event.containerID = try await sandbox.nextOutOfMemory()
            return event
        }
    }

    package func listProcesses(_ request: WireListProcessesRequest) async throws -> WireListProcessesResponse {
        try await answering {
            var answer = WireListProcessesResponse()
            answer.processes = try await sandbox.processes(of: request.containerID).map { entry in
                var process = WireGuestProcess()
                process.pid = entry.pid
                process.parentPid = entry.parent
                process.uid = entry.user
                process.terminal = entry.terminal
                process.cpuMilliseconds = entry.processorMilliseconds
                process.command = entry.command
                return process
            }
            return answer
        }
    }
}
