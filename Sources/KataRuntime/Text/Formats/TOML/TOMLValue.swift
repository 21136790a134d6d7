// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// A TOML value and where it stands.
public struct TOMLValue: Sendable {
    /// What TOML 1.0 knows.
    public enum Kind: Sendable {
        case string(String)
        case integer(Int64)
        case float(Double)
        case boolean(Bool)
        case offsetDateTime(TOMLOffsetDateTime)
        case localDateTime(TOMLDateTime)
        case localDate(TOMLDate)
        case localTime(TOMLTime)
        /// Written in brackets, or as `[[header]]`s; the elements of the latter are tables of origin `header`.
        case array([TOMLValue])
        case table(TOMLTable)
    }

    /// The value.
    public let kind: Kind
    /// The value as written; for tables see `TOMLTable.range`, for an array of `[[header]]`s the first one's.
    public let range: SourceRange

    /// A value that was read at `range`.
    public init(_ kind: Kind, range: SourceRange) {
        self.kind = kind
        self.range = range
    }

    /// The text of a string.
    public var string: String? { if case .string(let value) = kind { value } else { nil } }
    /// The value of an integer; a float is none.
    public var integer: Int64? { if case .integer(let value) = kind { value } else { nil } }
    /// The value of a float; an integer is none.
    public var float: Double? { if case .float(let value) = kind { value } else { nil } }
    /// The value of `true` or `false`.
    public var boolean: Bool? { if case .boolean(let value) = kind { value } else { nil } }
    /// The elements of an array.
    public var array: [TOMLValue]? { if case .array(let value) = kind { value } else { nil } }
    /// The table.
    public var table: TOMLTable? { if case .table(let value) = kind { value } else { nil } }

    /// The path that a string names; nil when it holds a NUL, at which a `FilePath` would be cut short, or end the process in debug builds.
    public var path: FilePath? { string.flatMap { $0.utf8.contains(0) ? nil : FilePath($0) } }

    /// For messages: `a string`.
    public var typeName: String {
        switch kind {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a float"
        case .boolean: "a boolean"
        case .offsetDateTime: "a date-time with offset"
        case .localDateTime: "a local date-time"
        case .localDate: "a local date"
        case .localTime: "a local time"
        case .array: "an array"
        case .table: "a table"
        }
    }
}

/// Keys and values in source order, whichever way they were written.
public struct TOMLTable: Sendable {
    /// How a table came to be.
    public enum Origin: Sendable, Equatable {
        /// The document itself.
        case root
        /// `[header]` or `[[header]]`.
        case header
        /// Only named as a part of the headers of other tables.
        case implicit
        /// A part of a dotted key.
        case dotted
        /// In braces.
        case inline
    }

    /// In the order in which their keys first occur.
    public let entries: [TOMLEntry]
    /// How it was written.
    public let origin: Origin
    /// The header's brackets, the braces, the part of the key that named it, or the whole document.
    public let range: SourceRange
    /// Empty while there are few entries.
    private let index: [ExactName: Int]

    /// Keys must differ; of equal ones only the first is found by name.
    public init(entries: [TOMLEntry], origin: Origin, range: SourceRange) {
        let index =
            entries.count <= Self.few
            ? [:] : Dictionary(entries.enumerated().map { (ExactName($0.element.key), $0.offset) }) { first, _ in first }
        self.init(entries: entries, origin: origin, range: range, index: index)
    }

    init(entries: [TOMLEntry], origin: Origin, range: SourceRange, index: [ExactName: Int]) {
        self.entries = entries
        self.origin = origin
        self.range = range
        self.index = index
    }

    /// Searching so many entries is faster than hashing, and most tables are no larger.
    static let few = 8

    /// The keys, in source order.
    public var keys: [String] { entries.map(\.key) }

    /// The entry of a key.
    public func entry(_ key: String) -> TOMLEntry? {
        if index.isEmpty { return entries.indices.first { sameScalars(entries[$0].key, key) }.map { entries[$0] } }
        return index[ExactName(key)].map { entries[$0] }
    }

    /// The value of a key.
    public subscript(_ key: String) -> TOMLValue? { entry(key)?.value }

    /// The entry that the keys lead to, from table to table.
    public func entry(at path: [String]) -> TOMLEntry? {
        guard let first = path.first, let found = entry(first) else { return nil }
        return path.count == 1 ? found : found.value.table?.entry(at: Array(path.dropFirst()))
    }

    /// The value that the keys lead to, from table to table.
    public func value(at path: [String]) -> TOMLValue? { entry(at: path)?.value }
}

/// One key of a table.
public struct TOMLEntry: Sendable {
    /// With quotes and escapes resolved; one part of a dotted key.
    public let key: String
    /// The key as written where it first occurs.
    public let keyRange: SourceRange
    /// What the key stands for.
    public let value: TOMLValue
    /// The comment lines directly above, without a blank line between; for the last part of a dotted key or header.
    public let commentsBefore: [TOMLComment]
    /// The comment behind the value or header, on its last line.
    public let commentBehind: TOMLComment?

    /// An entry that was read.
    public init(
        key: String, keyRange: SourceRange, value: TOMLValue, commentsBefore: [TOMLComment] = [], commentBehind: TOMLComment? = nil
    ) {
        self.key = key
        self.keyRange = keyRange
        self.value = value
        self.commentsBefore = commentsBefore
        self.commentBehind = commentBehind
    }
}

/// A comment to the end of its line.
public struct TOMLComment: Sendable, Equatable {
    /// Without the sign `#` and the blanks around the text.
    public let text: String
    /// From the sign `#` to the end of the line.
    public let range: SourceRange

    /// A comment that was read.
    public init(text: String, range: SourceRange) {
        self.text = text
        self.range = range
    }
}
