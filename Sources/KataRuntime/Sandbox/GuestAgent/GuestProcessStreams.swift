// SPDX-License-Identifier: Apache-2.0

internal import KataWire

/// One guest process's standard streams, through the agent's stream calls.
struct GuestProcessStreams: GuestStreams {
    let agent: AgentClient
    let process: GuestProcessID

    func writeInput(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let request = WireWriteStreamRequest.with {
                $0.containerID = process.container
                $0.execID = process.exec
                $0.bytes = Array(rest)
            }
            let taken = Int(try await agent.writeStdin(request).len)
            guard taken > 0, taken <= rest.count else { throw StreamError.inputRefused }
            rest = rest.dropFirst(taken)
        }
    }

    func closeInput() async throws {
        _ = try await agent.closeStdin(
            .with {
                $0.containerID = process.container
                $0.execID = process.exec
            })
    }

    func readOutput(_ limit: Int) async throws -> [UInt8] { try await agent.readStdout(request(limit)).bytes }
    func readError(_ limit: Int) async throws -> [UInt8] { try await agent.readStderr(request(limit)).bytes }

    private func request(_ limit: Int) -> WireReadStreamRequest {
        .with {
            $0.containerID = process.container
            $0.execID = process.exec
            $0.len = UInt32(limit)
        }
    }
}

/// A process as the agent names it; a container's first process has the container's id as its exec id.
package struct GuestProcessID: Sendable, Hashable {
    package let container: String
    package let exec: String

    package init(container: String, exec: String? = nil) {
        self.container = container
        self.exec = exec ?? container
    }
}

enum StreamError: Error {
    /// The agent took nothing of a write, or more than it was given.
    case inputRefused
}
