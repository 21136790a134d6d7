// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// A client of the Container Runtime Interface, by which a kubelet speaks to containerd: gRPC over HTTP/2, carried by curl.
///
/// Numbers of fields are those of `runtime.v1` in Kubernetes' cri-api.
struct CRI: Sendable {
    let socket: FilePath
    /// Where the containers' logs go.
    let logs: FilePath
    let handler: String

    struct Pod: Sendable {
        let id: String
        fileprivate let configuration: [ProtobufField]
    }

    /// Whose process ids a container sees.
    enum ProcessIDs: Int { case pod = 0, container = 1 }

    /// A call that was refused.
    struct Failure: Error, CustomStringConvertible {
        let method: String
        /// As gRPC counts them: 4 is DEADLINE_EXCEEDED.
        let code: Int
        let message: String
        var description: String { "\(method): status \(code): \(message)" }
    }

    @discardableResult
    func call(_ method: String, _ request: [ProtobufField] = []) async throws -> ProtobufMessage {
        let body = ProtobufField.encode(request)
        let length = (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (24 - $0 * 8)) }
        let result = try await runProgram(
            try #require(findProgram("curl")),
            [
                "-sS", "--http2-prior-knowledge", "--unix-socket", socket.string, "-H", "content-type: application/grpc",
                "-H", "te: trailers", "--data-binary", "@-", "-D", "/dev/stderr", "http://localhost/runtime.v1.RuntimeService/\(method)",
            ], input: [0] + length + body)
        guard let code = trailer("grpc-status", result).flatMap({ Int($0) }) else {
            throw Failure(method: method, code: -1, message: result.errorText)
        }
        guard code == 0 else { throw Failure(method: method, code: code, message: trailer("grpc-message", result) ?? "") }
        // A byte that says whether it is compressed, and four of its length, go before the message.
        return try #require(ProtobufMessage(Array(result.output.dropFirst(5))))
    }

    private func trailer(_ name: String, _ result: ProgramResult) -> String? {
        result.errorText.split(whereSeparator: \.isNewline).last { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    func runPod(_ name: String) async throws -> Pod {
        let configuration: [ProtobufField] = [
            // metadata, hostname, log_directory
            .message(1, [.text(1, name), .text(2, name + "-uid"), .text(3, "default")]), .text(2, name), .text(3, logs.string),
            // linux.security_context.namespace_options: the pod's network, ipc and process ids
            .message(8, [.message(2, [.message(1, [.number(1, 0), .number(2, ProcessIDs.pod.rawValue), .number(3, 0)])])]),
        ]
        let answer = try await call("RunPodSandbox", [.message(1, configuration), .text(2, handler)])
        return Pod(id: answer.text(1), configuration: configuration)
    }

    func create(_ name: String, in pod: Pod, _ pids: ProcessIDs, memory: Int, _ command: [String]) async throws -> String {
        let container: [ProtobufField] =
            [.message(1, [.text(1, name)]), .message(2, [.text(1, EngineLab.image)]), .text(11, "\(name).log")]
            + command.map { .text(3, $0) } + [
                // linux: resources.memory_limit_in_bytes, security_context.namespace_options
                .message(15, [.message(1, [.number(4, memory)]), .message(2, [.message(3, [.number(2, pids.rawValue)])])])
            ]
        return try await call("CreateContainer", [.text(1, pod.id), .message(2, container), .message(3, pod.configuration)]).text(1)
    }

    func start(_ id: String) async throws { try await call("StartContainer", [.text(1, id)]) }

    func stop(_ id: String, seconds: Int) async throws { try await call("StopContainer", [.text(1, id), .number(2, seconds)]) }

    func remove(_ id: String) async throws { try await call("RemoveContainer", [.text(1, id)]) }

    func exec(_ id: String, seconds: Int = 60, _ command: String...) async throws -> (status: Int, output: String, errors: String) {
        let answer = try await call("ExecSync", [.text(1, id)] + command.map { .text(2, $0) } + [.number(3, seconds)])
        return (answer.number(3), answer.text(1), answer.text(2))
    }

    /// CREATED, RUNNING, EXITED, UNKNOWN, and what it ended with.
    /// Why a container is in its state: `OOMKilled`, `Completed`, `Error`.
    func reason(_ id: String) async throws -> String? { try await call("ContainerStatus", [.text(1, id)]).message(1)?.text(10) }

    func status(_ id: String) async throws -> (state: Int, exit: Int) {
        let status = try #require(try await call("ContainerStatus", [.text(1, id)]).message(1))
        return (status.number(3), status.number(7))
    }
}
