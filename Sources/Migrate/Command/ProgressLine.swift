// SPDX-License-Identifier: Apache-2.0

internal import KataText
internal import Migrate
internal import Synchronization

/// A line of a terminal that says how far a reading is; nothing where there is no terminal.
final class ProgressLine: Sendable {
    private struct State {
        var clock = ReadingClock()
        var isThere = false
    }

    private let state = Mutex(State())
    private let columns = StandardStream.error.isTerminal ? StandardStream.error.columns ?? 80 : nil

    var progress: ReadingProgress {
        guard let columns else { return .silent }
        return ReadingProgress { [self] part in
            state.withLock { state in
                guard let line = state.clock.line(part) else { return }
                state.isThere = true
                print(String(line.printable.prefix(columns - 1)))
            }
        }
    }

    func clear() {
        if state.withLock(\.isThere) { print("") }
    }

    /// A courtesy: a terminal that has gone does not end a reading.
    private func print(_ line: String) { _ = try? StandardStream.error.write("\r\u{1B}[K" + line) }
}
