// SPDX-License-Identifier: Apache-2.0
public import KataConfig
internal import KataText
public import SystemPackage

/// What held for a legacy system under its configuration, said or not.
public struct EffectiveSettings: Sendable {
    /// One key.
    public struct Setting: Sendable {
        /// What the system makes of the key, and what becomes of it.
        public let rule: KeyRule
        /// What held.
        public let value: ConfigValue
        /// Where that stands; nil for a default.
        public let place: Place?
    }

    /// A line of a file.
    public struct Place: Sendable, Hashable {
        /// The file.
        public let file: FilePath
        /// From 1.
        public let line: Int
    }

    /// In the order of the rules.
    public let settings: [Setting]

    /// - Parameter releases: what is known of the release on the host; a key that none of them read has no default.
    public init(of translation: Translation, in dialect: Dialect, releases: ClosedRange<Release>? = nil) {
        let known = releases?.common(with: dialect.releases) ?? dialect.releases
        // What comes later in the documents counts, as it did.
        let rules = Dictionary(dialect.rules.map { ($0.source, $0) }) { first, _ in first }
        let said = Dictionary(translation.provenance.compactMap { Self.statement($0, rules) }) { _, last in last }
        settings = dialect.rules.compactMap { rule in
            if let (value, place) = said[rule.source] { return Setting(rule: rule, value: value, place: place) }
            guard let value = rule.absent, rule.releases.common(with: known) != nil else { return nil }
            return Setting(rule: rule, value: value, place: nil)
        }
    }

    /// What the system refused or read past did not hold; what is refused today held all the same.
    private static func statement(_ account: Provenance, _ rules: [LegacyKey: KeyRule]) -> (LegacyKey, (ConfigValue, Place?))? {
        guard let key = account.source, let value = account.before, account.fate != .unknown else { return nil }
        if account.fate == .refused {
            guard case .unsupported? = rules[key]?.fate.map(value, assets: .installed()) else { return nil }
        }
        let place = account.file.flatMap { file in account.range.map { Place(file: file, line: $0.start.line) } }
        return (key, (value, place))
    }

    /// What held for a key; nil when nothing did.
    public func value(_ key: LegacyKey) -> ConfigValue? { settings.first { $0.rule.source == key }?.value }
}
