// SPDX-License-Identifier: Apache-2.0

/// Elements of an array, one after the other.
struct JSONUnkeyedContainer: UnkeyedDecodingContainer {
    let place: JSONPlace
    private let elements: [JSONValue]
    private(set) var currentIndex = 0

    init(_ place: JSONPlace) throws(DecodingError) {
        self.place = place
        guard let array = place.value.array else { throw place.mismatch([JSONValue].self, "an array") }
        self.elements = array
    }

    var codingPath: [any CodingKey] { place.path }

    var count: Int? { elements.count }

    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        let isNull = try current(Never.self).value.isNull
        if isNull { currentIndex += 1 }
        return isNull
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next { try $0.decode(type) } }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try next { try JSONKeyedContainer<NestedKey>($0) })
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next { try JSONUnkeyedContainer($0) } }

    mutating func superDecoder() throws -> any Decoder { try next { JSONValueDecoder(place: $0) } }

    /// An element counts as taken only when it could be decoded, as the protocol demands.
    private mutating func next<Result>(_ take: (JSONPlace) throws -> Result) throws -> Result {
        let result = try take(current(Result.self))
        currentIndex += 1
        return result
    }

    private func current(_ type: Any.Type) throws(DecodingError) -> JSONPlace {
        guard !isAtEnd else {
            let context = DecodingError.Context(codingPath: place.path, debugDescription: "the array has only \(elements.count) elements")
            throw .valueNotFound(type, context)
        }
        return JSONPlace(value: elements[currentIndex], path: place.path + [JSONKey(currentIndex)], trace: place.trace)
    }
}

extension JSONUnkeyedContainer {
    mutating func decode(_ type: Bool.Type) throws -> Bool { try next { try $0.bool() } }
    mutating func decode(_ type: String.Type) throws -> String { try next { try $0.string() } }
    mutating func decode(_ type: Double.Type) throws -> Double { try next { try $0.float(type) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try next { try $0.float(type) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try next { try $0.integer(type) } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try next { try $0.integer(type) } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try next { try $0.integer(type) } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try next { try $0.integer(type) } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try next { try $0.integer(type) } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try next { try $0.integer(type) } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next { try $0.integer(type) } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next { try $0.integer(type) } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next { try $0.integer(type) } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next { try $0.integer(type) } }
}
