// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import Synchronization

/// Carries what QEMU prints to where it is kept: the guest's console to its log, standard error to a bounded memory.
final class OutputPump: Sendable {
    private static let errorBytes = 8 << 10

    private let consoleReader: SharedFD
    private let errorReader: SharedFD
    private let errors = Mutex(ByteTail(capacity: OutputPump.errorBytes))
    let log: ConsoleLog
    /// Set when both have been read to their ends.
    let drained = Eventual<Bool>()

    init(console: SharedFD, log: ConsoleLog, errors: SharedFD) {
        consoleReader = console
        errorReader = errors
        self.log = log
    }

    func start() throws(SystemError) {
        try startThread(name: "qemu-output", stackKiB: 128) { [self] in
            pump()
            drained.set(true)
        }
    }

    func errorLines(_ count: Int) -> [String] { errors.withLock { $0.lines(count) } }

    private func pump() {
        // A negative descriptor is skipped by poll(2): that is how a finished stream leaves.
        var streams = [consoleReader, errorReader].map { pollfd(fd: $0.raw, events: Int16(POLLIN), revents: 0) }
        while streams.contains(where: { $0.fd >= 0 }) {
            // poll fails only for lack of kernel memory, and then it is tried again.
            guard (try? syscall("poll", "qemu output") { poll(&streams, nfds_t(streams.count), -1) }) != nil else { continue }
            if streams[0].revents != 0, !copy(consoleReader, { log.append($0) }) { streams[0].fd = -1 }
            if streams[1].revents != 0, !copy(errorReader, { bytes in errors.withLock { $0.append(bytes) } }) { streams[1].fd = -1 }
        }
    }

    /// False at the end of the stream; a read error is one.
    private func copy(_ reader: SharedFD, _ keep: ([UInt8]) -> Void) -> Bool {
        guard let bytes = try? reader.read(upTo: 1 << 14), !bytes.isEmpty else { return false }
        keep(bytes)
        return true
    }
}
