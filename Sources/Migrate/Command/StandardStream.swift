// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

/// A descriptor that the process was started with.
struct StandardStream {
    private let number: CInt

    static let output = StandardStream(number: 1)
    static let error = StandardStream(number: 2)

    /// Writes all of it. A reader that has gone ends the process by SIGPIPE, as with any program in a pipe.
    func write(_ text: String) throws(SystemError) {
        let stream = OwnedFD(adopting: number)
        let result = Result { () throws(SystemError) in try stream.writeAll(Array(text.utf8)) }
        _ = stream.release()
        do throws(SystemError) {
            try result.get()
        } catch {
            throw SystemError(call: error.call, subject: number == 1 ? "standard output" : "standard error", errno: error.errno)
        }
    }
}
