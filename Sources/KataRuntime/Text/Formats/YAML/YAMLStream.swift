// SPDX-License-Identifier: Apache-2.0

/// A YAML text: documents one after the other, with the place of every value.
public struct YAMLStream: Sendable {
    /// The bytes that were read.
    public let source: SourceText
    /// The value of each document; one that holds nothing is null.
    public let documents: [YAMLNode]

    /// Reads YAML 1.1 as Kubernetes does; a leading byte order mark is ignored.
    ///
    /// After the first error of syntax nothing more is looked for: what follows a misplaced indentation cannot be told from it. Keys that
    /// occur twice are warnings, and all of them are reported. Documents before the error are in `partial`.
    public static func parse(_ source: SourceText) -> Parsed<YAMLStream> {
        var reader = YAMLReader(source)
        return reader.read()
    }

    /// Reads a file that kubectl would take: JSON where it begins with a bracket and is JSON, else YAML.
    ///
    /// JSON is nearly a part of YAML, but only its own reader knows surrogate pairs and keys of any length.
    public static func parseJSONOrYAML(_ source: SourceText) -> Parsed<YAMLStream> {
        let first = source.bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }.first
        let isBracket = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        // What is too large for one is too large for the other.
        guard isBracket, source.bytes.count <= YAMLLimits.bytes else { return parse(source) }
        let json = JSONDocument.parse(source)
        if json.hasErrors {
            let yaml = parse(source)
            if !yaml.hasErrors { return yaml }
        }
        return json.map { YAMLStream(source: source, documents: [YAMLNode($0.root)]) }
    }
}

extension YAMLNode {
    /// JSON as the flow style that it is.
    init(_ json: JSONValue) {
        let text = { (kind: JSONValue.Kind) -> String in if case .number(let text) = kind { text } else { "" } }(json.kind)
        switch json.kind {
        case .null: self.init(.scalar(.null, text: "null"), style: .plain, range: json.range)
        case .bool(let value): self.init(.scalar(.boolean(value), text: "\(value)"), style: .plain, range: json.range)
        case .number:
            let number = json.integer.map(YAMLScalar.integer) ?? .number(json.double ?? .nan)
            self.init(.scalar(number, text: text), style: .plain, range: json.range)
        case .string(let text): self.init(.scalar(.string(text), text: text), style: .doubleQuoted, range: json.range)
        case .array(let list): self.init(.sequence(list.map(YAMLNode.init)), style: .flow, range: json.range)
        case .object(let members):
            let members = members.map { member in
                YAMLMember(
                    key: YAMLNode(.scalar(.string(member.key), text: member.key), style: .doubleQuoted, range: member.keyRange),
                    value: YAMLNode(member.value))
            }
            self.init(.mapping(members), style: .flow, range: json.range)
        }
    }
}
