// SPDX-License-Identifier: Apache-2.0

import KataConfig
import KataText
import Testing

@Suite struct GoldenTests {
    @Test func `there are cases to compare`() {
        #expect(GoldenCase.all.count >= 15)
    }

    @Test(arguments: GoldenCase.all)
    func `loading a case reports what is recorded`(_ golden: GoldenCase) throws {
        let outcome = golden.load()
        let text = render(outcome.result.diagnostics, sources: outcome.sources, as: .text, tool: "kata-runtime")
        try golden.expect(golden.relative(text), at: "diagnostics.txt")
    }

    @Test(arguments: GoldenCase.all)
    func `showing a case names the value and origin of each key as recorded`(_ golden: GoldenCase) throws {
        let resolved = golden.load().result.value
        try golden.expect((resolved?.shown(as: .toml)).map(golden.relative), at: "show.toml")
        try golden.expect((resolved?.shown(as: .json)).map(golden.relative), at: "show.json")
    }

    @Test(arguments: GoldenCase.all)
    func `what show prints configures the same when it is read again`(_ golden: GoldenCase) throws {
        guard let resolved = golden.load().result.value else { return }
        let again = resolve(resolved.shown(as: .toml))
        #expect(again.value?.configuration == resolved.configuration)
    }

    @Test(arguments: GoldenCase.all)
    func `every finding has the severity that its page documents`(_ golden: GoldenCase) {
        let pages = Dictionary(uniqueKeysWithValues: ConfigDiagnostics.pages.map { ($0.code, $0) })
        for finding in golden.load().result.diagnostics where finding.code.rawValue.hasPrefix("CFG") {
            #expect(pages[finding.code]?.severity == finding.severity, "\(finding.code)")
        }
    }

    @Test func `every code that has a page occurs in a case, save those that need an absent or foreign file`() {
        let seen = Set(GoldenCase.all.flatMap { $0.load().result.diagnostics.map(\.code) })
        let elsewhere: Set<DiagnosticCode> = ["CFG001", "CFG002", "CFG004"]
        #expect(ConfigDiagnostics.pages.map(\.code).filter { !seen.contains($0) && !elsewhere.contains($0) } == [])
    }

    @Test func `codes are unique and in order`() {
        let codes = ConfigDiagnostics.pages.map(\.code)
        #expect(codes == Set(codes).sorted())
    }
}
