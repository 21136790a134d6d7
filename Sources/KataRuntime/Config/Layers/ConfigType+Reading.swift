// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A value whose TOML type is not the key's.
struct TypeMismatch: Error {
    /// What was found, with its article.
    let found: String
    /// What belongs there.
    let wanted: String
    /// Of the offending element, inside an array.
    let range: SourceRange
    /// Whether the array itself is right.
    var isElement = false
}

extension ConfigType {
    /// The value as this type.
    func read(_ value: TOMLValue) throws(TypeMismatch) -> ConfigValue {
        switch self {
        case .boolean:
            if let flag = value.boolean { return .boolean(flag) }
        case .string, .path, .choice:
            if let text = value.string { return .string(text) }
        case .integer:
            if let number = value.integer { return .integer(number) }
        case .number:
            if let number = value.integer { return .number(Double(number)) }
            if case .float(let number) = value.kind { return .number(number) }
        case .strings:
            if let elements = value.array { return .strings(try elements.map(Self.text)) }
        case .tables(let names):
            if let elements = value.array {
                return .tables(try elements.map { (element) throws(TypeMismatch) in try Self.pairs(element, names) })
            }
        }
        throw TypeMismatch(found: value.typeName, wanted: typeName, range: value.range)
    }

    private static func text(_ value: TOMLValue) throws(TypeMismatch) -> String {
        guard let text = value.string else {
            throw TypeMismatch(found: value.typeName, wanted: "string", range: value.range, isElement: true)
        }
        return text
    }

    private static func pairs(_ value: TOMLValue, _ names: [String]) throws(TypeMismatch) -> [ConfigValue.Pair] {
        guard let table = value.table else {
            throw TypeMismatch(found: value.typeName, wanted: "table", range: value.range, isElement: true)
        }
        // Other names are reported as unknown keys by whoever checks the layer.
        return try table.entries.filter { names.contains($0.key) }.map { (entry) throws(TypeMismatch) in
            ConfigValue.Pair(name: entry.key, text: try text(entry.value))
        }
    }
}
