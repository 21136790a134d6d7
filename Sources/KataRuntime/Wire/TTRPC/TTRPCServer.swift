// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import KataSystem
package import NIOCore
internal import NIOPosix
package import SwiftProtobuf
internal import Synchronization
package import SystemPackage

/// Answers ttRPC calls on any number of listeners and connections.
///
/// Every request runs in a task of its own, which is cancelled when its connection ends or its timeout is over.
package final class TTRPCServer: Sendable {
    private enum Endpoint {
        case listener(any Channel)
        case connection(any Channel)

        var channel: any Channel {
            switch self {
            case .listener(let channel), .connection(let channel): channel
            }
        }
    }

    private struct State {
        var endpoints: [ObjectIdentifier: Endpoint] = [:]
        var isShutDown = false
        var observers: [CheckedContinuation<Void, Never>] = []

        mutating func takeObserversIfIdle() -> [CheckedContinuation<Void, Never>] {
            guard endpoints.isEmpty else { return [] }
            defer { observers = [] }
            return observers
        }
    }

    private let group: any EventLoopGroup
    private let methods = MethodTable()
    private let state = Mutex(State())

    package init(group: any EventLoopGroup) { self.group = group }

    /// A server on one thread of its own, which lives as long as the process.
    package convenience init() { self.init(group: MultiThreadedEventLoopGroup(numberOfThreads: 1)) }

    /// Answers a method with `handler`; a `TTRPCStatus` that it throws goes to the caller as it is, any other error as UNKNOWN.
    package func register<Request: Message, Response: Message>(
        service: String, method: String, _ handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        methods.register(service: service, method: method, handler)
    }

    /// Accepts connections at a unix socket, replacing a socket that is there; returns when clients can connect.
    package func listen(unix path: FilePath) async throws(TTRPCConnectionError) {
        let bootstrap = ServerBootstrap(group: group).childChannelInitializer { [self] channel in
            channel.eventLoop.makeCompletedFuture { try addConnection(channel) }
        }
        do {
            let listener = try await bootstrap.bind(unixDomainSocketPath: path.string, cleanupExistingSocketFile: true).get()
            try adopt(.listener(listener))
        } catch {
            throw .listen(path, cause(of: error, "bind", path.string))
        }
    }

    /// Serves a connected stream socket, or a character device such as a virtio-serial port; it is closed with the connection.
    ///
    /// A port of a guest reports a hang-up until the host has connected: wait for the host first.
    package func serve(connected descriptor: consuming OwnedFD) async throws(TTRPCConnectionError) {
        do {
            if try Self.isSocket(descriptor) {
                let number = descriptor.release()  // NIO's from here on, on failure too
                _ = try await ClientBootstrap(group: group).channelInitializer(initializer).withConnectedSocket(number).get()
            } else {
                try await serve(device: descriptor)
            }
        } catch {
            throw .adopt(cause(of: error, "adopt", "descriptor"))
        }
    }

    private func serve(device: consuming OwnedFD) async throws {
        // A pipe channel polls its two directions through two numbers.
        let output = try device.duplicate().release()
        let input = device.release()
        do {
            _ = try await NIOPipeBootstrap(group: group).channelInitializer(initializer)
                .takingOwnershipOfDescriptors(input: input, output: output).get()
        } catch {
            _ = OwnedFD(adopting: input)  // closed here: on failure they are ours again
            _ = OwnedFD(adopting: output)
            throw error
        }
    }

    private static func isSocket(_ descriptor: borrowing OwnedFD) throws(SystemError) -> Bool {
        var status = stat()
        try syscall("fstat", "\(descriptor.raw)") { fstat(descriptor.raw, &status) }
        return status.st_mode & S_IFMT == S_IFSOCK
    }

    private var initializer: @Sendable (any Channel) -> EventLoopFuture<Void> {
        { [self] channel in channel.eventLoop.makeCompletedFuture { try addConnection(channel) } }
    }

    private func addConnection(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(FrameDecoder()), RequestHandler(methods)])
        try adopt(.connection(channel))
    }

    private func adopt(_ endpoint: Endpoint) throws(TTRPCConnectionError) {
        let channel = endpoint.channel
        let isShutDown = state.withLock { state in
            if !state.isShutDown { state.endpoints[ObjectIdentifier(channel)] = endpoint }
            return state.isShutDown
        }
        if isShutDown {
            channel.close(promise: nil)
            throw .shutDown
        }
        channel.closeFuture.whenComplete { [self] _ in forget(channel) }
    }

    private func forget(_ channel: any Channel) {
        let observers = state.withLock { state in
            state.endpoints[ObjectIdentifier(channel)] = nil
            return state.takeObserversIfIdle()
        }
        for observer in observers { observer.resume() }
    }

    /// Suspends until no listener and no connection is left.
    package func waitClosed() async {
        await withCheckedContinuation { observer in
            let ready = state.withLock { state in
                state.observers.append(observer)
                return state.takeObserversIfIdle()
            }
            for observer in ready { observer.resume() }
        }
    }

    /// Stops listening, cancels what runs, sends the answers that come of it and closes all connections; returns when they are closed.
    ///
    /// A handler may start it, in a task of its own: its answer still goes out.
    package func shutdown() async {
        let endpoints = state.withLock { state in
            state.isShutDown = true
            return Array(state.endpoints.values)
        }
        for endpoint in endpoints {
            switch endpoint {
            case .listener(let channel): channel.close(promise: nil)
            case .connection(let channel): channel.pipeline.fireUserInboundEventTriggered(DrainRequest())
            }
        }
        await waitClosed()
    }
}
