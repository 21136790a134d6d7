// SPDX-License-Identifier: Apache-2.0

package import KataSystem
package import NIOCore
internal import NIOPosix
package import SwiftProtobuf
internal import Synchronization
package import SystemPackage

/// One connection to a ttRPC server; any number of calls at once.
///
/// A framing error or a hang-up ends the connection: all calls fail, and so does every later one.
package final class TTRPCClient: Sendable {
    private let channel: any Channel
    private let calls: CallTable

    private init(_ channel: any Channel, _ calls: CallTable) {
        self.channel = channel
        self.calls = calls
    }

    /// Connects to a unix socket.
    package static func connect(unix path: FilePath, group: any EventLoopGroup) async throws(TTRPCConnectionError) -> TTRPCClient {
        let calls = CallTable()
        do {
            return TTRPCClient(try await bootstrap(group, calls).connect(unixDomainSocketPath: path.string).get(), calls)
        } catch {
            throw .connect(path, cause(of: error, "connect", path.string))
        }
    }

    /// Takes a connected stream socket, which is closed with the connection.
    package static func adopt(socket: consuming OwnedFD, group: any EventLoopGroup) async throws(TTRPCConnectionError) -> TTRPCClient {
        let calls = CallTable()
        let number = socket.release()  // NIO's from here on, on failure too
        do {
            return TTRPCClient(try await bootstrap(group, calls).withConnectedSocket(number).get(), calls)
        } catch {
            throw .adopt(cause(of: error, "adopt", "socket"))
        }
    }

    private static func bootstrap(_ group: any EventLoopGroup, _ calls: CallTable) -> ClientBootstrap {
        ClientBootstrap(group: group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(FrameDecoder()), AnswerHandler(calls)])
            }
        }
    }

    /// Asks and waits for the answer.
    ///
    /// - Parameter timeout: told to the server, and kept here: the call then fails with DEADLINE_EXCEEDED. nil waits for ever.
    /// - Throws: the server's status; CANCELLED when the task is cancelled; UNAVAILABLE when the connection ends first.
    package func call<Request: Message, Response: Message>(
        service: String, method: String, _ request: Request, timeout: Duration? = nil
    ) async throws(TTRPCStatus) -> Response {
        let payload = try Envelope.request(service: service, method: method, message: request, timeout: timeout)
        let late = timeout.map { (after: $0, status: TTRPCStatus.deadline(service, method)) }
        let ticket = CallTicket()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard let id = calls.enter(continuation, send: { send(payload, on: $0, late) }) else { return }
                ticket.id.store(id, ordering: .sequentiallyConsistent)
                // A cancellation before the ticket had its number found nothing to cancel.
                if Task.isCancelled { calls.finish(id, .failure(Self.cancelled)) }
            }
        } onCancel: {
            calls.finish(ticket.id.load(ordering: .sequentiallyConsistent), .failure(Self.cancelled))
        }
        return try Envelope.decode(Response.self, try answer.get().payload)
    }

    private func send(_ payload: ByteBuffer, on id: UInt32, _ late: (after: Duration, status: TTRPCStatus)?) -> Scheduled<Void>? {
        channel.eventLoop.execute { [channel] in
            channel.writeAndFlush(Frame(streamID: id, type: .request, flags: 0, payload: payload).bytes, promise: nil)
        }
        return late.map { late in
            channel.eventLoop.scheduleTask(in: .nanoseconds(late.after.wholeNanoseconds)) { [calls] in
                calls.finish(id, .failure(late.status))
            }
        }
    }

    /// Ends the connection; calls that still wait fail with CANCELLED.
    package func close() async {
        calls.end(TTRPCStatus(.cancelled, "the connection was closed on this side"))
        channel.close(promise: nil)
        _ = try? await channel.closeFuture.get()  // reports how the close went, which changes nothing
    }

    /// Suspends until the connection has ended, and says why.
    @discardableResult
    package func waitClosed() async -> TTRPCStatus {
        await calls.waitEnd()
    }

    private static let cancelled = TTRPCStatus(.cancelled, "the call was cancelled")
}

/// A call's stream id once it has one; 0 is no client's stream.
private final class CallTicket: Sendable {
    let id = Atomic<UInt32>(0)
}

/// The end of the pipeline on the client's side.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = InboundFrame

    private let calls: CallTable

    init(_ calls: CallTable) { self.calls = calls }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(FramingError) {
            try calls.receive(unwrapInboundIn(data))
        } catch {
            fail(context, error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(context, error) }

    func channelInactive(context: ChannelHandlerContext) {
        calls.end(TTRPCStatus(.unavailable, "the peer closed the connection"))
        context.fireChannelInactive()
    }

    private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
        calls.end(TTRPCStatus(.unavailable, errorChain(cause(of: error, "read", "connection"))))
        context.close(promise: nil)
    }
}
