// SPDX-License-Identifier: Apache-2.0
public import KataText

/// hyperd's `/etc/hyper/config` as its INI reader, goconfig, understood it: names keep their case, the last of equal keys counts.
public struct HyperdINI: Sendable {
    /// One `key = value`.
    public struct Entry: Sendable, Hashable {
        /// `DEFAULT` for what stands before the first header.
        public let section: String
        /// Without quotes; `-` is numbered through its section, as `#1`.
        public let key: String
        /// Without quotes, `%(name)s` as written.
        public let value: String
        /// The key without its quotes.
        public let keyRange: SourceRange
        /// The value without its quotes; empty when there is none.
        public let valueRange: SourceRange

        /// The number of its line, from 1.
        public var line: Int { keyRange.start.line }
    }

    /// A line for which hyperd refused to start.
    public struct UnreadableLine: Error, Hashable {
        /// Its number, from 1.
        public let line: Int
    }

    /// A value that ended hyperd: names in it lead to each other in a circle, or make it endless.
    public struct EndlessValue: Error, Hashable {}

    /// In the order of the file.
    public let entries: [Entry]
    /// Each line that hyperd could not read; it knew the first only.
    let unreadable: [SourceRange]
    /// By section and name, the entry that counts.
    private let index: [[String]: Int]

    /// Reads the whole file; the first line that hyperd could not read is the error.
    public init(reading source: SourceText) throws(UnreadableLine) {
        self.init(readingAll: source)
        if let first = unreadable.first { throw UnreadableLine(line: first.start.line) }
    }

    /// Reads the lines that can be read.
    init(readingAll source: SourceText) {
        var entries: [Entry] = []
        var unreadable: [SourceRange] = []
        var section = Self.defaultSection
        var count = 1
        let bytes = source.bytes
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let line = Line(source: source, range: start..<end)
            start = end + 1
            if line.isEmpty || line.isComment { continue }
            if let name = line.header {
                section = name
                count = 1
            } else if section.isEmpty {
                unreadable.append(line.range)
            } else if let pair = line.pair {
                // Whatever stands behind an empty name was dropped without a word.
                if pair.key.isEmpty { continue }
                let (key, value) = (line.text(pair.key), line.text(pair.value))
                entries.append(
                    Entry(
                        section: section, key: key == "-" ? "#\(count)" : key, value: value, keyRange: line.range(pair.key),
                        valueRange: line.range(pair.value)))
                if key == "-" { count += 1 }
            } else {
                unreadable.append(line.range)
            }
        }
        self.entries = entries
        self.unreadable = unreadable
        index = Dictionary(entries.enumerated().map { ([$0.element.section, $0.element.key], $0.offset) }) { _, last in last }
    }

    static let defaultSection = "DEFAULT"

    /// The entry that counts.
    public func entry(_ key: String, in section: String = "DEFAULT") -> Entry? {
        index[[section, key]].map { entries[$0] }
    }

    /// The value that hyperd took, with each `%(name)s` replaced; nil without the key, or when hyperd ended for it.
    public func value(of key: String, in section: String = "DEFAULT") -> String? {
        guard let entry = entry(key, in: section) else { return nil }
        return try? expansion(of: entry).text
    }
}

// `%(name)s`.
extension HyperdINI {
    /// A value with its names replaced.
    public struct Expansion: Sendable, Hashable {
        /// What hyperd took.
        public let text: String
        /// Names in it that led nowhere, in whose place there was nothing.
        public let missing: [String]
    }

    /// What hyperd made of a value.
    ///
    /// A name is looked up among the default section's keys with their own names replaced, then in the value's section as it is written.
    public func expansion(of entry: Entry) throws(EndlessValue) -> Expansion {
        var progress = Progress()
        let visited: Set<String> = entry.section == Self.defaultSection ? [entry.key] : []
        let text = try expand(entry.value, in: entry.section, visited: visited, &progress)
        return Expansion(text: text, missing: progress.missing)
    }

    /// What one value has come to.
    private struct Progress {
        var missing: [String] = []
        /// Names that lead to two others each make a tree, which hyperd went through to its end.
        var steps = 0
    }

    /// goconfig replaced as many names in a value, and looked no further.
    private static let rounds = 200

    private func expand(
        _ text: String, in section: String, visited: Set<String>, _ progress: inout Progress
    ) throws(EndlessValue) -> String {
        var value = text
        progress.steps += 1
        guard progress.steps <= 10_000, visited.count <= 100 else { throw EndlessValue() }
        for _ in 0..<Self.rounds {
            guard let variable = Self.firstVariable(in: value[...]) else { break }
            let name = Self.name(of: variable)
            var replacement = ""
            if let named = entry(name) {
                guard !visited.contains(name) else { throw EndlessValue() }
                replacement = try expand(named.value, in: Self.defaultSection, visited: visited.union([name]), &progress)
            } else if section != Self.defaultSection, let named = entry(name, in: section) {
                replacement = named.value
            } else {
                progress.missing.append(name)
            }
            value = value.replacing(variable, with: replacement)
            // hyperd went on until it had no memory left.
            guard value.utf8.count <= 64 << 10 else { throw EndlessValue() }
        }
        return value
    }

    /// The names that values ask for.
    var names: Set<String> {
        entries.reduce(into: []) { names, entry in
            var rest = entry.value[...]
            while let variable = Self.firstVariable(in: rest) {
                names.insert(Self.name(of: variable))
                rest = rest[variable.endIndex...]
            }
        }
    }

    /// Both ends were trimmed of letters, not of the two signs: a name that ends in s loses it.
    private static func name(of variable: Substring) -> String {
        String(variable.drop { $0 == "%" || $0 == "(" }.reversed().drop { $0 == ")" || $0 == "s" }.reversed())
    }

    /// The leftmost match of `%\(([^\)]+)\)s`.
    private static func firstVariable(in value: Substring) -> Substring? {
        var rest = value
        while let start = rest.firstRange(of: "%(") {
            let inner = rest[start.upperBound...]
            if let end = inner.firstIndex(of: ")"), end > inner.startIndex, inner[end...].hasPrefix(")s") {
                return value[start.lowerBound..<inner.index(end, offsetBy: 2)]
            }
            rest = inner
        }
        return nil
    }
}
