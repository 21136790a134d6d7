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
        /// The number of its line, from 1.
        public let line: Int
    }

    /// A line for which hyperd refused to start.
    public struct UnreadableLine: Error, Hashable {
        /// Its number, from 1.
        public let line: Int
    }

    /// In the order of the file.
    public let entries: [Entry]

    /// Reads the whole file; the first line that hyperd could not read ends it.
    public init(reading source: SourceText) throws(UnreadableLine) {
        var found: [Entry] = []
        var section = Self.defaultSection
        var count = 1
        let text = String(
            decoding: source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? source.bytes.dropFirst(3) : source.bytes[...], as: UTF8.self)
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, scalars) in lines.enumerated() {
            let line = Self.trimmed(Substring(scalars))
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(Self.trimmed(line.dropFirst().dropLast()))
                count = 1
                continue
            }
            guard !section.isEmpty, let pair = Self.pair(in: line) else { throw UnreadableLine(line: index + 1) }
            let key = pair.key == "-" ? "#\(count)" : pair.key
            if pair.key == "-" { count += 1 }
            found.append(Entry(section: section, key: key, value: pair.value, line: index + 1))
        }
        entries = found
    }

    static let defaultSection = "DEFAULT"

    /// The value that hyperd took, with each `%(name)s` replaced; nil without the key or when a name leads nowhere or in a circle.
    public func value(of key: String, in section: String = "DEFAULT") -> String? { value(of: key, in: section, depth: 0) }

    private func value(of key: String, in section: String, depth: Int) -> String? {
        // Names may refer to each other; a file could otherwise grow a value without bound.
        guard depth < 16, let entry = entries.last(where: { $0.section == section && $0.key == key }) else { return nil }
        var result = ""
        var rest = entry.value[...]
        while let start = rest.firstRange(of: "%("), let end = rest[start.upperBound...].firstRange(of: ")s") {
            let name = String(rest[start.upperBound..<end.lowerBound])
            let named = value(of: name, in: Self.defaultSection, depth: depth + 1)
            guard let text = named ?? (section == Self.defaultSection ? nil : value(of: name, in: section, depth: depth + 1)) else {
                return nil
            }
            result += rest[..<start.lowerBound] + text
            guard result.utf8.count <= 65536 else { return nil }
            rest = rest[end.upperBound...]
        }
        return result + rest
    }
}

// One line.
extension HyperdINI {
    private static func pair(in line: Substring) -> (key: String, value: String)? {
        var key: Substring?
        var rest = line
        if let quote = ["\"\"\"", "\"", "`"].first(where: { line.hasPrefix($0) }) {
            let inner = line.dropFirst(quote.count)
            guard let end = inner.firstRange(of: quote) else { return nil }
            key = inner[..<end.lowerBound]
            rest = inner[end.upperBound...]
        }
        guard let separator = rest.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
        let name = key ?? trimmed(rest[..<separator])
        if name.isEmpty { return nil }
        return unquoted(trimmed(rest[rest.index(after: separator)...])).map { (String(name), $0) }
    }

    /// Only backticks and three quotation marks enclose a value; single ones belong to it.
    private static func unquoted(_ value: Substring) -> String? {
        guard let quote = ["\"\"\"", "`"].first(where: { value.hasPrefix($0) && value.count >= 2 * $0.count }) else { return String(value) }
        let inner = value.dropFirst(quote.count)
        return inner.ranges(of: quote).last.map { String(inner[..<$0.lowerBound]) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
