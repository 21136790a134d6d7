// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A file of assignments, as `EnvironmentFile=` and init scripts read it: `/etc/default/docker`, `/etc/sysconfig/kubelet`.
///
/// A value without quotes is the rest of its line (systemd.exec(5)); a shell would end it at a blank, so that such files hold none. Lines
/// that assign nothing are passed over, since init scripts are read for their assignments too.
struct EnvironmentFile {
    struct Assignment {
        let name: String
        let value: LocatedText
    }

    private(set) var assignments: [Assignment] = []
    private let source: SourceText
    private var offset = 0

    init(_ source: SourceText) {
        self.source = source
        while offset < source.bytes.count { line() }
    }

    private var byte: UInt8? { offset < source.bytes.count ? source.bytes[offset] : nil }

    private mutating func line() {
        defer { skip { $0 != 0x0A }; offset += 1 }
        skip { $0 == 0x20 || $0 == 0x09 }
        if source.bytes[offset...].starts(with: "export ".utf8) { offset += 7 }
        let start = offset
        skip(while: Self.isNamePart)
        guard offset > start, byte == UInt8(ascii: "=") else { return }
        let name = String(decoding: source.bytes[start..<offset], as: UTF8.self)
        offset += 1
        assignments.append(Assignment(name: name, value: value()))
    }

    private mutating func value() -> LocatedText {
        var (bytes, places): ([UInt8], [Int]) = ([], [])
        let quote = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") ? byte : nil
        if quote != nil { offset += 1 }
        while let next = byte, next != quote, quote != nil || next != 0x0A {
            if next == UInt8(ascii: "\\"), quote != UInt8(ascii: "'"), offset + 1 < source.bytes.count {
                offset += 1
                // An escaped line feed joins the lines.
                if source.bytes[offset] == 0x0A {
                    offset += 1
                    continue
                }
            }
            bytes.append(source.bytes[offset])
            places.append(offset)
            offset += 1
        }
        while quote == nil, let last = bytes.last, last <= 0x20 {
            bytes.removeLast()
            places.removeLast()
        }
        return LocatedText(source: source, bytes: bytes[...], places: places[...], variable: .file(quote: quote))
    }

    private mutating func skip(while matches: (UInt8) -> Bool) {
        while let byte, matches(byte) { offset += 1 }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            || byte == UInt8(ascii: "_")
    }
}
