// SPDX-License-Identifier: Apache-2.0
internal import KataConfig

/// What becomes of a key of the unified format when it is written for a target.
public enum KeyOutcome: Sendable, Equatable {
    /// Written as it is.
    case kept
    /// Written at that place, its value perhaps changed as the text says.
    case changed(to: LegacyKey, values: String?)
    /// Chosen anew: upstream's guest files go with upstream's agent.
    case guestFile
    /// Not written, for that reason.
    case lost(String)
}

extension TargetDialect {
    /// What becomes of a key, whatever its value; for `explain` and the documentation.
    public func outcome(of key: TargetKey) -> KeyOutcome {
        let place = LegacyKey(key.table.path, key.name)
        if rules.assets != nil, key.table == .hypervisor, UpstreamAssets.keys.contains(key.name) { return .guestFile }
        switch rules.fate(of: key, in: key.table.path) {
        case .lost(let reason), .implied(_, let reason): return .lost(reason)
        case .written(let other, let mapping):
            let values = mapping?.summary
            return other == nil && values == nil ? .kept : .changed(to: other ?? place, values: values)
        }
    }
}

extension ValueMapping {
    /// The values that change, for people; nil when none does.
    fileprivate var summary: String? {
        switch self {
        case .choices(let choices), .foldedChoices(let choices):
            let same = choices.filter { $0.from == $0.to && !$0.from.isEmpty }.map(\.from)
            return ([Self.list(choices)] + [same.isEmpty ? nil : "as it is: \(same.joined(separator: ", "))", "anything else is lost"])
                .compactMap { $0 }.joined(separator: "; ")
        case .respelt(let choices): return Self.list(choices)
        case .values(let pairs):
            return pairs.filter { $0.from != $0.to }.map { "\($0.from.tomlText) → \($0.to.tomlText)" }.joined(separator: ", ")
                + (pairs.contains { $0.from != $0.to } ? "" : "only \(pairs.map(\.from.tomlText).joined(separator: ", "))")
        case .elements(let allowed, _): return allowed.isEmpty ? "no element" : "only \(allowed.joined(separator: ", "))"
        case .raised(let bound, let number, _): return "below \(bound) → \(number)"
        case .lowered(let bound, let number, _): return "above \(bound) → \(number)"
        case .scaled(let factor, _): return "× \(factor)"
        case .divided(let factor, _): return "÷ \(factor), rounded up"
        case .roundedUp: return "rounded up"
        case .remarked, .fixed, .words, .presence: return nil
        }
    }

    private static func list(_ choices: [ValueChoice]) -> String? {
        let changed = choices.filter { $0.from != $0.to }.map { "\($0.from) → \($0.to ?? "refused")" }
        return changed.isEmpty ? nil : changed.joined(separator: ", ")
    }
}
