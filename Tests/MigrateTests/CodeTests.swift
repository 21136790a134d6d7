// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

@Suite struct CodeTests {
    /// Codes are written where findings are made; each needs a page, and a page whose code nobody reports is a leftover.
    @Test func everyCodeThatIsReportedHasAPageAndTheOtherWayRound() throws {
        let report = Repository.root.appending("Sources/Migrate")
        var used: Set<String> = []
        for directory in ["Report", "Planning"] {
            for name in try FileSystem.list(report.appending(directory)) where !name.hasPrefix("MigrationCodes") {
                let text = String(decoding: try FileSystem.read(report.appending(directory).appending(name)), as: UTF8.self)
                used.formUnion(text.matches(of: /code: "([A-Z]{3}[0-9]{3})"/).map { String($0.1) })
            }
        }
        let pages = MigrationCodes.pages.map(\.code.rawValue)
        #expect(Set(pages) == used)
        #expect(Set(pages).count == pages.count)
        for page in MigrationCodes.pages {
            #expect(page.explanation.hasSuffix(".") && page.remedy.hasSuffix(".") && !page.title.hasSuffix("."), "\(page.code)")
        }
    }
}
