// SPDX-License-Identifier: Apache-2.0

package import KataSystem

/// How a call failed: gRPC's code and a message, as they cross the wire.
///
/// A server's handler throws it to choose the code; a client's call throws what the server answered, or what happened to the connection.
package struct TTRPCStatus: FaultyError, Hashable {
    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var fault: Fault { .peer }
    package var description: String { "\(message) (\(code.name))" }

    /// google.rpc.Code.
    package enum Code: Int32, Sendable, Hashable, CaseIterable {
        case ok, cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied
        case resourceExhausted, failedPrecondition, aborted, outOfRange, unimplemented, `internal`, unavailable, dataLoss
        case unauthenticated

        /// gRPC's own spelling.
        package var name: String {
            switch self {
            case .ok: "OK"
            case .cancelled: "CANCELLED"
            case .unknown: "UNKNOWN"
            case .invalidArgument: "INVALID_ARGUMENT"
            case .deadlineExceeded: "DEADLINE_EXCEEDED"
            case .notFound: "NOT_FOUND"
            case .alreadyExists: "ALREADY_EXISTS"
            case .permissionDenied: "PERMISSION_DENIED"
            case .resourceExhausted: "RESOURCE_EXHAUSTED"
            case .failedPrecondition: "FAILED_PRECONDITION"
            case .aborted: "ABORTED"
            case .outOfRange: "OUT_OF_RANGE"
            case .unimplemented: "UNIMPLEMENTED"
            case .internal: "INTERNAL"
            case .unavailable: "UNAVAILABLE"
            case .dataLoss: "DATA_LOSS"
            case .unauthenticated: "UNAUTHENTICATED"
            }
        }
    }
}

extension TTRPCStatus {
    /// What a handler's error becomes for the caller: its own status, or unknown with the whole chain of causes.
    init(thrown error: any Error) {
        switch error {
        case let status as TTRPCStatus: self = status
        case is CancellationError: self.init(.cancelled, "the call was cancelled")
        default: self.init(.unknown, errorChain(error))
        }
    }

    /// nil for OK; a code that gRPC does not know counts as unknown.
    init?(_ wire: WireTTRPCStatus) {
        if wire.code == Code.ok.rawValue { return nil }
        self.init(Code(rawValue: wire.code) ?? .unknown, wire.message)
    }

    var wire: WireTTRPCStatus {
        .with {
            $0.code = code.rawValue
            $0.message = message
        }
    }

    /// The Go server's words.
    static func exceedsLimit(_ length: Int) -> TTRPCStatus {
        TTRPCStatus(.resourceExhausted, "message length \(length) exceed maximum message size of \(Frame.payloadLimit)")
    }

    static func deadline(_ service: String, _ method: String) -> TTRPCStatus {
        TTRPCStatus(.deadlineExceeded, "\(service)/\(method) took longer than its timeout")
    }
}
