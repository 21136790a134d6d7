// SPDX-License-Identifier: Apache-2.0

/// Members of an object.
struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: JSONSlot

    var codingPath: [any CodingKey] { slot.path }

    mutating func encodeNil(forKey key: Key) throws { slot.member(key).fill(.null) }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try slot.member(key).encode(value) }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key) -> KeyedEncodingContainer<NestedKey>
    {
        KeyedEncodingContainer(JSONKeyedEncoding<NestedKey>(slot: slot.member(key).asObject()))
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        JSONUnkeyedEncoding(slot: slot.member(key).asArray())
    }

    mutating func superEncoder() -> any Encoder { JSONTreeEncoder(slot: slot.member(JSONKey("super"))) }

    mutating func superEncoder(forKey key: Key) -> any Encoder { JSONTreeEncoder(slot: slot.member(key)) }
}

extension JSONKeyedEncoding {
    mutating func encode(_ value: Bool, forKey key: Key) throws { slot.member(key).fill(.bool(value)) }
    mutating func encode(_ value: String, forKey key: Key) throws { slot.member(key).fill(.string(value)) }
    mutating func encode(_ value: Double, forKey key: Key) throws { try slot.member(key).fill(float: value) }
    mutating func encode(_ value: Float, forKey key: Key) throws { try slot.member(key).fill(float: value) }
    mutating func encode(_ value: Int, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: Int8, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: Int16, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: Int32, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: Int64, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: UInt, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: UInt8, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: UInt16, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: UInt32, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
    mutating func encode(_ value: UInt64, forKey key: Key) throws { slot.member(key).fill(.number(String(value))) }
}
