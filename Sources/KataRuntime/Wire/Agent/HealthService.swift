// SPDX-License-Identifier: Apache-2.0

/// Kata's `grpc.Health`.
package protocol HealthService: Sendable {
    func check(_ request: WireCheckRequest) async throws -> WireHealthCheckResponse
    func version(_ request: WireCheckRequest) async throws -> WireVersionCheckResponse
}

/// The methods of `HealthService` by their names on the wire.
enum HealthMethod: String {
    static let service = "grpc.Health"

    case check = "Check"
    case version = "Version"
}

extension TTRPCServer {
    /// Answers `grpc.Health` with `health`.
    package func register(health: some HealthService) {
        register(service: HealthMethod.service, method: HealthMethod.check.rawValue, health.check)
        register(service: HealthMethod.service, method: HealthMethod.version.rawValue, health.version)
    }
}
