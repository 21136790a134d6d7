// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import Synchronization
internal import SystemPackage

/// The guest's console: a bounded file and the last lines in memory.
///
/// The guest decides how much it prints, and the file lies in memory (tmpfs): at half of the bound it is renamed to
/// `.1`, replacing the one before, so at least that half of the newest output is always there.
final class ConsoleLog: Sendable {
    static let maximumBytes = 4 << 20
    private static let tailBytes = 16 << 10

    private struct State: ~Copyable {
        var file: OwnedFD?
        var size = 0
        var tail = ByteTail(capacity: ConsoleLog.tailBytes)
    }

    let path: FilePath
    private let halfBytes: Int
    private let state: Mutex<State>

    init(_ path: FilePath, maximumBytes: Int = ConsoleLog.maximumBytes) throws(SystemError) {
        self.path = path
        self.halfBytes = maximumBytes / 2
        state = Mutex(State(file: try Self.create(path)))
    }

    func append(_ bytes: [UInt8]) {
        state.withLock { state in
            state.tail.append(bytes)
            var rest = bytes[...]
            while !rest.isEmpty {
                if state.size >= halfBytes { rotate(&state) }
                let part = rest.prefix(halfBytes - state.size)
                // On a full disk the file ends here; the tail in memory goes on, and so does the guest.
                _ = try? state.file?.writeAll(Array(part))
                state.size += part.count
                rest = rest.dropFirst(part.count)
            }
        }
    }

    func tail(_ lines: Int) -> [String] { state.withLock { $0.tail.lines(lines) } }

    private func rotate(_ state: inout State) {
        let previous = FilePath(path.string + ".1")
        // Without a new file nothing more is written until the next half, so the bound holds either way.
        state.file = nil
        state.size = 0
        _ = path.withPlatformString { from in previous.withPlatformString { to in cl_rename(from, to) } }
        state.file = try? Self.create(path)
    }

    private static func create(_ path: FilePath) throws(SystemError) -> OwnedFD {
        try OwnedFD.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
    }
}
