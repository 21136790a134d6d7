// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The end of the pipeline on the server's side: one connection's requests, each in a task of its own.
///
/// The connection's end cancels them. All state belongs to the channel's event loop.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = InboundFrame
    typealias OutboundOut = ByteBuffer

    /// Calls that wait (WaitProcess, ReadStdout) are some four a container; beyond this the peer is at fault, not busy.
    static let concurrencyLimit = 4096

    private struct Running {
        let task: Task<Void, Never>
        let deadline: Scheduled<Void>?
    }

    /// The way back to the event loop for a task.
    private struct Connection: Sendable {
        private let handler: NIOLoopBound<RequestHandler>
        private let context: NIOLoopBound<ChannelHandlerContext>

        init(_ handler: RequestHandler, _ context: ChannelHandlerContext) {
            self.handler = NIOLoopBound(handler, eventLoop: context.eventLoop)
            self.context = NIOLoopBound(context, eventLoop: context.eventLoop)
        }

        func execute(_ body: @escaping @Sendable (RequestHandler, ChannelHandlerContext) -> Void) {
            handler.eventLoop.execute { body(handler.value, context.value) }
        }

        func schedule(
            in delay: TimeAmount, _ body: @escaping @Sendable (RequestHandler, ChannelHandlerContext) -> Void
        ) -> Scheduled<Void> {
            handler.eventLoop.scheduleTask(in: delay) { body(handler.value, context.value) }
        }
    }

    private let methods: MethodTable
    private var running: [UInt32: Running] = [:]
    private var lastStreamID: UInt32 = 0
    private var isDraining = false

    init(_ methods: MethodTable) { self.methods = methods }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .oversized(let header):
            answer(context, header.streamID, .exceedsLimit(Int(header.length)))
        case .complete(let frame):
            do throws(TTRPCStatus) {
                try receive(context, frame)
            } catch {
                answer(context, frame.streamID, error)
            }
        }
    }

    /// - Throws: what is wrong with the frame; it is answered on the frame's own stream, even an impossible one: the client can tell which it was.
    private func receive(_ context: ChannelHandlerContext, _ frame: Frame) throws(TTRPCStatus) {
        guard frame.streamID % 2 == 1 else {
            throw TTRPCStatus(.invalidArgument, "StreamID must be odd for client initiated streams")
        }
        switch frame.type {
        case .request: try begin(context, frame)
        case .data: throw TTRPCStatus(.invalidArgument, "StreamID is no longer active")
        default: return  // reserved for later protocols, which expect it to be ignored
        }
    }

    private func begin(_ context: ChannelHandlerContext, _ frame: Frame) throws(TTRPCStatus) {
        guard frame.streamID > lastStreamID else {
            throw TTRPCStatus(.invalidArgument, "StreamID cannot be re-used and must increment")
        }
        lastStreamID = frame.streamID
        guard let request = Envelope.decode(WireTTRPCRequest.self, frame.payload) else {
            throw TTRPCStatus(.invalidArgument, "the payload is no ttRPC request")
        }
        guard !isDraining else { throw TTRPCStatus(.unavailable, "the server is shutting down") }
        guard running.count < Self.concurrencyLimit else {
            throw TTRPCStatus(.resourceExhausted, "more than \(Self.concurrencyLimit) calls at once")
        }
        let method = try methods.method(of: request)
        let connection = Connection(self, context)
        let task = Self.run(method, request, frame.streamID, connection)
        running[frame.streamID] = Running(task: task, deadline: deadline(of: request, frame.streamID, connection))
    }

    private static func run(
        _ method: @escaping MethodTable.Method, _ request: WireTTRPCRequest, _ id: UInt32, _ connection: Connection
    ) -> Task<Void, Never> {
        Task {
            let payload = await outcome(of: method, request)
            connection.execute { handler, context in handler.finish(context, id, payload) }
        }
    }

    private static func outcome(of method: MethodTable.Method, _ request: WireTTRPCRequest) async -> ByteBuffer {
        do {
            return try await method(request.payload)
        } catch {
            return Envelope.response(TTRPCStatus(thrown: error))
        }
    }

    private func deadline(
        of request: WireTTRPCRequest, _ id: UInt32, _ connection: Connection
    ) -> Scheduled<Void>? {
        guard request.timeoutNano > 0 else { return nil }
        let late = TTRPCStatus.deadline(request.service, request.method)
        return connection.schedule(in: .nanoseconds(request.timeoutNano)) { handler, context in
            handler.running[id]?.task.cancel()
            handler.finish(context, id, Envelope.response(late))
        }
    }

    /// Does nothing for a request that has been answered, or whose connection is gone.
    private func finish(_ context: ChannelHandlerContext, _ id: UInt32, _ payload: ByteBuffer) {
        guard let request = running.removeValue(forKey: id) else { return }
        request.deadline?.cancel()
        write(context, id, payload)
        closeWhenDrained(context)
    }

    private func answer(_ context: ChannelHandlerContext, _ id: UInt32, _ status: TTRPCStatus) {
        write(context, id, Envelope.response(status))
    }

    private func write(_ context: ChannelHandlerContext, _ id: UInt32, _ payload: ByteBuffer) {
        context.writeAndFlush(wrapOutboundOut(Frame(streamID: id, type: .response, flags: 0, payload: payload).bytes), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        for request in running.values {
            request.deadline?.cancel()
            request.task.cancel()
        }
        running = [:]
        context.fireChannelInactive()
    }
}

/// Tells a connection to end in good order: cancel what runs, send what is answered, close.
struct DrainRequest: Sendable {
    /// A handler that does not heed its cancellation, or a peer that does not read, holds up the end for this long.
    static let patience = TimeAmount.seconds(10)
}

extension RequestHandler {
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is DrainRequest else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        isDraining = true
        for request in running.values { request.task.cancel() }
        context.eventLoop.scheduleTask(in: DrainRequest.patience) { [channel = context.channel] in channel.close(promise: nil) }
        closeWhenDrained(context)
    }

    private func closeWhenDrained(_ context: ChannelHandlerContext) {
        guard isDraining, running.isEmpty else { return }
        let channel = context.channel
        // Writes end in their order: with the empty one all answers are out.
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
    }
}
