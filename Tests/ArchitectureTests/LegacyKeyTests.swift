// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@Suite struct LegacyKeyTests {
    @Test func docsSayWhatTheRulesSay() throws {
        let path = Repository.root.appending("Docs").appending("Legacy-Keys.md")
        let environment = Environment.variables()
        if environment["KATA_UPDATE_GOLDENS"] == "1", environment["CI"] == nil {
            try AtomicFile.write(Array(LegacyKeyTable.markdown().utf8), to: path, mode: 0o644)
            Issue.record("wrote \(path)")
            return
        }
        let written = String(decoding: try FileSystem.read(path), as: UTF8.self)
        #expect(written == LegacyKeyTable.markdown(), "Docs/Legacy-Keys.md is not what the rules say")
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
