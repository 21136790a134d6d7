// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

/// Docs/Legacy-Keys.md: each key of each dialect and what becomes of it.
public enum LegacyKeyTable {
    /// The page as Markdown, ending with a line feed.
    public static func markdown(of dialects: [Dialect] = Registry.dialects) -> String {
        introduction + dialects.map(chapter).joined()
    }

    private static let introduction = """
        # Legacy keys

        Every key that a configuration of an old system could have, and what becomes of it. `kata-migrate explain KEY` says the same of one
        key at greater length; [Diagnostics.md](Diagnostics.md) explains the codes.

        *carried*: the value stays. *mapped*: some values change, as the last column says. *replaced*: a file of the old system gives way to
        ours. *dropped*: nothing takes its place. "Releases" is empty for a key of every release. "Default" is what the old system did
        without the key.

        This page is made from the rules in the program (`KATA_UPDATE_GOLDENS=1 swift test --filter LegacyKeyTests`), and a test compares
        them.

        """

    private static func chapter(_ dialect: Dialect) -> String {
        var text = "\n## \(dialect.title)\n\n`\(dialect.id)`, releases \(dialect.releases.title)."
        if !dialect.searchPaths.isEmpty {
            text += " Looked for at \(dialect.searchPaths.map { "`\($0)`" }.joined(separator: ", "))."
        }
        text += "\n"
        guard !dialect.rules.isEmpty else { return text }
        text += "\n| key | releases | type | default | fate | today | how and why |\n|---|---|---|---|---|---|---|\n"
        for rule in dialect.rules { text += row(rule, of: dialect) }
        return text
    }

    private static func row(_ rule: KeyRule, of dialect: Dialect) -> String {
        let codes = rule.fate.remarks.map(\.code).reduce(into: [DiagnosticCode]()) { if !$0.contains($1) { $0.append($1) } }
        let why: String
        if case .carried = rule.fate {
            why = ""
        } else {
            why = rule.fate.clauses.joined(separator: "; ") + (codes.isEmpty ? "" : " [\(codes.map(\.rawValue).joined(separator: ", "))]")
        }
        let cells = [
            "`\(rule.source)`", rule.span(within: dialect.releases) ?? "", rule.typeText,
            rule.absent.map { "`\($0.tomlText)`" } ?? "", rule.fate.verdict.rawValue, rule.fate.target.map { "`\($0)`" } ?? "", why,
        ]
        return "|" + cells.map { $0.isEmpty ? "" : " \(escaped($0)) " }.joined(separator: "|") + "|\n"
    }

    /// A bar would end a cell, whatever quotes it.
    private static func escaped(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
