// SPDX-License-Identifier: Apache-2.0

/// One value as itself.
struct JSONSingleValueEncoding: SingleValueEncodingContainer {
    let slot: JSONSlot

    var codingPath: [any CodingKey] { slot.path }

    mutating func encodeNil() throws { slot.fill(.null) }

    mutating func encode<T: Encodable>(_ value: T) throws { try slot.encode(value) }
}

extension JSONSingleValueEncoding {
    mutating func encode(_ value: Bool) throws { slot.fill(.bool(value)) }
    mutating func encode(_ value: String) throws { slot.fill(.string(value)) }
    mutating func encode(_ value: Double) throws { try slot.fill(float: value) }
    mutating func encode(_ value: Float) throws { try slot.fill(float: value) }
    mutating func encode(_ value: Int) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: Int8) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: Int16) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: Int32) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: Int64) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: UInt) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: UInt8) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: UInt16) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: UInt32) throws { slot.fill(.number(String(value))) }
    mutating func encode(_ value: UInt64) throws { slot.fill(.number(String(value))) }
}
