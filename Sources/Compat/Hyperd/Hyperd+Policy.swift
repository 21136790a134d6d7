// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

// VmFactoryPolicy: JSON objects with commas between, read as the list that brackets would make of them.
extension HyperdReading {
    private static let key = LegacyKey([], "VmFactoryPolicy")

    mutating func readPolicy(_ text: String, _ entry: HyperdINI.Entry) {
        if text == "none" {
            statements.append(.left(Self.key, entry.keyRange, because: "none stands for no factory"))
            return
        }
        let list = JSONDocument.parse(SourceText(path: source.path, text: "[\(text)]"))
        guard let parts = list.value?.root.array else {
            let found = list.diagnostics.first { $0.severity == .error }?.message ?? "no list"
            return leaveOut(entry, "the policy is no JSON: \(found); hyperd had no factory")
        }
        let places = PolicyPlaces(entry: entry, source: source, isLiteral: text == entry.value)
        let sizes = parts.map { part in
            (cpu: Self.member("cpu", of: part)?.value.integer ?? 0, memory: Self.member("memory", of: part)?.value.integer ?? 0)
        }
        // The order in which hyperd looked for the largest VM that is not too large.
        let order = parts.indices.filter { parts[$0].object != nil }.sorted {
            (sizes[$0].cpu, sizes[$0].memory, $0) < (sizes[$1].cpu, sizes[$1].memory, $1)
        }
        for index in parts.indices {
            let range = places.range(parts[index].range)
            if parts[index].object == nil {
                leaveOut(entry, "a part of the policy must be an object, not \(parts[index].typeName)", range)
            } else if index == order.first {
                read(parts[index], entry, places)
            } else {
                let reason = "another part has the smallest VM, and there is one factory"
                report(.hyperdOneFactory, .warning, "a part of \(Self.key) is left out: \(reason)", range)
                statements.append(.left(Self.key, range, because: reason))
            }
        }
    }

    private mutating func read(_ part: JSONValue, _ entry: HyperdINI.Entry, _ places: PolicyPlaces) {
        let rules = Hyperd.rules.filter { $0.source.table == Hyperd.factoryTable }
        let hasTemplate = Self.member("template", of: part)?.value.bool == true
        for member in part.object ?? [] {
            let (keyRange, valueRange) = (places.range(member.keyRange), places.range(member.value.range))
            guard let rule = rules.first(where: { $0.source.name == member.key.lowercased() }) else {
                let hint = suggestion(for: member.key, in: rules.map(\.source.name))
                report(.hyperdUnknown, .warning, "unknown member '\(member.key)'\(hint); hyperd read past it", keyRange)
                statements.append(.stranger(LegacyKey(Hyperd.factoryTable, member.key), keyRange))
                continue
            }
            guard Self.member(rule.source.name, of: part)?.keyRange == member.keyRange else {
                statements.append(.left(rule.source, keyRange, because: "it is given again, and the last counts"))
                continue
            }
            guard let value = rule.type.value(of: member.value) else {
                leaveOut(entry, "\(rule.source) must be \(rule.type.name), not \(member.value.typeName)", keyRange)
                continue
            }
            if rule.source.name == "cache", hasTemplate, case .integer(1...) = value {
                let reason = "Kata has either a cache or a template, and the template is kept"
                report(.hyperdOneFactory, .warning, "\(rule.source) is left out: \(reason)", valueRange)
                statements.append(.left(rule.source, keyRange, because: reason))
                continue
            }
            statements.append(.setting(LegacySetting(rule: rule, value: value, keyRange: keyRange, valueRange: valueRange)))
        }
    }

    private mutating func leaveOut(_ entry: HyperdINI.Entry, _ reason: String, _ range: SourceRange? = nil) {
        report(.hyperdPolicy, .warning, reason, range ?? entry.valueRange)
        statements.append(.left(Self.key, range ?? entry.keyRange, because: reason))
    }

    /// encoding/json found members whatever the case of their letters; the last one counted.
    private static func member(_ name: String, of part: JSONValue) -> JSONMember? {
        part.object?.last { $0.key.lowercased() == name }
    }
}

/// From places in the list to places in the file.
private struct PolicyPlaces {
    let entry: HyperdINI.Entry
    let source: SourceText
    let isLiteral: Bool

    func range(_ range: SourceRange) -> SourceRange {
        guard isLiteral else { return entry.valueRange }
        // The bracket in front takes one place.
        let start = entry.valueRange.start.offset - 1
        return SourceRange(
            start: source.position(at: start + range.start.offset), end: source.position(at: start + range.end.offset))
    }
}

extension LegacyType {
    fileprivate func value(of json: JSONValue) -> ConfigValue? {
        switch self {
        case .boolean: json.bool.map { .boolean($0) }
        case .integer: json.integer.map { .integer($0) }
        default: json.string.map { .string($0) }
        }
    }
}
