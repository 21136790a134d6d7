// SPDX-License-Identifier: Apache-2.0

/// A YAML document to be written, in block style, with comments.
public struct YAMLEmission: Sendable, Equatable {
    /// A value to be written.
    public indirect enum Value: Sendable, Equatable {
        case boolean(Bool)
        case integer(Int64)
        /// An integer in octal, as modes are.
        case octal(Int64)
        case string(String)
        case list([Item])
        case mapping([Entry])
    }

    /// An element of a list.
    public struct Item: Sendable, Equatable {
        /// The value.
        public var value: Value
        /// Comments before it, one line each.
        public var above: [String]
        /// A comment behind it; above it where it takes more than a line.
        public var beside: String?

        /// An element.
        public init(_ value: Value, above: [String] = [], beside: String? = nil) {
            self.value = value
            self.above = above
            self.beside = beside
        }
    }

    /// A `key: value`.
    public struct Entry: Sendable, Equatable {
        /// The key.
        public var key: String
        /// The value with its comments.
        public var item: Item

        /// A member of a mapping.
        public init(_ key: String, _ value: Value, above: [String] = [], beside: String? = nil) {
            self.key = key
            self.item = Item(value, above: above, beside: beside)
        }
    }

    /// Said at the top, one line each.
    public var preface: [String]
    /// The members of the document.
    public var root: [Entry]

    /// A document.
    public init(preface: [String] = [], root: [Entry]) {
        self.preface = preface
        self.root = root
    }

    /// The text, ending with a line feed.
    public var rendered: String {
        var writer = YAMLWriter()
        writer.comments(preface, indentation: 0)
        writer.entries(root, indentation: 0)
        return writer.text
    }

    /// Several documents in one text.
    public static func rendered(_ documents: [YAMLEmission]) -> String {
        documents.map(\.rendered).joined(separator: "---\n")
    }
}

private struct YAMLWriter {
    var text = ""

    mutating func comments(_ lines: [String], indentation: Int) {
        for line in lines {
            text += String(repeating: " ", count: indentation) + (line.isEmpty ? "#" : "# \(line.withVisibleControls)") + "\n"
        }
    }

    mutating func entries(_ entries: [YAMLEmission.Entry], indentation: Int, afterDash: Bool = false) {
        for (index, entry) in entries.enumerated() {
            let isBehindDash = afterDash && index == 0
            if !isBehindDash {
                comments(above(entry.item), indentation: indentation)
                text += String(repeating: " ", count: indentation)
            }
            text += YAMLSpelling.scalar(entry.key) + ":"
            write(entry.item, indentation: indentation)
        }
        if entries.isEmpty { text += String(repeating: " ", count: indentation) + "{}\n" }
    }

    private func above(_ item: YAMLEmission.Item) -> [String] {
        item.above + (Self.isOneLine(item.value) ? [] : [item.beside].compactMap(\.self))
    }

    /// Behind a colon.
    private mutating func write(_ item: YAMLEmission.Item, indentation: Int) {
        switch item.value {
        case .mapping(let entries) where !entries.isEmpty:
            text += "\n"
            self.entries(entries, indentation: indentation + 2)
        case .list(let items) where !items.isEmpty:
            text += "\n"
            list(items, indentation: indentation)
        case .string(let string) where !Self.isOneLine(item.value):
            literal(string, indentation: indentation + 2)
        default:
            text += " \(Self.spelled(item.value))"
            endLine(item)
        }
    }

    private mutating func list(_ items: [YAMLEmission.Item], indentation: Int) {
        for item in items {
            var above = above(item)
            // The first member's comments cannot stand behind the dash.
            if case .mapping(let entries) = item.value, let first = entries.first { above += self.above(first.item) }
            comments(above, indentation: indentation)
            text += String(repeating: " ", count: indentation) + "-"
            switch item.value {
            case .mapping(let entries) where !entries.isEmpty:
                text += " "
                self.entries(entries, indentation: indentation + 2, afterDash: true)
            case .list(let inner) where !inner.isEmpty:
                text += "\n"
                list(inner, indentation: indentation + 2)
            default: write(item, indentation: indentation)
            }
        }
    }

    private mutating func endLine(_ item: YAMLEmission.Item) {
        text += item.beside.map { "  # \($0.withVisibleControls)" } ?? ""
        text += "\n"
    }

    private static func isOneLine(_ value: YAMLEmission.Value) -> Bool {
        switch value {
        case .boolean, .integer, .octal: true
        case .string(let text): !isLiteral(text)
        case .list(let items): items.isEmpty
        case .mapping(let entries): entries.isEmpty
        }
    }

    /// Whether a string is better read as lines, and nothing is lost by it.
    private static func isLiteral(_ text: String) -> Bool {
        guard text.contains("\n"), let first = text.utf8.first, first > 0x20 else { return false }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || !$0.isTerminalControl && $0.value < 0xFFFE }
    }

    private mutating func literal(_ string: String, indentation: Int) {
        let lines = string.split(separator: "\n", omittingEmptySubsequences: false)
        let endsInBreak = string.hasSuffix("\n")
        let isKept = string.hasSuffix("\n\n") || string == "\n"
        text += " |" + (endsInBreak ? isKept ? "+" : "" : "-") + "\n"
        for line in endsInBreak ? lines.dropLast() : lines[...] {
            text += line.isEmpty ? "\n" : String(repeating: " ", count: indentation) + line + "\n"
        }
    }

    private static func spelled(_ value: YAMLEmission.Value) -> String {
        switch value {
        case .boolean(let value): value ? "true" : "false"
        case .integer(let number): String(number)
        case .octal(let number): "0" + String(number, radix: 8)
        case .string(let text): YAMLSpelling.scalar(text)
        case .list: "[]"
        case .mapping: "{}"
        }
    }
}
