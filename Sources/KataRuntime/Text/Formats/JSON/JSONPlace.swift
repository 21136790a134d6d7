// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// A value of a document and the way that decoding took to it.
struct JSONPlace {
    let value: JSONValue
    let path: [any CodingKey]
    /// Learns which members are asked for, where somebody wants to know.
    var trace: JSONReadingTrace?

    /// Decodes a value; errors that do not say their place get this one.
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        // FilePath's own coding shows its storage; in a file a path is a string.
        if type == FilePath.self, let path = try filePath() as? T { return path }
        do {
            return try T(from: JSONValueDecoder(place: self))
        } catch let error as DecodingError {
            throw error
        } catch let error as PlacedFailure {
            throw error
        } catch {
            throw PlacedFailure(place: self, cause: error)
        }
    }

    func bool() throws(DecodingError) -> Bool {
        guard let bool = value.bool else { throw mismatch(Bool.self, "true or false") }
        return bool
    }

    func string() throws(DecodingError) -> String {
        guard let string = value.string else { throw mismatch(String.self, "a string") }
        return string
    }

    /// A NUL inside a `FilePath` ends the process in debug builds and silently cuts the path short in others.
    private func filePath() throws(DecodingError) -> FilePath {
        let text = try string()
        guard !text.utf8.contains(0) else { throw corrupted("a path cannot hold the character NUL") }
        return FilePath(text)
    }

    func float<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ type: Number.Type) throws(DecodingError) -> Number {
        guard case .number(let text) = value.kind else { throw mismatch(type, "a number") }
        guard let number = Number(text), number.isFinite else { throw corrupted("\(text.clipped) is out of range") }
        return number
    }

    func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws(DecodingError) -> Number {
        guard case .number(let text) = value.kind else { throw mismatch(type, "an integer") }
        guard let number = exactInteger(text, as: type) else {
            throw corrupted("\(text.clipped) is not an integer from \(Number.min) to \(Number.max)")
        }
        return number
    }

    func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
        let context = DecodingError.Context(codingPath: path, debugDescription: "expected \(expected), found \(value.typeName)")
        return value.isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    private func corrupted(_ message: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: path, debugDescription: message))
    }
}

/// An error of a decoded type that is no `DecodingError`, with the place it came from.
struct PlacedFailure: Error {
    let place: JSONPlace
    let cause: any Error
}

/// A key made up while walking.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ index: Int) {
        self.stringValue = String(index)
        self.intValue = index
    }

    init(_ name: String) {
        self.stringValue = name
        self.intValue = nil
    }

    init?(stringValue: String) { self.init(stringValue) }

    init?(intValue: Int) { self.init(intValue) }
}
