// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// Decodes Swift values out of located JSON.
struct JSONValueDecoder: Decoder {
    let place: JSONPlace

    var codingPath: [any CodingKey] { place.path }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try JSONKeyedContainer<Key>(place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try JSONUnkeyedContainer(place) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { JSONSingleValueContainer(place: place) }
}

func decodeLocated<T: Decodable>(
    _ type: T.Type, from root: JSONValue, path: FilePath, trace: JSONReadingTrace? = nil
) throws(LocatedError) -> T {
    do {
        return try JSONPlace(value: root, path: [], trace: trace).decode(type)
    } catch let failure as PlacedFailure {
        throw LocatedError(
            path: path, range: failure.place.value.range, keyPath: spelled(failure.place.path),
            message: "value is not acceptable", cause: failure.cause)
    } catch let error as DecodingError {
        let context = error.context
        let range = range(of: context.codingPath, in: root)
        throw LocatedError(path: path, range: range, keyPath: spelled(context.codingPath), message: context.debugDescription)
    } catch {
        preconditionFailure("JSONPlace.decode places every error that is no DecodingError: \(error)")
    }
}

extension DecodingError {
    fileprivate var context: Context {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context), .dataCorrupted(let context):
            context
        @unknown default:
            Context(codingPath: [], debugDescription: "value is not acceptable")
        }
    }
}

/// The place of the value at a coding path, or of the innermost one around it that exists.
private func range(of path: [any CodingKey], in root: JSONValue) -> SourceRange {
    var value = root
    for key in path {
        if let index = key.intValue, let array = value.array {
            guard array.indices.contains(index) else { break }
            value = array[index]
        } else {
            guard let member = value[key.stringValue] else { break }
            value = member
        }
    }
    return value.range
}

/// `mounts[2].options`.
private func spelled(_ path: [any CodingKey]) -> String {
    var text = ""
    for key in path {
        if let index = key.intValue {
            text += "[\(index)]"
        } else {
            text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
        }
    }
    return text
}
