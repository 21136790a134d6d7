// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataText
@testable import Migrate
import SystemPackage
import Testing

@Suite struct ExplainTests {
    @Test(arguments: Registry.dialects.flatMap { dialect in dialect.rules.map { (dialect.id, $0.source.description) } })
    func everyKeyOfEveryDialectIsExplainedByItsFullName(dialect: Dialect.ID, key: String) throws {
        let search = LegacyKeySearch("\(dialect):\(key)")
        #expect(search.matches.contains { $0.dialect.id == dialect && $0.rule.source.description == key })
        let text = KeyExplanation(search).text
        #expect(text.contains("verdict") && text.contains("releases"))
    }

    @Test func aBareNameMeansEveryTableThatHasIt() {
        let tables = LegacyKeySearch("cc3:enable_debug").matches.map(\.rule.source.table.last)
        #expect(Set(tables) == ["qemu", "cc", "runtime"] && tables.count == 4)
        #expect(LegacyKeySearch("cc3:runtime.enable_debug").matches.count == 1)
    }

    @Test(arguments: ["cc3", "clear-containers-3.0", "CC3", "clearcontainers3"])
    func aSystemIsNamedByTheStartOfItsNameOrItsInitials(name: String) {
        #expect(LegacyKeySearch("\(name):default_vcpus").matches.map(\.dialect.id) == [ClearContainersV3.id])
    }

    @Test func anUnknownSystemIsNoUnknownKey() {
        #expect(!LegacyKeySearch("windows:default_vcpus").isSystemKnown)
        #expect(LegacyKeySearch("cc3:defualt_vcpus").isSystemKnown)
    }

    @Test(arguments: [
        ("--default-memory", "default_memory"), ("Default_Memory", "default_memory"), ("hypervisor.QEMU.default_memory", "default_memory"),
    ])
    func dashesAndCaseMakeNoDifference(typed: String, name: String) {
        #expect(LegacyKeySearch(typed).matches.contains { $0.rule.source.name == name })
    }

    @Test(arguments: [
        ("cc3:defualt_vcpus", "default_vcpus"), ("hypervisor.qemu.enable_swop", "hypervisor.qemu.enable_swap"),
        ("--default_memroy", "default_memory"),
    ])
    func aNearMissIsSuggested(typed: String, meant: String) {
        let explanation = KeyExplanation(LegacyKeySearch(typed))
        #expect(explanation.isEmpty && explanation.suggestion == meant)
    }

    @Test func aKeyOfTodayIsExplainedToo() {
        let explanation = KeyExplanation(LegacyKeySearch("create_container_timeout"))
        #expect(!explanation.isEmpty && explanation.text.contains("create_container_timeout"))
    }

    /// `since` and `until` are said only where a release did not read the key.
    @Test func theSpanIsWhatTheRulesSay() throws {
        let url = try #require(LegacyKeySearch("proxy.cc.url").matches.first)
        #expect(url.rule.span(within: url.dialect.releases) == "until 3.0.9")
        let model = try #require(LegacyKeySearch("cc3:internetworking_model").matches.first)
        #expect(model.rule.span(within: model.dialect.releases) == "since 3.0.18")
        let path = try #require(LegacyKeySearch("cc3:hypervisor.qemu.path").matches.first)
        #expect(path.rule.span(within: path.dialect.releases) == nil)
    }

    @Test func theJSONIsOneDocument() {
        let text = KeyExplanation(LegacyKeySearch("enable_debug")).json
        let root = JSONDocument.parse(SourceText(path: "explain", text: text)).value?.root
        #expect(root?["keys"]?.array?.count == LegacyKeySearch("enable_debug").matches.count)
    }
}
