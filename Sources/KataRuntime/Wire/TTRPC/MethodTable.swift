// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import NIOCore
internal import SwiftProtobuf
internal import Synchronization

/// The methods that a server answers, by service and name.
final class MethodTable: Sendable {
    /// From the bytes of the request message to the payload of the answer's frame.
    typealias Method = @Sendable (Data) async throws -> ByteBuffer

    private let services = Mutex<[String: [String: Method]]>([:])

    func register<Request: Message, Response: Message>(
        service: String, method: String, _ handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        services.withLock { services in
            precondition(services[service]?[method] == nil, "a ttRPC method is registered once: \(service)/\(method)")
            services[service, default: [:]][method] = { bytes in
                try Envelope.response(try await handler(try Envelope.decode(Request.self, bytes)))
            }
        }
    }

    /// - Throws: what the Go server answers to a service or method that it does not have.
    func method(of request: WireTTRPCRequest) throws(TTRPCStatus) -> Method {
        guard let methods = services.withLock({ $0[request.service] }) else {
            throw TTRPCStatus(.unimplemented, "service \(request.service)")
        }
        guard let method = methods[request.method] else { throw TTRPCStatus(.unimplemented, "method \(request.method)") }
        return method
    }
}
