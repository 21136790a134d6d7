// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
package import KataWire
internal import SystemPackage

/// What the agent says of itself and its guest.
package struct GuestDetails: HealthService {
    /// The version of this agent.
    package static let version = "0.1.0"

    package let kernelRelease: String
    /// Whether the agent is the guest's init, as it is in every guest that it booted.
    package let isInit: Bool

    /// When the agent began, in nanoseconds of CLOCK_BOOTTIME.
    package let initBootTime: UInt64

    package init(kernelRelease: String, isInit: Bool, initBootTime: UInt64 = 0) {
        self.kernelRelease = kernelRelease
        self.initBootTime = initBootTime
        self.isInit = isInit
    }

    func answer(_ request: WireGuestDetailsRequest) throws(SystemError) -> WireGuestDetailsResponse {
        var answer = WireGuestDetailsResponse()
        answer.agentDetails.version = Self.version
        answer.agentDetails.initDaemon = isInit
        answer.agentDetails.supportsSeccomp = true
        answer.agentDetails.storageHandlers = StoragePlan.drivers
        answer.agentDetails.kernelRelease = kernelRelease
        answer.agentDetails.initBoottimeNanoseconds = initBootTime
        if request.memBlockSize { answer.memBlockSizeBytes = try memoryBlockSize() }
        if request.memHotplugProbe {
            answer.supportMemHotplugProbe = FileSystem.exists("/sys/devices/system/memory/probe")
        }
        return answer
    }

    /// Bytes, 0 for a kernel without memory hot-plug.
    private func memoryBlockSize() throws(SystemError) -> UInt64 {
        guard FileSystem.exists("/sys/devices/system/memory/block_size_bytes") else { return 0 }
        let text = try FileSystem.read("/sys/devices/system/memory/block_size_bytes", limit: 64)
        return UInt64(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self), radix: 16) ?? 0
    }

    package func check(_ request: WireCheckRequest) async throws -> WireHealthCheckResponse {
        var answer = WireHealthCheckResponse()
        answer.status = .serving
        return answer
    }

    package func version(_ request: WireCheckRequest) async throws -> WireVersionCheckResponse {
        var answer = WireVersionCheckResponse()
        answer.grpcVersion = "0.0.1"
        answer.agentVersion = Self.version
        return answer
    }
}
