// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// The agent's end of a process's standard output or error.
///
/// Confined to the sandbox actor. End of file comes when every holder of the other end is gone and all bytes were read.
final class OutputPipe {
    private let name: String
    private let loop: AgentLoop
    private var descriptor: SharedFD?
    private var wait: AgentLoop.Wait?
    /// End of file was delivered, or the pipe was closed.
    private(set) var isFinished = false

    /// - Parameter descriptor: nil for a stream that is at its end from the start.
    init(_ descriptor: SharedFD?, name: String, loop: AgentLoop) throws(SystemError) {
        if let descriptor { try setNonBlocking(descriptor) }
        self.descriptor = descriptor
        self.name = name
        self.loop = loop
        isFinished = descriptor == nil
    }

    /// Waits for bytes and gives at most `count` of them; none at end of file.
    func read(upTo count: Int, isolation: isolated any Actor) async throws -> [UInt8] {
        let wanted = count > 0 ? min(count, streamPayloadLimit) : streamPayloadLimit
        while true {
            guard let descriptor else { return [] }
            guard wait == nil else { throw AgentFailure.streamBusy(name) }
            do throws(SystemError) {
                let bytes = try descriptor.read(upTo: wanted)
                if bytes.isEmpty { close() }
                return bytes
            } catch {
                // A terminal whose other side nobody holds any more says EIO, not end of file.
                if error.errno == .ioError {
                    close()
                    return []
                }
                guard error.errno == .resourceTemporarilyUnavailable else { throw error }
            }
            let next = loop.makeWait()
            wait = next
            _ = await loop.ready(descriptor.raw, .readable, as: next)
            wait = nil
        }
    }

    /// A read that is waiting gets end of file.
    func close() {
        if let wait { loop.giveUp(wait) }
        descriptor = nil
        isFinished = true
    }
}

/// The agent's end of a process's standard input. Confined to the sandbox actor.
final class InputPipe {
    private let name: String
    private let loop: AgentLoop
    private var descriptor: SharedFD?
    private var wait: AgentLoop.Wait?

    init(_ descriptor: SharedFD?, name: String, loop: AgentLoop) throws(SystemError) {
        if let descriptor { try setNonBlocking(descriptor) }
        self.descriptor = descriptor
        self.name = name
        self.loop = loop
    }

    /// Writes all bytes, waiting while the process does not read.
    func write(_ bytes: [UInt8], isolation: isolated any Actor) async throws {
        guard wait == nil else { throw AgentFailure.streamBusy(name) }
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let descriptor else { throw AgentFailure.streamClosed(name) }
            do throws(SystemError) {
                let written = try syscall("write", name) {
                    rest.withUnsafeBytes { CLinux.write(descriptor.raw, $0.baseAddress, $0.count) }
                }
                rest = rest.dropFirst(written)
            } catch {
                if error.errno == .brokenPipe || error.errno == .ioError { throw AgentFailure.streamClosed(name) }
                guard error.errno == .resourceTemporarilyUnavailable else { throw error }
                let next = loop.makeWait()
                wait = next
                _ = await loop.ready(descriptor.raw, .writable, as: next)
                wait = nil
            }
        }
    }

    /// The process reads end of file after what was written. A write that is waiting fails.
    func close() {
        if let wait { loop.giveUp(wait) }
        descriptor = nil
    }
}

private func setNonBlocking(_ descriptor: SharedFD) throws(SystemError) {
    let flags = try syscall("fcntl", "F_GETFL") { cl_fcntl(descriptor.raw, F_GETFL, 0) }
    try syscall("fcntl", "F_SETFL") { cl_fcntl(descriptor.raw, F_SETFL, flags | O_NONBLOCK) }
}
