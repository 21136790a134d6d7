// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// The dialects of Kata are told apart by the keys that each of them reads past: most of their keys are the same.
enum KataFamily {
    /// Whether a document is of that dialect of Kata's; nil when it is not Kata's, or another dialect reads more of it.
    static func recognise(_ reading: RecognitionReading, as id: Dialect.ID) -> Recognition? {
        guard let root = reading.root, let sign = sign(of: root) else { return nil }
        let standings = reading.standings
        guard let own = standings.first(where: { $0.id == id }), let fewest = standings.map(\.strangers).min() else { return nil }
        let others = standings.filter { $0.id != id && $0.strangers <= own.strangers }
        guard own.strangers == fewest else {
            let reason = "\(own.strangers) of its keys and tables are not of this dialect, \(own.strangers - fewest) more than of another"
            return Recognition(dialect: id, confidence: .possible, reasons: [sign, reason], releases: own.releases)
        }
        let isNewest = own.id == standings.filter { $0.strangers == fewest }.last?.id
        let confidence: Recognition.Confidence = others.isEmpty ? .certain : isNewest ? .likely : .possible
        let reason =
            others.isEmpty ? "no other dialect of Kata's reads as many of its keys" : "it has no key that this dialect does not read"
        return Recognition(dialect: id, confidence: confidence, reasons: [sign, reason], releases: own.releases)
    }

    /// How much of a document one of the dialects reads.
    struct Standing {
        let id: Dialect.ID
        let strangers: Int
        let releases: ClosedRange<Release>
    }

    /// runtime-rs stands before the Go runtime of its own release, which is the likelier of the two for a file that both read whole.
    static func standings(of reading: RecognitionReading) -> [Standing] {
        let source = reading.source
        let inRust = RuntimeRS.parse(source, isTrial: true).partial
        let rust = Standing(
            id: RuntimeRS.id, strangers: inRust?.strangers ?? Int.max, releases: RuntimeRS.releases)
        let go = KataGo.generations.map { generation in
            let rules = KataGo.allTables[generation.id] ?? [:]
            let document = KataGo.parse(source, as: generation, rules: rules, isTrial: true).partial
            return Standing(
                id: generation.id, strangers: document?.strangers ?? Int.max,
                releases: document?.releases(of: generation) ?? generation.releases)
        }
        let isOfRust = source.path.components.contains { $0.string == "runtime-rs" }
        return isOfRust ? go + [rust] : [rust] + go
    }

    /// What shows that a document is Kata's; nil when nothing does, or when it holds what only Clear Containers had.
    private static func sign(of root: TOMLTable) -> String? {
        let clear = [["proxy", "cc"], ["shim", "cc"], ["agent", "cc"], ["agent", "hyperstart"]]
        guard !clear.contains(where: { root.value(at: $0)?.table != nil }) else { return nil }
        if root.value(at: ["agent", "kata"])?.table != nil { return "it has a table [agent.kata]" }
        let hypervisors = Set(RuntimeRS.hypervisors + KataGo.generations.flatMap(\.hypervisors))
        let named = root["hypervisor"]?.table?.keys.first { hypervisors.contains($0) }
        return named.map { "it has a table [hypervisor.\($0)]" }
    }
}
