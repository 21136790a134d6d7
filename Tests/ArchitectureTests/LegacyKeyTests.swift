// SPDX-License-Identifier: Apache-2.0

import Compat
import Testing

@Suite struct LegacyKeyTests {
    @Test func docsSayWhatTheRulesSay() throws {
        try expectPage("Legacy-Keys.md", is: LegacyKeyTable.markdown())
    }

    @Test func everyKeyOfEveryDialectHasARow() {
        let rows = LegacyKeyTable.markdown().split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count == Registry.dialects.reduce(0) { $0 + $1.rules.count })
        for dialect in Registry.dialects {
            for rule in dialect.rules { #expect(rows.contains { $0.hasPrefix("| `\(rule.source)` |") }, "\(dialect.id) \(rule.source)") }
        }
        for row in rows { #expect(row.count { $0 == "|" } - row.matches(of: /\\\|/).count == 8, "\(row)") }
    }
}
