// SPDX-License-Identifier: Apache-2.0

/// The last bytes of a stream that may never end.
struct ByteTail {
    /// How many bytes are kept at least, once so many have come.
    let capacity: Int
    private var bytes: [UInt8] = []
    /// Whether the oldest kept line lost its beginning.
    private var isCut = false

    init(capacity: Int) { self.capacity = capacity }

    mutating func append(_ more: [UInt8]) {
        bytes += more
        // Twice the capacity, so that bytes are moved once in a while and not at every append.
        if bytes.count > 2 * capacity {
            bytes.removeFirst(bytes.count - capacity)
            isCut = true
        }
    }

    /// The last `count` lines that are not blank, as printable text.
    func lines(_ count: Int) -> [String] {
        var lines = bytes.split { $0 == UInt8(ascii: "\n") }[...]
        if isCut, lines.count > 1 { lines = lines.dropFirst() }
        return lines.map { PrintableText.line($0) }.filter { !$0.isEmpty }.suffix(count)
    }
}

/// Foreign bytes made fit for a terminal and a log.
enum PrintableText {
    /// A line of a console is rarely longer; one that is says nothing more behind this.
    private static let maximumScalars = 400

    /// One line without control characters and without the escape sequences of ECMA-48 (CSI and two-byte ones).
    static func line(_ bytes: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        var escape = Escape.none
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch (escape, scalar.value) {
            case (_, 0x1b): escape = .started
            case (.started, 0x5b): escape = .sequence
            case (.started, _): escape = .none
            case (.sequence, 0x40...0x7e): escape = .none
            case (.sequence, _): break
            case (.none, 0x09): text.append(" ")
            case (.none, ..<0x20), (.none, 0x7f...0x9f): break
            case (.none, _): text.append(scalar)
            }
            if text.count >= maximumScalars { break }
        }
        var result = String(text)
        while result.last == " " { result.removeLast() }
        return result
    }

    private enum Escape { case none, started, sequence }
}
