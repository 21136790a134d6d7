// SPDX-License-Identifier: Apache-2.0

/// A TOML text with the place of every key, value and comment.
public struct TOMLDocument: Sendable {
    /// The bytes that were read.
    public let source: SourceText
    /// The table that the document is.
    public let root: TOMLTable
    /// Every comment, in source order, also those that belong to no entry.
    public let comments: [TOMLComment]

    /// Reads a document and reports all its problems: after one, reading goes on with the next line that can be a statement. The same
    /// text is read once, however often it is asked for.
    ///
    /// `partial` of the result holds what could be read beside errors; it is nil only when TOML 1.0 is asked for and the bytes are not UTF-8.
    public static func parse(_ source: SourceText, grammar: TOMLGrammar = .toml10) -> Parsed<TOMLDocument> {
        source.readings.reading(by: grammar) {
            // A document holds its text: if that held the document again, neither would ever go.
            var reader = TOMLReader(source.unread, grammar: grammar)
            return reader.read()
        }
    }
}
