// SPDX-License-Identifier: Apache-2.0

/// The bytes of a D-Bus message or of a part of it, in little-endian order (D-Bus Specification, Marshaling).
///
/// Values are aligned by their place in the whole: a part begins where 8 divides.
public struct DBusBytes: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    mutating func align(_ boundary: Int) {
        while bytes.count % boundary != 0 { bytes.append(0) }
    }

    mutating func add(byte: UInt8) { bytes.append(byte) }

    public mutating func add(_ number: UInt32) {
        align(4)
        bytes += Self.raw(number)
    }

    public mutating func add(_ flag: Bool) { add(flag ? 1 : 0 as UInt32) }

    /// A string or an object path.
    public mutating func add(_ text: String) {
        add(UInt32(text.utf8.count))
        bytes += Array(text.utf8) + [0]
    }

    public mutating func add(signature: String) { bytes += [UInt8(signature.utf8.count)] + Array(signature.utf8) + [0] }

    /// An array of values that `boundary` divides; its length counts from the first of them.
    public mutating func array(alignedTo boundary: Int, _ body: (inout DBusBytes) -> Void) {
        add(0 as UInt32)
        let place = bytes.count - 4
        align(boundary)
        let start = bytes.count
        body(&self)
        bytes.replaceSubrange(place..<place + 4, with: Self.raw(UInt32(bytes.count - start)))
    }

    /// A structure of a name and a variant, as systemd has its properties.
    public mutating func property(_ name: String, _ signature: String, _ value: (inout DBusBytes) -> Void) {
        align(8)
        add(name)
        add(signature: signature)
        value(&self)
    }

    private static func raw(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
}

/// What came over the bus.
struct DBusMessage {
    static let signal: UInt8 = 4

    /// 2 is a return, 3 an error, 4 a signal.
    let type: UInt8
    /// Of the call that it answers.
    let serial: UInt32?
    /// Of an error.
    let name: String?
    /// Of a signal.
    let member: String?
    /// The body's values as texts, up to one that is neither a text nor a number.
    let values: [String]

    /// - Parameters:
    ///   - fields: the header's array, without its length.
    ///   - body: all of it.
    init(type: UInt8, fields: [UInt8], body: [UInt8]) {
        self.type = type
        var (serial, name, member, signature): (UInt32?, String?, String?, String?)
        var reader = Reader(bytes: fields)
        while reader.align(8), let code = reader.byte(), let kind = reader.signature() {
            switch kind {
            case "u":
                guard let number = reader.number() else { break }
                if code == 5 { serial = number }
            case "s", "o":
                guard let text = reader.text() else { break }
                if code == 4 { name = text }
                if code == 3 { member = text }
            case "g":
                guard let text = reader.signature() else { break }
                if code == 8 { signature = text }
            default: reader.end()
            }
        }
        self.serial = serial
        self.name = name
        self.member = member
        var content = Reader(bytes: body)
        var values: [String] = []
        reading: for kind in signature ?? "" {
            let value: String?
            switch kind {
            case "s", "o": value = content.text()
            case "u": value = content.number().map { "\($0)" }
            default: break reading
            }
            guard let value else { break }
            values.append(value)
        }
        self.values = values
    }

    /// Gives nil beyond the end: whoever is at the other side is not trusted.
    struct Reader {
        let bytes: [UInt8]
        private var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func end() { place = bytes.count }

        /// Whether there is more.
        mutating func align(_ boundary: Int) -> Bool {
            place = (place + boundary - 1) / boundary * boundary
            return place < bytes.count
        }

        mutating func byte() -> UInt8? { take(1)?.first }

        mutating func number() -> UInt32? {
            guard align(4) else { return nil }
            return take(4)?.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }

        mutating func text() -> String? {
            guard let count = number(), let content = take(Int(count)), byte() != nil else { return nil }
            return String(decoding: content, as: UTF8.self)
        }

        mutating func signature() -> String? {
            guard let count = byte(), let content = take(Int(count)), byte() != nil else { return nil }
            return String(decoding: content, as: UTF8.self)
        }

        private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count <= bytes.count - place else { return nil }
            defer { place += count }
            return bytes[place..<place + count]
        }
    }
}
