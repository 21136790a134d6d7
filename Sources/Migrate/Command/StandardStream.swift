// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

/// A descriptor that the process was started with.
struct StandardStream {
    private let number: CInt

    static let output = StandardStream(number: 1)
    static let error = StandardStream(number: 2)

    /// Writes all of it; a reader that has gone is no error, as with any program in a pipe.
    func write(_ text: String) {
        let stream = OwnedFD(adopting: number)
        _ = try? stream.writeAll(Array(text.utf8))  // nobody is left to be told
        _ = stream.release()
    }
}
