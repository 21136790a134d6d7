// SPDX-License-Identifier: Apache-2.0

/// A JSON value and where it stands.
public struct JSONValue: Sendable {
    /// What RFC 8259 knows.
    public enum Kind: Sendable {
        case null
        case bool(Bool)
        /// The number as written, so that no digit is lost.
        case number(String)
        case string(String)
        case array([JSONValue])
        case object([JSONMember])
    }

    /// The value.
    public let kind: Kind
    /// From its first to its last character.
    public let range: SourceRange

    /// A value that was read at `range`.
    public init(_ kind: Kind, range: SourceRange) {
        self.kind = kind
        self.range = range
    }

    /// The text of a string.
    public var string: String? { if case .string(let value) = kind { value } else { nil } }
    /// The value of `true` or `false`.
    public var bool: Bool? { if case .bool(let value) = kind { value } else { nil } }
    /// A number that is an integer in the range of Int64, in whatever way it is written.
    public var integer: Int64? { if case .number(let text) = kind { exactInteger(text, as: Int64.self) } else { nil } }
    /// A number, rounded to the nearest double.
    public var double: Double? { if case .number(let text) = kind { Double(text) } else { nil } }
    /// The elements of an array.
    public var array: [JSONValue]? { if case .array(let value) = kind { value } else { nil } }
    /// The members of an object, in source order.
    public var object: [JSONMember]? { if case .object(let value) = kind { value } else { nil } }
    /// Whether it is `null`.
    public var isNull: Bool { if case .null = kind { true } else { false } }

    /// The member of an object; of equal keys the last one counts.
    public func member(_ key: String) -> JSONMember? { object?.last { sameScalars($0.key, key) } }

    /// The value of a member of an object; of equal keys the last one counts.
    public subscript(key: String) -> JSONValue? { member(key)?.value }

    /// For messages: `a string`.
    public var typeName: String {
        switch kind {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// One `"key": value` of an object.
public struct JSONMember: Sendable {
    /// With escapes resolved.
    public let key: String
    /// With its quotes.
    public let keyRange: SourceRange
    /// What stands behind the colon.
    public let value: JSONValue

    /// A member that was read at these places.
    public init(key: String, keyRange: SourceRange, value: JSONValue) {
        self.key = key
        self.keyRange = keyRange
        self.value = value
    }
}

/// The integer that a JSON number is, exactly; nil when it has a fraction or does not fit.
func exactInteger<Number: FixedWidthInteger>(_ text: String, as type: Number.Type) -> Number? {
    if let number = Number(text) { return number }
    // 1.0 and 1e3 are integers too, but from 2^53 on a double no longer tells one from its neighbour.
    guard let double = Double(text), abs(double) < 9_007_199_254_740_992 else { return nil }
    return Number(exactly: double)
}
