// SPDX-License-Identifier: Apache-2.0

/// A YAML value and where it stands.
public struct YAMLNode: Sendable {
    /// What YAML knows.
    public enum Content: Sendable {
        case scalar(YAMLScalar, text: String)
        case sequence([YAMLNode])
        case mapping([YAMLMember])
    }

    /// How it is written.
    public enum Style: Sendable, Hashable {
        /// A scalar without quotes.
        case plain
        case singleQuoted
        case doubleQuoted
        /// A scalar behind `|`.
        case literal
        /// A scalar behind `>`.
        case folded
        /// A collection by indentation.
        case block
        /// A collection in brackets.
        case flow
    }

    /// The value; for an alias, that of its anchor.
    public let content: Content
    /// How the value is written; for an alias, at its anchor.
    public let style: Style
    /// The tag in full, if one is written.
    public let tag: String?
    /// The name that aliases call it by, if one is written.
    public let anchor: String?
    /// The name of the anchor that gives the value, if this is an alias.
    public let alias: String?
    /// Where the value stands, without tag and anchor; for an alias, the alias.
    public let range: SourceRange
    /// Where the value is written: `range`, except for an alias.
    public let definition: SourceRange
    /// `range.start`, or where the tag or anchor before it stands.
    let begin: SourcePosition
    /// How many values it holds with itself, every alias followed.
    let weight: Int
    /// How many values are inside each other at its deepest.
    let height: Int

    /// The text of a string; nil for what Kubernetes takes for another type.
    public var string: String? { if case .scalar(.string(let text), _) = content { text } else { nil } }
    /// The value of a boolean.
    public var boolean: Bool? { if case .scalar(.boolean(let value), _) = content { value } else { nil } }
    /// The value of an integer.
    public var integer: Int64? { if case .scalar(.integer(let value), _) = content { value } else { nil } }
    /// Whether it is null, which an absent value is too.
    public var isNull: Bool { if case .scalar(.null, _) = content { true } else { false } }
    /// The text of a scalar as written, escapes and folding resolved.
    public var scalarText: String? { if case .scalar(_, let text) = content { text } else { nil } }
    /// The elements of a sequence.
    public var sequence: [YAMLNode]? { if case .sequence(let value) = content { value } else { nil } }
    /// The members of a mapping, in source order.
    public var mapping: [YAMLMember]? { if case .mapping(let value) = content { value } else { nil } }

    /// The member of a mapping, its own or merged by `<<`; of equal keys the last one counts.
    public func member(_ key: String) -> YAMLMember? {
        guard let mapping else { return nil }
        if let own = mapping.last(where: { $0.key.isKey(key) }) { return own }
        for source in mapping.filter(\.isMerge).flatMap({ $0.value.sequence ?? [$0.value] }) {
            if let merged = source.member(key) { return merged }
        }
        return nil
    }

    /// The value of a member.
    public subscript(key: String) -> YAMLNode? { member(key)?.value }

    /// For messages: `a string`.
    public var typeName: String {
        switch content {
        case .scalar(.null, _): "null"
        case .scalar(.boolean, _): "a boolean"
        case .scalar(.integer, _): "an integer"
        case .scalar(.number, _): "a number"
        case .scalar(.string, _): "a string"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// Whether both stand for the same, whatever their places, styles, anchors and comments.
    public func hasSameContent(as other: YAMLNode) -> Bool {
        switch (content, other.content) {
        case (.scalar(let a, let text), .scalar(let b, let otherText)):
            // Not a number equals nothing, and equal strings may differ in their scalars.
            sameScalars(text, otherText) && tag == other.tag && (a == b || text.lowercased().hasSuffix(".nan"))
        case (.sequence(let a), .sequence(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.hasSameContent(as: $1) }
        case (.mapping(let a), .mapping(let b)):
            a.count == b.count
                && zip(a, b).allSatisfy { $0.key.hasSameContent(as: $1.key) && $0.value.hasSameContent(as: $1.value) }
        default: false
        }
    }

    private func isKey(_ key: String) -> Bool { string.map { sameScalars($0, key) } ?? false }
}

/// One `key: value` of a mapping.
public struct YAMLMember: Sendable {
    /// Any value; in the files that we know, a scalar.
    public let key: YAMLNode
    /// Null where nothing stands behind the colon.
    public let value: YAMLNode
    /// Whether the value's members are taken for those of the mapping around it.
    public var isMerge: Bool { key.style == .plain && key.scalarText == "<<" }
}

extension YAMLNode {
    init(
        _ content: Content, style: Style, tag: String? = nil, anchor: String? = nil, begin: SourcePosition? = nil, range: SourceRange
    ) {
        self.init(
            content, style: style, tag: tag, anchor: anchor, alias: nil, begin: begin ?? range.start, range: range, definition: range)
    }

    /// The same value under the name of its anchor.
    func aliased(_ name: String, at range: SourceRange) -> YAMLNode {
        YAMLNode(
            content, style: style, tag: tag, anchor: nil, alias: name, begin: range.start, range: range, definition: definition)
    }

    private init(
        _ content: Content, style: Style, tag: String?, anchor: String?, alias: String?, begin: SourcePosition, range: SourceRange,
        definition: SourceRange
    ) {
        self.content = content
        self.style = style
        self.tag = tag
        self.anchor = anchor
        self.alias = alias
        self.begin = begin
        self.range = range
        self.definition = definition
        switch content {
        case .scalar: (weight, height) = (1, 1)
        case .sequence(let list):
            weight = list.reduce(1) { $0.addingSaturated($1.weight) }
            height = 1 + list.reduce(0) { max($0, $1.height) }
        case .mapping(let list):
            weight = list.reduce(1) { $0.addingSaturated($1.key.weight).addingSaturated($1.value.weight) }
            height = 1 + list.reduce(0) { max($0, $1.key.height, $1.value.height) }
        }
    }
}

extension Int {
    fileprivate func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
