// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import SystemPackage

/// What a mapping makes of a value.
enum MappedValue {
    /// The value of today, and what is to be said.
    case value(ConfigValue, [ValueChange])
    /// The legacy runtime took only these.
    case refused(allowed: [String])
    /// The legacy runtime took it, and nothing stands for it today.
    case unsupported(Remark)
}

/// A remark about a value or a part of one.
struct ValueChange {
    let remark: Remark
    /// What happened, in words that go before the reason; empty when the reason says it all.
    let act: String

    /// `act: reason`.
    var text: String { act.isEmpty ? remark.reason : "\(act): \(remark.reason)" }
}

extension KeyFate {
    /// What stands between the texts of several documents; nil when one of them has to win.
    var joiner: Character? {
        if case .mapped(_, .words(let separator, _)) = self { separator } else { nil }
    }

    /// The value that the rule makes of one that its key has.
    func map(_ value: ConfigValue, assets: TargetAssets) -> MappedValue {
        switch self {
        case .carried, .dropped: .value(value, [])
        case .replaced(_, let role, let remark):
            .value(.string(assets[role].string), [ValueChange(remark: remark, act: "replaced")])
        case .mapped(_, let mapping): mapping.apply(to: value)
        }
    }
}

extension ValueMapping {
    func apply(to value: ConfigValue) -> MappedValue {
        switch (self, value) {
        case (.choices(let choices), .string(let text)):
            return Self.choose(text, choices)
        case (.foldedChoices(let choices), .string(let text)):
            return Self.choose(text.lowercased(), choices)
        case (.presence(let remark), .string(let text)):
            return .value(.boolean(!text.isEmpty), text.isEmpty ? [] : [ValueChange(remark: remark, act: "turned on")])
        case (.raised(let bound, let number, let remark), .integer(let old)) where old < bound:
            return .value(.integer(number), [ValueChange(remark: remark, act: "\(number) in place of \(old)")])
        case (.remarked(let range, let remark), .integer(let number)) where range.contains(number):
            return .value(value, [ValueChange(remark: remark, act: "")])
        case (.fixed(let kept, let new, let remark), .string(let old)) where !kept.contains(old):
            return .value(new, [ValueChange(remark: remark, act: "\(new.tomlText) in place of \(value.tomlText)")])
        case (.words(let separator, let rules), .string(let text)):
            return Self.replaceWords(of: text, separator, rules)
        case (.respelt(let choices), .string(let text)):
            return choices.contains { $0.from == text } ? Self.choices(choices).apply(to: value) : .value(value, [])
        case (.values(let pairs), _):
            guard let pair = pairs.first(where: { $0.from.isSame(as: value) }) else { return .refused(allowed: pairs.map(\.from.tomlText)) }
            return .value(pair.to, Self.changes(from: value, to: pair.to, pair.remark))
        case (.elements, _), (.lowered, _), (.scaled, _), (.divided, _), (.roundedUp, _): return applyToParts(value)
        default:
            // A value that the mapping says nothing about; that it has the type of the rule was checked when the document was read.
            return .value(value, [])
        }
    }

    /// The mappings that compute the new value from the old one.
    private func applyToParts(_ value: ConfigValue) -> MappedValue {
        switch (self, value) {
        case (.elements(let allowed, let remark), .strings(let list)):
            let kept = list.filter(allowed.contains)
            let left = list.filter { !allowed.contains($0) }
            return .value(.strings(kept), left.map { ValueChange(remark: remark, act: "\"\($0)\" left out") })
        case (.lowered(let bound, let number, let remark), .integer(let old)) where old > bound:
            return .value(.integer(number), Self.changes(from: value, to: .integer(number), remark))
        case (.scaled(let factor, let remark), .integer(let old)):
            // Beyond what any runtime's number holds, where the product would not fit either.
            let (product, overflow) = old.multipliedReportingOverflow(by: factor)
            let scaled = ConfigValue.integer(overflow ? .max : product)
            return .value(scaled, Self.changes(from: value, to: scaled, remark))
        case (.divided(let factor, let remark), .integer(let old)):
            let divided = ConfigValue.integer(old / factor + (old % factor > 0 ? 1 : 0))
            return .value(divided, Self.changes(from: value, to: divided, remark))
        case (.roundedUp(let remark), .number(let old)):
            guard let whole = Int64(exactly: old.rounded(.up)) else { return .refused(allowed: []) }
            return .value(.integer(whole), Double(whole) == old ? [] : Self.changes(from: value, to: .integer(whole), remark))
        default: return .value(value, [])
        }
    }

    private static func changes(from old: ConfigValue, to new: ConfigValue, _ remark: Remark?) -> [ValueChange] {
        let act = new == old ? "" : "\(new.tomlText) in place of \(old.tomlText)"
        return remark.map { [ValueChange(remark: $0, act: act)] } ?? []
    }

    private static func choose(_ text: String, _ choices: [ValueChoice]) -> MappedValue {
        guard let choice = choices.first(where: { $0.from == text }) else { return .refused(allowed: choices.map(\.from)) }
        guard let today = choice.to else { return choice.remark.map { .unsupported($0) } ?? .refused(allowed: choices.map(\.from)) }
        return .value(.string(today), changes(from: .string(choice.from), to: .string(today), choice.remark))
    }

    private static func replaceWords(of text: String, _ separator: Character, _ rules: [WordRule]) -> MappedValue {
        let words = text.split { $0 == separator || $0.isWhitespace }.map(String.init)
        var kept: [String] = []
        var changes: [ValueChange] = []
        for word in words {
            guard let rule = rules.first(where: { $0.matches(word) }) else {
                kept.append(word)
                continue
            }
            if let replacement = rule.replacement { kept.append(replacement) }
            let act = rule.replacement.map { "'\($0)' in place of '\(word)'" } ?? "'\(word)' left out"
            changes.append(ValueChange(remark: rule.remark, act: act))
        }
        // Untouched text keeps its spacing.
        return .value(.string(changes.isEmpty ? text : kept.joined(separator: String(separator))), changes)
    }
}

extension WordRule {
    func matches(_ word: String) -> Bool {
        let found = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return name.hasSuffix("*") ? found.hasPrefix(name.dropLast()) : found == name
    }
}

extension ConfigValue {
    /// Whether both mean the same to the unified configuration, where an integer may stand for a number.
    func isSame(as other: ConfigValue) -> Bool {
        switch (self, other) {
        case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)): Double(a) == b
        default: self == other
        }
    }
}
