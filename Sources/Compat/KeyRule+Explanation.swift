// SPDX-License-Identifier: Apache-2.0
internal import KataConfig

// A rule in words, for `explain` and for the table of all keys.

extension KeyRule {
    /// `since 3.0.9`, `until 3.0.7`, both, or nothing for a key of every release.
    public func span(within all: ClosedRange<Release>) -> String? {
        let since = releases.lowerBound > all.lowerBound ? "since \(releases.lowerBound)" : nil
        let until = releases.upperBound < all.upperBound ? "until \(releases.upperBound)" : nil
        let parts = [since, until].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// `an integer from 0 to 4294967295`.
    public var typeText: String { type.constraint.map { "\(type.name) \($0)" } ?? type.name }

    /// What held without it, in words.
    public var absentText: String { absent?.tomlText ?? "nothing" }
}

extension LegacyType {
    /// What was asked beyond the type; nil where everything of it was taken.
    var constraint: String? {
        switch self {
        case .string, .boolean, .number, .strings: nil
        case .tables(let names): "with \(names.joined(separator: ", "))"
        case .integer(let bounds): "from \(bounds.lowerBound) to \(bounds.upperBound)"
        }
    }
}

extension KeyFate {
    /// One word for the verdict.
    public var verdict: Provenance.Fate {
        switch self {
        case .carried: .carried
        case .mapped: .mapped
        case .replaced: .replaced
        case .dropped: .dropped
        }
    }

    /// The codes under which something is said of the key, with the reasons, each once.
    public var remarks: [Remark] {
        let all: [Remark] =
            switch self {
            case .carried: []
            case .mapped(_, let mapping): mapping.remarks
            case .replaced(_, _, let remark), .dropped(let remark): [remark]
            }
        return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// What becomes of the values, one clause each.
    public var clauses: [String] {
        switch self {
        case .carried: ["every value stays as it is"]
        case .mapped(_, let mapping): mapping.clauses
        case .replaced(_, let role, let remark): ["the path of our \(role.rawValue) takes its place: \(remark.reason)"]
        case .dropped(let remark): ["nothing takes its place: \(remark.reason)"]
        }
    }
}

extension ValueMapping {
    fileprivate var remarks: [Remark] {
        switch self {
        case .choices(let choices), .foldedChoices(let choices), .respelt(let choices): choices.compactMap(\.remark)
        case .values(let pairs): pairs.compactMap(\.remark)
        case .raised(_, _, let remark), .lowered(_, _, let remark), .remarked(_, let remark), .fixed(_, _, let remark),
            .elements(_, let remark), .scaled(_, let remark), .divided(_, let remark), .roundedUp(let remark),
            .presence(let remark):
            [remark]
        case .words(_, let rules): rules.map(\.remark)
        }
    }

    fileprivate var clauses: [String] {
        switch self {
        case .choices(let choices): choices.map(Self.clause)
        case .foldedChoices(let choices): choices.map(Self.clause) + ["in any case of their letters"]
        case .respelt(let choices): choices.map(Self.clause) + ["other texts stay"]
        case .presence(let remark): ["any text but \"\" becomes true: \(remark.reason)"]
        case .values(let pairs): pairs.map { Self.clause($0.from.tomlText, $0.to.tomlText, $0.remark) }
        case .elements(let kept, let remark):
            ["elements but \(kept.map { "\"\($0)\"" }.joined(separator: ", ")) are left out: \(remark.reason)"]
        case .lowered(let bound, let number, let remark): ["more than \(bound) becomes \(number): \(remark.reason)"]
        case .scaled(let factor, let remark): ["the number is multiplied by \(factor): \(remark.reason)"]
        case .divided(let factor, let remark): ["the number is divided by \(factor): \(remark.reason)"]
        case .roundedUp(let remark): ["a fraction becomes the next integer: \(remark.reason)"]
        case .raised(let bound, let number, let remark): ["less than \(bound) becomes \(number): \(remark.reason)"]
        case .remarked(let range, let remark): ["\(Self.spoken(range)): \(remark.reason)"]
        case .fixed(let kept, let text, let remark):
            [
                "whatever it is" + (kept.isEmpty ? "" : " but \(kept.map { "\"\($0)\"" }.joined(separator: ", "))")
                    + ", it becomes \(text.tomlText): \(remark.reason)"
            ]
        case .words(_, let rules):
            rules.map { rule in
                let act = rule.replacement.map { "becomes '\($0)'" } ?? "is left out"
                return "the word '\(rule.name)' \(act): \(rule.remark.reason)"
            } + ["other words stay"]
        }
    }

    private static func clause(_ choice: ValueChoice) -> String {
        guard let to = choice.to else { return "\"\(choice.from)\" is refused" + (choice.remark.map { ": \($0.reason)" } ?? "") }
        return clause("\"\(choice.from)\"", "\"\(to)\"", choice.remark)
    }

    private static func clause(_ from: String, _ to: String, _ remark: Remark?) -> String {
        (from == to ? "\(from) stays" : "\(from) becomes \(to)") + (remark.map { ": \($0.reason)" } ?? "")
    }

    private static func spoken(_ range: ClosedRange<Int64>) -> String {
        range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    }
}
