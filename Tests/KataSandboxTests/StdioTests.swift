// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
import Synchronization
import SystemPackage
import Testing

@testable import KataSandbox

/// A guest process that echoes its input on both outputs.
private final class EchoGuest: GuestStreams {
    private struct Stream { var chunks: [[UInt8]] = []; var isClosed = false }
    private let streams = Mutex<[Stream]>([Stream(), Stream()])

    func writeInput(_ bytes: [UInt8]) async throws {
        #expect(bytes.count <= StdioPumps.payload)
        streams.withLock { for index in 0..<2 { $0[index].chunks.append(bytes) } }
    }

    func closeInput() async throws { streams.withLock { for index in 0..<2 { $0[index].isClosed = true } } }
    func readOutput(_ limit: Int) async throws -> [UInt8] { try await read(0) }
    func readError(_ limit: Int) async throws -> [UInt8] { try await read(1) }

    private func read(_ index: Int) async throws -> [UInt8] {
        while true {
            let (chunk, ended) = streams.withLock { streams -> ([UInt8]?, Bool) in
                if !streams[index].chunks.isEmpty { return (streams[index].chunks.removeFirst(), false) }
                return (nil, streams[index].isClosed)
            }
            if let chunk { return chunk }
            if ended { return [] }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

@Suite struct StdioTests {
    private func pipes() throws -> (SharedFD, SharedFD) { try OwnedFD.pipe().split { (SharedFD($0), SharedFD($1)) } }

    @Test func allBytesArriveOnBothOutputsBeforeTheStreamsCountAsDrained() async throws {
        let input = try pipes()
        let output = try pipes()
        let errors = try pipes()
        let pumps = try StdioPumps(WorkloadStdio(input: input.0, output: output.1, error: errors.1), EchoGuest())
        let sent = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let writer = SharedFD(try input.1.duplicate())
        async let fed: Void = blocking("feed") { _ = try? writer.writeAll(sent) }  // a short write shows as missing bytes
        async let first = collect(output.0, sent.count)
        async let second = collect(errors.0, sent.count)
        try await fed
        #expect(try await first == sent)
        #expect(try await second == sent)
        // Not before: what is still in the pipe when the workload has ended is for nobody.
        pumps.stopInput()
        await pumps.drained()
    }

    @Test func outputThatNobodyTakesIsStillDrained() async throws {
        _ = signal(SIGPIPE, SIG_IGN)
        let input = try pipes()
        var output: (SharedFD, SharedFD)? = try pipes()
        let sink = try #require(output?.1)
        output = nil
        let guest = EchoGuest()
        let pumps = try StdioPumps(WorkloadStdio(input: input.0, output: sink, error: sink), guest)
        try input.1.writeAll([UInt8](repeating: 1, count: 50_000))
        pumps.stopInput()
        await pumps.drained()
    }

    @Test func aStubEndsWithTheStatusItIsTold() async throws {
        let ends = try OwnedFD.socketPair().split { (SharedFD($0), SharedFD($1)) }
        let events = Mutex<[StubLink.Event]>([])
        let gone = OneShot<Void>()
        let link = StubLink(ends.0)
        try link.listen { event in
            if event == .gone { gone.set(()) } else { events.withLock { $0.append(event) } }
        }
        try ends.1.writeAll([15, 2])
        link.finish(42)
        #expect(try ends.1.read(upTo: 16) == [42, 0, 0, 0])
        #expect(try ends.1.read(upTo: 16).isEmpty)
        await gone.value
        #expect(events.withLock { $0 } == [.signal(15), .signal(2)])
    }

    private func collect(_ fd: SharedFD, _ count: Int) async throws -> [UInt8] {
        try await blocking("collect") {
            var all: [UInt8] = []
            while all.count < count, let part = try? fd.read(upTo: 1 << 16), !part.isEmpty { all += part }
            return all
        }
    }
}
