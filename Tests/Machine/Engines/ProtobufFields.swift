// SPDX-License-Identifier: Apache-2.0

/// A field of a protocol buffers message to be sent.
enum ProtobufField: Sendable {
    case number(Int, Int)
    case text(Int, String)
    case message(Int, [ProtobufField])

    static func encode(_ fields: [ProtobufField]) -> [UInt8] {
        fields.flatMap { field -> [UInt8] in
            switch field {
            // -1 takes ten bytes, as an int64 does.
            case .number(let tag, let value): varint(UInt64(tag << 3)) + varint(UInt64(bitPattern: Int64(value)))
            case .text(let tag, let text): delimited(tag, Array(text.utf8))
            case .message(let tag, let fields): delimited(tag, encode(fields))
            }
        }
    }

    private static func delimited(_ tag: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(UInt64(tag << 3 | 2)) + varint(UInt64(bytes.count)) + bytes
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// A message that was received: what each of its fields has, in their order.
struct ProtobufMessage: Sendable {
    private var numbers: [Int: [UInt64]] = [:]
    private var chunks: [Int: [[UInt8]]] = [:]

    /// Nil for bytes that are no message of numbers, texts and messages.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: 0, to: 70, by: 7) {
                guard let byte = rest.popFirst() else { return nil }
                value |= UInt64(byte & 0x7f) << UInt64(shift)
                if byte < 0x80 { return value }
            }
            return nil
        }
        while !rest.isEmpty {
            guard let key = varint(), let value = varint() else { return nil }
            switch key & 7 {
            case 0: numbers[Int(key >> 3), default: []].append(value)
            case 2:
                guard value <= rest.count else { return nil }
                chunks[Int(key >> 3), default: []].append(Array(rest.prefix(Int(value))))
                rest = rest.dropFirst(Int(value))
            default: return nil
            }
        }
    }

    /// 0 where it is not said.
    func number(_ tag: Int) -> Int { numbers[tag]?.last.map { Int(Int64(bitPattern: $0)) } ?? 0 }

    func text(_ tag: Int) -> String { String(decoding: chunks[tag]?.last ?? [], as: UTF8.self) }

    func messages(_ tag: Int) -> [ProtobufMessage] { (chunks[tag] ?? []).compactMap { ProtobufMessage($0) } }

    func message(_ tag: Int) -> ProtobufMessage? { messages(tag).last }
}
