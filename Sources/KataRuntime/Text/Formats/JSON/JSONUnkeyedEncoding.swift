// SPDX-License-Identifier: Apache-2.0

/// Elements of an array.
struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
    let slot: JSONSlot

    var codingPath: [any CodingKey] { slot.path }

    var count: Int { slot.elementCount }

    mutating func encodeNil() throws { slot.element().fill(.null) }

    mutating func encode<T: Encodable>(_ value: T) throws { try slot.element().encode(value) }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        KeyedEncodingContainer(JSONKeyedEncoding<NestedKey>(slot: slot.element().asObject()))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { JSONUnkeyedEncoding(slot: slot.element().asArray()) }

    mutating func superEncoder() -> any Encoder { JSONTreeEncoder(slot: slot.element()) }
}

extension JSONUnkeyedEncoding {
    mutating func encode(_ value: Bool) throws { slot.element().fill(.bool(value)) }
    mutating func encode(_ value: String) throws { slot.element().fill(.string(value)) }
    mutating func encode(_ value: Double) throws { try slot.element().fill(float: value) }
    mutating func encode(_ value: Float) throws { try slot.element().fill(float: value) }
    mutating func encode(_ value: Int) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: Int8) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: Int16) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: Int32) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: Int64) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: UInt) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: UInt8) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: UInt16) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: UInt32) throws { slot.element().fill(.number(String(value))) }
    mutating func encode(_ value: UInt64) throws { slot.element().fill(.number(String(value))) }
}
