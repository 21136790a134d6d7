// SPDX-License-Identifier: Apache-2.0

/// A TOML document to be written: order and comments are the author's, spelling is ours.
///
/// Whatever it holds, its text reads back as TOML 1.0 with the same keys and values.
public struct TOMLEmission: Sendable, Equatable {
    /// A value to be written.
    public enum Value: Sendable, Equatable {
        case string(String)
        case integer(Int64)
        case float(Double)
        case boolean(Bool)
        case offsetDateTime(TOMLOffsetDateTime)
        case localDateTime(TOMLDateTime)
        case localDate(TOMLDate)
        case localTime(TOMLTime)
        /// In brackets; tables among the elements are written in braces.
        case array([Value])
        /// In braces, without comments.
        case inline(Table)
        /// Under a header of its own; inside arrays and inline tables the same as `inline`.
        case table(Table)
        /// Under one `[[header]]` each; inside arrays and inline tables an array of inline tables.
        case tables([Table])
    }

    /// A key, its value and what is said about it.
    public struct Entry: Sendable, Equatable {
        /// Any text; quoted where TOML asks for it.
        public var key: String
        /// The value.
        public var value: Value
        /// Comment lines above the key or header; an empty one becomes a bare `#`.
        public var above: [String]
        /// Comment on the same line; of a table it is written behind the header.
        public var behind: String?

        /// A key with its comments.
        public init(_ key: String, _ value: Value, above: [String] = [], behind: String? = nil) {
            self.key = key
            self.value = value
            self.above = above
            self.behind = behind
        }
    }

    /// Keys in the order in which they are written; those with headers follow the others, because TOML has no way back from a header.
    public struct Table: Sendable, Equatable {
        /// Each key at most once.
        public private(set) var entries: [Entry]
        /// Comment lines above the header of an element of an array of tables; other tables have them in their entry.
        public var above: [String]

        private var index: [ExactName: Int] = [:]

        /// Of equal keys the last one is kept, at the place of the first.
        public init(_ entries: [Entry] = [], above: [String] = []) {
            self.entries = []
            self.above = above
            for entry in entries { set(entry) }
        }

        /// Adds an entry, or puts it in the place of the one with the same key.
        public mutating func set(_ entry: Entry) {
            if let place = place(of: entry.key) {
                entries[place] = entry
            } else {
                index[ExactName(entry.key)] = entries.count
                entries.append(entry)
            }
        }

        /// Adds a key with its value, or replaces it.
        public mutating func set(_ key: String, _ value: Value, above: [String] = [], behind: String? = nil) {
            set(Entry(key, value, above: above, behind: behind))
        }

        /// Adds a key below the tables that the path names, which are made where they lack; a value that is in the way gives place to a table.
        public mutating func set(at path: [String], _ entry: Entry) {
            guard let first = path.first else { return set(entry) }
            var outer = self.entry(first) ?? Entry(first, .table(Table()))
            var child = Table()
            if case .table(let table) = outer.value { child = table }
            child.set(at: Array(path.dropFirst()), entry)
            outer.value = .table(child)
            set(outer)
        }

        /// Removes a key, if it is there.
        public mutating func remove(_ key: String) {
            guard let place = place(of: key) else { return }
            self = Table(Array(entries[..<place] + entries[(place + 1)...]), above: above)
        }

        /// The entry of a key.
        public func entry(_ key: String) -> Entry? { place(of: key).map { entries[$0] } }

        /// The value of a key.
        public subscript(_ key: String) -> Value? { entry(key)?.value }

        private func place(of key: String) -> Int? { index[ExactName(key)] }
    }

    /// Comment lines at the top, with a blank line behind them.
    public var preface: [String]
    /// The document.
    public var root: Table

    /// A document with a preface.
    public init(root: Table = Table(), preface: [String] = []) {
        self.root = root
        self.preface = preface
    }

    /// The document's bytes.
    public var rendered: [UInt8] {
        var writer = TOMLWriter()
        writer.write(self)
        return writer.bytes
    }
}
