// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// Rules by the name of their key, as somebody types it: `hypervisor.qemu.enable_swap`, `enable_swap`, `cc3:default_vcpus`, `--default_memory`.
public struct LegacyKeySearch: Sendable {
    /// A key of one dialect.
    public struct Match: Sendable {
        /// Whose key it is.
        public let dialect: Dialect
        /// What becomes of it.
        public let rule: KeyRule
    }

    /// All keys that are meant, in the order of the registry; several systems share names.
    public let matches: [Match]
    /// Nil when something was found or nothing is near.
    public let suggestion: String?
    /// False when what stands before the colon is no dialect.
    public let isSystemKnown: Bool
    /// The name without system and dashes.
    public let name: String

    /// Looks the text up in all dialects, or in those named before a colon.
    public init(_ text: String, in dialects: [Dialect] = Registry.dialects) {
        let (system, key) = Self.split(text)
        let meant = system.map { system in dialects.filter { $0.isMeant(by: system) } } ?? dialects
        isSystemKnown = !meant.isEmpty
        name = key
        let wanted = Self.folded(key)
        let all = meant.flatMap { dialect in dialect.rules.map { Match(dialect: dialect, rule: $0) } }
        let exact = all.filter { Self.folded($0.rule.source.description) == wanted }
        // A dotted name says which table; a bare one means each key of that name.
        matches = exact.isEmpty ? all.filter { Self.folded($0.rule.source.name) == wanted } : exact
        let isDotted = key.contains(".")
        let candidates = all.lazy.map { isDotted ? $0.rule.source.description : Self.bare($0.rule.source.name) }
        suggestion = matches.isEmpty ? nearestName(to: isDotted ? key : Self.bare(key), in: candidates) : nil
    }

    /// A system's name holds no dot and no dash at its start; a value such as `a:b` is no key of any dialect.
    private static func split(_ text: String) -> (system: String?, key: String) {
        guard let colon = text.firstIndex(of: ":"), !text.hasPrefix("-") else { return (nil, bare(text)) }
        return (String(text[..<colon]), bare(String(text[text.index(after: colon)...])))
    }

    private static func bare(_ name: String) -> String { String(name.drop { $0 == "-" }) }

    private static func folded(_ name: String) -> String {
        bare(name).lowercased().split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
    }
}

extension Dialect {
    /// Whether `cc3`, `clear-containers`, `runv` or the whole name means this dialect: the start of its name, or of its initials and numbers.
    public func isMeant(by text: String) -> Bool {
        let wanted = text.lowercased().filter { $0.isLetter || $0.isNumber }
        guard !wanted.isEmpty else { return false }
        let parts = id.rawValue.lowercased().split { !$0.isLetter && !$0.isNumber }
        let initials = parts.map { $0.first?.isNumber == true ? String($0) : String($0.prefix(1)) }.joined()
        return parts.joined().hasPrefix(wanted) || (parts.count > 1 && initials.hasPrefix(wanted))
    }
}
