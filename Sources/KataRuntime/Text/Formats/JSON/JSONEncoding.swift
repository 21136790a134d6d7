// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// The JSON of a value: keys sorted by their bytes, so that equal values give equal bytes; `pretty` indents by two spaces and ends with a
/// line feed. Not-a-number and the infinities throw, as JSON has no spelling for them. A `FilePath` is written as a string.
public func encodeJSON(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
    let slot = JSONSlot(path: [], indentation: pretty ? 0 : nil)
    try slot.encode(value)
    var bytes = slot.bytes
    if pretty { bytes.append(0x0A) }
    return bytes
}

/// Hands out containers that fill one slot.
struct JSONTreeEncoder: Encoder {
    let slot: JSONSlot

    var codingPath: [any CodingKey] { slot.path }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(JSONKeyedEncoding<Key>(slot: slot.asObject()))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { JSONUnkeyedEncoding(slot: slot.asArray()) }

    func singleValueContainer() -> any SingleValueEncodingContainer { JSONSingleValueEncoding(slot: slot) }
}

/// The place of one value in the document being built; containers share it by reference, as `Encoder` requires. A value that has been
/// encoded is kept as its text alone: of a long list no more than one element is a tree at any time.
final class JSONSlot {
    private enum Content {
        case empty
        case leaf(JSONTree)
        case array([JSONSlot])
        case object([String: JSONSlot])
    }

    let path: [any CodingKey]
    /// Blanks before the value's closing bracket; nil for the compact form.
    private let indentation: Int?
    private var content = Content.empty

    init(path: [any CodingKey], indentation: Int?) {
        self.path = path
        self.indentation = indentation
    }

    /// What was encoded; a value that encoded nothing is an empty object.
    private var tree: JSONTree {
        switch content {
        case .empty: .object([])
        case .leaf(let tree): tree
        case .array(let slots): .array(slots.map(\.tree))
        case .object(let slots): .object(slots.map { ($0.key, $0.value.tree) })
        }
    }

    var bytes: [UInt8] {
        if case .leaf(.written(let bytes)) = content { return bytes }
        var out: [UInt8] = []
        // An array that grows is there twice each time that it does, and a report has megabytes.
        out.reserveCapacity(size)
        tree.write(into: &out, indentation: indentation)
        return out
    }

    /// How long the text will be, or a little more.
    private var size: Int {
        let margin = (indentation ?? 0) + 8
        return switch content {
        case .empty: margin
        case .leaf(.written(let bytes)): bytes.count
        case .leaf: margin
        case .array(let slots): slots.reduce(margin) { $0 + $1.size + margin }
        case .object(let slots): slots.reduce(margin) { $0 + $1.key.utf8.count + $1.value.size + margin }
        }
    }

    var elementCount: Int { if case .array(let slots) = content { slots.count } else { 0 } }

    func fill(_ tree: JSONTree) { content = .leaf(tree) }

    func fill(float value: some BinaryFloatingPoint & LosslessStringConvertible) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(value, .init(codingPath: path, debugDescription: "\(value) has no spelling in JSON"))
        }
        fill(.number(value.description))
    }

    func encode(_ value: some Encodable) throws {
        if let file = value as? FilePath {
            fill(.string(file.string))
        } else {
            try value.encode(to: JSONTreeEncoder(slot: self))
            fill(.written(bytes))
        }
    }

    /// An `encode(to:)` may ask for the same container again and goes on filling it.
    func asObject() -> JSONSlot {
        if case .object = content { return self }
        content = .object([:])
        return self
    }

    func asArray() -> JSONSlot {
        if case .array = content { return self }
        content = .array([])
        return self
    }

    func member(_ key: some CodingKey) -> JSONSlot {
        let slot = child(key)
        guard case .object(var slots) = content else { preconditionFailure("a keyed container outlived its object") }
        content = .empty  // so that the dictionary is changed in place
        slots[key.stringValue] = slot
        content = .object(slots)
        return slot
    }

    func element() -> JSONSlot {
        guard case .array(var slots) = content else { preconditionFailure("an unkeyed container outlived its array") }
        let slot = child(JSONKey(slots.count))
        content = .empty
        slots.append(slot)
        content = .array(slots)
        return slot
    }

    private func child(_ key: some CodingKey) -> JSONSlot { JSONSlot(path: path + [key], indentation: indentation.map { $0 + 2 }) }
}
