// SPDX-License-Identifier: Apache-2.0

/// A JSON text with the place of every key and value.
public struct JSONDocument: Sendable {
    /// The bytes that were read.
    public let source: SourceText
    /// The one value of the text.
    public let root: JSONValue

    /// Reads strict RFC 8259; a leading byte order mark is ignored, as clause 8.1 allows.
    ///
    /// After the first error of syntax nothing more is looked for: what follows a misplaced bracket cannot be told from it. Keys that occur
    /// twice are warnings, and all of them are reported.
    public static func parse(_ source: SourceText) -> Parsed<JSONDocument> {
        var reader = JSONReader(source)
        return reader.read()
    }

    /// Makes a value of the whole document.
    public func decode<T: Decodable>(_ type: T.Type) throws(LocatedError) -> T {
        try decode(type, from: root)
    }

    /// Makes a value of a part of the document.
    public func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws(LocatedError) -> T {
        try decodeLocated(type, from: value, path: source.path)
    }
}
