// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Compat
internal import KataSystem
internal import KataText
internal import Migrate

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what a key of an old system did and what became of it, or what a code means.",
        discussion: """
            KEY is a name with its tables or without, a flag, or either behind a system and a colon: hypervisor.qemu.enable_swap, enable_swap, \
            cc3:default_vcpus, --default_memory. A name that several systems know is explained for each. KEY may also be the code of a finding.
            """)

    @OptionGroup var output: OutputOptions

    // A flag of an old program is a key too.
    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("A key, a flag or a code.", valueName: "key"))
    var keys: [String]

    func validate() throws {
        guard keys.count == 1 else { throw ValidationError("one key is explained at a time") }
    }

    func run() throws {
        let key = keys[0]
        if let page = allPages.first(where: { $0.code.rawValue == key.uppercased() }) {
            return try output.write(text: page.text, json: page.json)
        }
        let search = LegacyKeySearch(key)
        guard search.isSystemKnown else { throw DocumentError.unknownSystem(key, known: Registry.dialects.map(\.id.rawValue)) }
        let explanation = KeyExplanation(search)
        guard !explanation.isEmpty else { throw DocumentError.unknownKey(key, suggestion: explanation.suggestion) }
        try output.write(text: explanation.text, json: explanation.json)
    }
}
