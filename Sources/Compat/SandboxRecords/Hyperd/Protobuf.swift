// SPDX-License-Identifier: Apache-2.0

/// The fields of a protobuf message, of which hyperd's store needs numbers, texts and inner messages.
struct ProtobufMessage {
    private var numbers: [UInt64: UInt64] = [:]
    private var strings: [UInt64: [ArraySlice<UInt8>]] = [:]

    /// Nil when the bytes are no message.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        var count = 0
        while !reader.isAtEnd {
            guard let tag = reader.varint(), tag >> 3 > 0, count < 100_000 else { return nil }
            count += 1
            switch tag & 7 {
            case 0:
                guard let value = reader.varint() else { return nil }
                numbers[tag >> 3] = value
            case 1: guard reader.fixed64() != nil else { return nil }
            case 2:
                guard let value = reader.lengthPrefixed() else { return nil }
                strings[tag >> 3, default: []].append(value)
            case 5: guard reader.fixed32() != nil else { return nil }
            default: return nil
            }
        }
    }

    func number(_ field: UInt64) -> UInt64? { numbers[field] }

    func bytes(_ field: UInt64) -> ArraySlice<UInt8>? { strings[field]?.last }

    func text(_ field: UInt64) -> String? { bytes(field).map { String(decoding: $0, as: UTF8.self) } }

    func texts(_ field: UInt64) -> [String] { (strings[field] ?? []).map { String(decoding: $0, as: UTF8.self) } }

    func message(_ field: UInt64) -> ProtobufMessage? { bytes(field).flatMap { ProtobufMessage($0) } }

    func messages(_ field: UInt64) -> [ProtobufMessage] { (strings[field] ?? []).compactMap { ProtobufMessage($0) } }

    /// A map from text to text.
    func table(_ field: UInt64) -> [String: String] {
        Dictionary(messages(field).map { ($0.text(1) ?? "", $0.text(2) ?? "") }) { _, last in last }
    }
}
