// SPDX-License-Identifier: Apache-2.0

/// A request of rtnetlink(7): header, a fixed part and attributes, numbers in the host's byte order.
struct RouteMessage {
    /// nlmsghdr.
    static let headerLength = 16

    private(set) var bytes: [UInt8]

    /// - Parameter fixed: the structure that messages of this type begin with.
    init(_ type: UInt16, flags: UInt16, fixed: [UInt8]) {
        bytes = rawBytes(UInt32(0)) + rawBytes(type) + rawBytes(flags | RouteFlag.request) + rawBytes(UInt32(1)) + rawBytes(UInt32(0))
        append(fixed)
    }

    mutating func add(_ type: UInt16, _ value: [UInt8]) {
        append(rawBytes(UInt16(4 + value.count)) + rawBytes(type) + value)
    }

    mutating func add(_ type: UInt16, text: String) { add(type, Array(text.utf8) + [0]) }

    mutating func nest(_ type: UInt16, _ body: (inout RouteMessage) -> Void) {
        let start = bytes.count
        append(rawBytes(UInt16(0)) + rawBytes(type))
        body(&self)
        bytes.replaceSubrange(start..<start + 2, with: rawBytes(UInt16(bytes.count - start)))
    }

    private mutating func append(_ part: [UInt8]) {
        bytes += part
        while bytes.count % 4 != 0 { bytes.append(0) }
        bytes.replaceSubrange(0..<4, with: rawBytes(UInt32(bytes.count)))
    }
}

/// NLM_F_*.
enum RouteFlag {
    static let request: UInt16 = 0x1
    static let acknowledge: UInt16 = 0x4
    static let dump: UInt16 = 0x300
    static let replace: UInt16 = 0x100
    static let exclusive: UInt16 = 0x200
    static let create: UInt16 = 0x400
    static let append: UInt16 = 0x800
}

/// A message of the kernel's, split into its fixed part and its attributes.
struct RouteReply {
    let type: UInt16
    let fixed: [UInt8]
    private let attributes: [UInt16: [UInt8]]

    /// - Parameter body: what follows the header.
    init(type: UInt16, body: ArraySlice<UInt8>, fixedLength: Int) {
        self.type = type
        fixed = Array(body.prefix(fixedLength))
        attributes = Self.attributes(body.dropFirst(fixedLength))
    }

    subscript(attribute: UInt16) -> [UInt8]? { attributes[attribute] }

    func text(_ attribute: UInt16) -> String? {
        attributes[attribute].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    func number<Number: FixedWidthInteger>(_ attribute: UInt16, _: Number.Type = Number.self) -> Number? {
        attributes[attribute].flatMap { rawNumber($0[...]) }
    }

    func nested(_ attribute: UInt16) -> [UInt16: [UInt8]] { Self.attributes((attributes[attribute] ?? [])[...]) }

    func nested(_ outer: UInt16, _ inner: UInt16) -> [UInt16: [UInt8]] { Self.attributes((nested(outer)[inner] ?? [])[...]) }

    /// What cannot be an attribute ends them: the kernel writes none such.
    private static func attributes(_ bytes: ArraySlice<UInt8>) -> [UInt16: [UInt8]] {
        var found: [UInt16: [UInt8]] = [:]
        var rest = bytes
        while let length: UInt16 = rawNumber(rest), length >= 4, Int(length) <= rest.count,
            let type: UInt16 = rawNumber(rest.dropFirst(2))
        {
            // The two top bits are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
            found[type & 0x3fff] = Array(rest.prefix(Int(length)).dropFirst(4))
            rest = rest.dropFirst((Int(length) + 3) & ~3)
        }
        return found
    }
}

func rawBytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }

/// Nil when there are too few bytes.
func rawNumber<Number: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Number? {
    guard bytes.count >= MemoryLayout<Number>.size else { return nil }
    return bytes.withUnsafeBytes { $0.loadUnaligned(as: Number.self) }
}
