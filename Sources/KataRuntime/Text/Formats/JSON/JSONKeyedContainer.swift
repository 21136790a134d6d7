// SPDX-License-Identifier: Apache-2.0

/// Members of an object by key.
struct JSONKeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let place: JSONPlace
    private let members: [ExactName: JSONValue]

    init(_ place: JSONPlace) throws(DecodingError) {
        self.place = place
        guard let object = place.value.object else { throw place.mismatch([String: JSONValue].self, "an object") }
        // Of equal keys the last one counts.
        self.members = Dictionary(object.map { (ExactName($0.key), $0.value) }) { $1 }
        place.trace?.open(place.value)
    }

    var codingPath: [any CodingKey] { place.path }

    var allKeys: [Key] { (place.value.object ?? []).compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool {
        place.trace?.ask(place.value, for: key.stringValue)
        return members[ExactName(key.stringValue)] != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).value.isNull }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try member(key).decode(type) }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try JSONKeyedContainer<NestedKey>(member(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try JSONUnkeyedContainer(member(key)) }

    func superDecoder() throws -> any Decoder { JSONValueDecoder(place: try place(of: "super", key: JSONKey("super"))) }

    func superDecoder(forKey key: Key) throws -> any Decoder { JSONValueDecoder(place: try member(key)) }

    func member(_ key: Key) throws(DecodingError) -> JSONPlace { try place(of: key.stringValue, key: key) }

    private func place(of name: String, key: any CodingKey) throws(DecodingError) -> JSONPlace {
        place.trace?.ask(place.value, for: name)
        guard let value = members[ExactName(name)] else {
            let others = (place.value.object ?? []).map(\.key)
            let message = "key '\(name)' is missing\(suggestion(for: name, in: others))"
            throw .keyNotFound(key, DecodingError.Context(codingPath: place.path, debugDescription: message))
        }
        return JSONPlace(value: value, path: place.path + [key], trace: place.trace)
    }
}

extension JSONKeyedContainer {
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try member(key).bool() }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try member(key).string() }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try member(key).float(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try member(key).float(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try member(key).integer(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try member(key).integer(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try member(key).integer(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try member(key).integer(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try member(key).integer(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try member(key).integer(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try member(key).integer(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try member(key).integer(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try member(key).integer(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try member(key).integer(type) }
}
