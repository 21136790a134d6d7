// SPDX-License-Identifier: Apache-2.0

import Compat
import Testing

@Suite struct CommandLinePageTests {
    @Test func docsSayWhatTheTablesSay() throws {
        try expectPage("Command-Lines.md", is: LegacyCommandTable.markdown())
    }

    @Test func everyRowHasTheCellsOfItsTable() {
        var width = 0
        for line in LegacyCommandTable.markdown().split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                width = 0
                continue
            }
            let bars = line.count { $0 == "|" }
            if width == 0 { width = bars }
            #expect(bars == width, "\(line)")
        }
    }
}
