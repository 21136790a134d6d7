// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import SystemPackage

/// What a mapping makes of a value.
enum MappedValue {
    /// The value of today, and what is to be said.
    case value(ConfigValue, [ValueChange])
    /// The legacy runtime took only these.
    case refused(allowed: [String])
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
            guard let choice = choices.first(where: { $0.from == text }) else { return .refused(allowed: choices.map(\.from)) }
            let act = choice.from == choice.to ? "" : "\"\(choice.to)\" in place of \"\(choice.from)\""
            return .value(.string(choice.to), choice.remark.map { [ValueChange(remark: $0, act: act)] } ?? [])
        case (.raised(let bound, let number, let remark), .integer(let old)) where old < bound:
            return .value(.integer(number), [ValueChange(remark: remark, act: "\(number) in place of \(old)")])
        case (.remarked(let range, let remark), .integer(let number)) where range.contains(number):
            return .value(value, [ValueChange(remark: remark, act: "")])
        case (.fixed(let kept, let new, let remark), .string(let old)) where !kept.contains(old):
            return .value(new, [ValueChange(remark: remark, act: "\(new.tomlText) in place of \(value.tomlText)")])
        case (.words(let separator, let rules), .string(let text)):
            return Self.replaceWords(of: text, separator, rules)
        case (.choices, _), (.raised, _), (.remarked, _), (.fixed, _), (.words, _):
            // A value that the mapping says nothing about; that it has the type of the rule was checked when the document was read.
            return .value(value, [])
        }
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
