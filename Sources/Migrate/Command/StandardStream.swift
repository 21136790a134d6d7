// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KataSystem

/// A descriptor that the process was started with.
struct StandardStream {
    private let number: CInt

    static let output = StandardStream(number: 1)
    static let error = StandardStream(number: 2)

    /// Characters in a line of the terminal; nil for what is none.
    var columns: Int? {
        let stream = OwnedFD(adopting: number)
        let copy = try? SharedFD(stream.duplicate())  // without a descriptor left, nobody knows the width
        _ = stream.release()
        return copy.flatMap(Terminal.size).map { Int($0.columns) }.flatMap { $0 > 0 ? $0 : nil }
    }

    var isTerminal: Bool { isatty(number) == 1 }

    /// Writes all of it. A reader that has gone ends the process by SIGPIPE, as with any program in a pipe.
    func write(_ text: String) throws(SystemError) { try write(Array(text.utf8)) }

    /// As for a text.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        let stream = OwnedFD(adopting: number)
        let result = Result { () throws(SystemError) in try stream.writeAll(bytes) }
        _ = stream.release()
        do throws(SystemError) {
            try result.get()
        } catch {
            throw SystemError(call: error.call, subject: number == 1 ? "standard output" : "standard error", errno: error.errno)
        }
    }
}
